"""What an operator does on the demo's morning, so that the ledgers of mending have rows to show."""

from __future__ import annotations

from competencies.models import Competence
from interface.actions import map_course
from interface.models import InboundFile, OpenFailure
from interface.recovery.actions import replay, undo
from people.dates import london_today


def replayed_and_undone() -> None:
    """A course is mapped and its records decided again; the last file that nothing depends on is undone."""
    waits = OpenFailure.objects.filter(code="E320", course_code="COOKERY").select_related("connection")
    failure = waits.get(organisation__vpd="901")
    competence = Competence.objects.cstf().in_force(on=london_today())[0]
    map_course(
        failure.connection, course_code=failure.course_code, competences=[competence], by="an operator"
    )
    assert replay(
        failure.connection, failures=waits.filter(pk=failure.pk), on=london_today(), by="an operator"
    )
    second = InboundFile.objects.filter(state="answered", number=2, connection=failure.connection)[0]
    undo(second, by="an operator", reason="Sent by mistake.")
