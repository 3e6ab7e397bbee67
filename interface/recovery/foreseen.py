"""What looking ahead at a large file in the background found of people, kept for the page that shows it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone

from interface.models import ForeseenChange, InboundFile
from interface.questions.changes import ElementState, PersonChange


@transaction.atomic
def foresee(file: InboundFile, people: Iterable[PersonChange]) -> None:
    """These changes stand in the place of what was foreseen of the file before."""
    file.foreseen.all().delete()
    now = timezone.now()
    ForeseenChange.objects.bulk_create(
        (
            ForeseenChange(
                organisation_id=file.organisation_id,
                file=file,
                place=place,
                person=change.person,
                before=_pairs(change.before),
                after=_pairs(change.after),
                foreseen_at=now,
            )
            for place, change in enumerate(people, 1)
        ),
        batch_size=500,
    )


def _pairs(elements: Iterable[ElementState]) -> list[list[str]]:
    return [
        [one.competence, f"{_day(one.date_from) or 'no date'} – {_day(one.date_to) or 'no end'}"]
        for one in elements
    ]


def _day(value: date | None) -> str:
    return f"{value.day} {value:%b %Y}" if value else ""
