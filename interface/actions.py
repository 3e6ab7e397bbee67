"""Verbs on a connection itself, and on what its courses give."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from competencies.models import Competence
from interface.models import Connection, Direction, ExpiryRule, Mapping
from people.audit.actions import record, record_many
from people.audit.events import Event
from people.audit.states import state_of

logger = logging.getLogger(__name__)


class PauseRefusedError(ValueError):
    """Nothing was paused or resumed; the text says why."""


def want_full_file(connection: Connection, *, by: str) -> None:
    """The connection's next outbound file will be a full one."""
    before = connection.full_file_wanted
    connection.full_file_wanted = f"asked for by {by}"[:200]
    with transaction.atomic():
        connection.save(update_fields=["full_file_wanted"])
        record(
            verb="full file asked for",
            about=connection,
            before={"full_file_wanted": before},
            after={"full_file_wanted": connection.full_file_wanted},
            by=by,
        )


@transaction.atomic
def pause(connection: Connection, *, by: str, reason: str) -> None:
    """Nothing goes out on the connection, and what comes waits in In unread, until somebody resumes it.

    A night that is under way is ended first. Raises PauseRefusedError without a reason, or where it is paused already.
    """
    reason = _said(reason)
    paused = Connection.objects.filter(pk=connection.pk, paused_at__isnull=True)
    if not paused.update(paused_at=timezone.now(), paused_by=by, pause_reason=reason):
        raise PauseRefusedError(f"{connection} is paused already.")
    connection.refresh_from_db(fields=_PAUSE)
    record(verb="paused", about=connection, reason=reason, by=by)
    logger.info("%s was paused by %s: %s", connection, by, reason)


@transaction.atomic
def resume(connection: Connection, *, by: str, reason: str) -> None:
    """The connection exchanges files again, from the next night on: what waited is taken in, what changed is sent.

    Raises PauseRefusedError without a reason, or where it is not paused.
    """
    reason = _said(reason)
    paused = Connection.objects.filter(pk=connection.pk, paused_at__isnull=False)
    if not paused.update(paused_at=None, paused_by="", pause_reason=""):
        raise PauseRefusedError(f"{connection} is not paused.")
    connection.refresh_from_db(fields=_PAUSE)
    record(verb="resumed", about=connection, reason=reason, by=by)
    logger.info("%s was resumed by %s: %s", connection, by, reason)


_PAUSE = ["paused_at", "paused_by", "pause_reason"]


def _said(reason: str) -> str:
    if not reason.strip():
        raise PauseRefusedError("Say why.")
    return reason.strip()[:200]


# --- Mapping ----------------------------------------------------------------------------------------


class MappingRefusedError(ValueError):
    """Nothing was mapped; the text says why."""


def map_course(
    connection: Connection,
    *,
    course_code: str,
    course_version: str = "",
    competences: Iterable[Competence],
    direction: str = Direction.BOTH,
    expiry: str = ExpiryRule.RENEWAL,
    by: str,
) -> list[Mapping]:
    """The course (of one version, or of any) gives these competences from now on, beside those that it gave already.

    What it is mapped to already stays as it is. All or nothing. Raises MappingRefusedError where nothing is left to do
    or a value is not to be had.
    """
    with transaction.atomic():
        already = connection.mappings.filter(course_code=course_code, course_version=course_version)
        known = set(already.values_list("competence_id", flat=True))
        made = [
            Mapping(
                organisation_id=connection.organisation_id,
                connection=connection,
                course_code=course_code,
                course_version=course_version,
                competence=competence,
                direction=direction,
                expiry=expiry,
            )
            for competence in competences
            if competence.pk not in known
        ]
        if not made:
            raise MappingRefusedError(f"{course_code} is mapped to these competences already.")
        for row in made:
            _save(row)
        record_many(Event.about(row, "mapped", after=state_of(row), by=by) for row in made)
    return made


def _save(row: Mapping) -> None:
    try:
        row.full_clean()
    except ValidationError as wrong:
        raise MappingRefusedError(" ".join(wrong.messages)) from wrong
    row.save()
