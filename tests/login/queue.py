"""The queue, worked off where a test stands."""

from __future__ import annotations

from django.utils.module_loading import import_string


def work_off() -> list[str]:
    """Every task that waits is done; what they were given, as the database kept it."""
    from django_q.models import OrmQ

    given = []
    for waiting in OrmQ.objects.order_by("pk"):
        task = waiting.task
        import_string(task["func"])(*task["args"])
        given.append(repr(task["args"]))
        waiting.delete()
    return given
