"""Ledgers that were written before get their open failures; the seven lines of "who to turn to" are there to edit.

Files that were applied before did not keep the values before them: they cannot be undone, and say so.
"""

from typing import Any

from django.db import migrations

from interface.formats.completions import Completion, read
from people.tenancy import everywhere

MENDABLE = ("E310", "E311", "E312", "E320", "E321", "E322", "E323")
_BLOCK = 2000

ADVICE = [
    (
        1, "Data to or from the LMS is incomplete, incorrect or not transferring", "Service desk",
        "Give the VPD, the connection, the file's name and the line numbers.",
        ["E312", "F01", "F02", "F03", "F04", "F05", "F06", "F07", "F08", "F10"],
    ),
    (
        2, "Log-in, and a new interface", "Service desk",
        "Give the VPD, the LMS and its supplier, and the go-live date that is wanted.", ["F09"],
    ),
    (
        3, "The competency profile of a person or a position", "Functional Account Manager (FAM)",
        "Give the person ID or the position, and the competence.", ["E323", "W201"],
    ),
    (
        4, "Setting up competences and learning", "Functional Account Manager (FAM), or the how-to guides",
        "Map the course, or have the competence set up, then replay the records that failed for it.",
        ["E320", "E321", "E322"],
    ),
    (
        5, "The same information several times, or wrong or missing for one person", "LMS supplier",
        "Give the source reference, the file's name and the line number.",
        [
            "E300", "E301", "E302", "E303", "E310", "E311", "E330", "E331", "I102", "W200", "W202", "W203", "W204",
        ],
    ),
    (6, "An Inter Authority Transfer went wrong", "Help desk", "Give both VPDs and the person ID.", []),
    (7, "The roll-out of the interface", "Interface projects team", "Give the VPD and the planned dates.", []),
]  # fmt: skip


def fill(apps: Any, schema_editor: Any) -> None:
    """Both of them, for what is there already."""
    advice = apps.get_model("interface", "Advice")
    advice.objects.bulk_create(
        advice(position=position, trouble=trouble, turn_to=turn_to, text=text, codes=codes)
        for position, trouble, turn_to, text, codes in ADVICE
    )
    with everywhere("a migration serves every organisation"):
        apps.get_model("interface", "InboundFile").objects.exclude(next_line=2).update(added=None)
        _fill_failures(apps)


def _fill_failures(apps: Any) -> None:
    failure, record = (apps.get_model("interface", name) for name in ("OpenFailure", "InboundRecord"))
    connections = dict(apps.get_model("interface", "InboundFile").objects.values_list("pk", "connection_id"))
    rows = record.objects.filter(code__in=MENDABLE).order_by("pk")
    found = [
        failure(
            organisation_id=row.organisation_id, connection_id=connections[row.file_id], file_id=row.file_id,
            line_number=row.line_number, code=row.code, person_id=row.person_id, **_course(row.raw),
        )
        for row in rows.iterator(chunk_size=_BLOCK)
    ]  # fmt: skip
    failure.objects.bulk_create(found, batch_size=_BLOCK)


def _course(raw: str) -> dict[str, str]:
    line = read(raw)
    if not isinstance(line, Completion) or line.competence_id or line.competence_name:
        return {}
    return {"course_code": line.course_code, "course_version": line.course_version}


def empty(apps: Any, schema_editor: Any) -> None:
    """Back again: nothing else is lost."""
    for name in ("Advice", "OpenFailure"):
        with everywhere("a migration serves every organisation"):
            apps.get_model("interface", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("interface", "0003_failures_replay_undo_calendar")]

    operations = [migrations.RunPython(fill, empty)]
