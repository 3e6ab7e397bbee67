"""`manage.py schedules`: registers what the queue starts by itself. Run after a change of NIGHTLY_TIME."""

from typing import Any

from django.core.management.base import BaseCommand

from cstf_site.schedules import LONDON, ensure_schedules


class Command(BaseCommand):
    help = "Registers the nightly jobs with the task queue; doing it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        for schedule in ensure_schedules():
            due = schedule.next_run.astimezone(LONDON)
            self.stdout.write(f"{schedule.name}: next on {due:%a %d %b %Y at %H:%M} London time")
