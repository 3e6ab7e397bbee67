"""What depends on an applied inbound file: what later lines were decided in view of what it had done.

GO loads leave alone what an LMS told us, so none depends on an inbound file; nor does an outbound file, because the
next one tells the partner whatever holds then.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from django.db import connection as database

from interface.decision.codes import Code
from interface.inbound.befores import is_among
from interface.models import ElementBefore, InboundFile, InboundRecord, Replay, ReplayedRecord, Undo
from people.tenancy import check_scope

MOST_SHOWN: Final = 20
_WROTE: Final = ("I100", "I101", "I103", "W200", "W201")


class Dependant(NamedTuple):
    """One later line and why it stands in the way. ``line_number`` is None where the whole file does."""

    file: str
    line_number: int | None
    why: str

    def __str__(self) -> str:
        where = f"{self.file} line {self.line_number}" if self.line_number else self.file
        return f"{where}: {self.why}."


# Later answers, of files and of replays, to the references under which the file wrote something. Failures ask nothing.
# A file's lines are decided in the order of their keys; so are replays. What was undone depends on nothing any more.
# Written as a cross join, SQLite begins with the later lines, as it should, and not with every file of the connection.
_OF_REFERENCE: Final = """
    WITH wrote AS (
        SELECT source_reference FROM interface_inboundrecord WHERE file_id = %(file)s AND code IN %(wrote)s
    )
    SELECT f.name, l.line_number, l.code FROM interface_inboundrecord l
    CROSS JOIN interface_inboundfile f
    WHERE l.id > %(record)s AND f.id = l.file_id AND f.connection_id = %(connection)s AND l.file_id <> %(file)s
      AND l.code NOT LIKE 'E%%' AND l.source_reference IN (SELECT source_reference FROM wrote)
      AND NOT EXISTS (SELECT 1 FROM interface_undo u WHERE u.file_id = l.file_id)
    UNION ALL
    SELECT f.name, l.line_number, l.code FROM interface_replayedrecord l
    JOIN interface_replay r ON r.id = l.replay_id JOIN interface_inboundfile f ON f.id = l.file_id
    WHERE r.replayed_at > %(answered)s AND f.connection_id = %(connection)s AND l.file_id <> %(file)s
      AND l.code NOT LIKE 'E%%' AND l.source_reference IN (SELECT source_reference FROM wrote)
      AND NOT EXISTS (SELECT 1 FROM interface_undo u WHERE u.file_id = l.file_id)
    ORDER BY 1, 2 LIMIT %(most)s
"""

# The same of references that only a replay of the file wrote: later is what was answered after that replay.
_OF_REPLAYED: Final = """
    WITH wrote AS (
        SELECT w.source_reference AS reference, MIN(m.replayed_at) AS since FROM interface_replayedrecord w
        JOIN interface_replay m ON m.id = w.replay_id
        WHERE w.file_id = %(file)s AND w.code IN %(wrote)s GROUP BY w.source_reference
    )
    SELECT f.name, l.line_number, l.code FROM interface_inboundrecord l
    CROSS JOIN interface_inboundfile f JOIN wrote ON wrote.reference = l.source_reference
    WHERE l.id > %(record)s AND f.id = l.file_id AND f.connection_id = %(connection)s AND l.file_id <> %(file)s
      AND l.code NOT LIKE 'E%%' AND f.answered_at > wrote.since
      AND NOT EXISTS (SELECT 1 FROM interface_undo u WHERE u.file_id = l.file_id)
    UNION ALL
    SELECT f.name, l.line_number, l.code FROM interface_replayedrecord l
    JOIN interface_replay r ON r.id = l.replay_id JOIN interface_inboundfile f ON f.id = l.file_id
    JOIN wrote ON wrote.reference = l.source_reference
    WHERE r.replayed_at > wrote.since AND f.connection_id = %(connection)s AND l.file_id <> %(file)s
      AND l.code NOT LIKE 'E%%'
      AND NOT EXISTS (SELECT 1 FROM interface_undo u WHERE u.file_id = l.file_id)
    ORDER BY 1, 2 LIMIT %(most)s
"""

_OF_ELEMENT: Final = """
    SELECT f.name, o.element_id FROM interface_elementbefore b
    JOIN interface_elementbefore o
      ON o.organisation_id = b.organisation_id AND o.element_id = b.element_id AND o.id > b.id
    JOIN interface_inboundfile f ON f.id = o.file_id
    WHERE b.file_id = %(file)s AND o.file_id <> b.file_id
      AND NOT EXISTS (SELECT 1 FROM interface_undo u WHERE u.file_id = o.file_id)
    ORDER BY o.id LIMIT %(most)s
"""


def dependants(file: InboundFile, *, most: int = MOST_SHOWN) -> list[Dependant]:
    """Why the file cannot be undone before other things are: the first ``most`` reasons, none where it can."""
    check_scope(file.connection.organisation)
    found: list[Dependant] = []
    for source in (_by_reference, _by_element, _by_holding):
        for one in source(file, most):
            if len(found) == most:
                return found
            found.append(one)
    return found


def _by_reference(file: InboundFile, most: int) -> Iterator[Dependant]:
    last = file.lines.order_by("-line_number").values_list("pk", flat=True).first() or 0
    if not _is_followed(file, last):
        return
    values = {
        "file": file.pk,
        "connection": file.connection_id,
        "record": last,
        "answered": database.ops.adapt_datetimefield_value(file.answered_at),
        "most": most,
    }
    asked = [_OF_REFERENCE, _OF_REPLAYED] if file.replays.exists() else [_OF_REFERENCE]
    for sql in asked:
        for name, line, code in _rows(sql.replace("%(wrote)s", _listed(_WROTE)), values):
            yield Dependant(name, line, f"answered {code} in view of a reference that this file wrote")


def _is_followed(file: InboundFile, last: int) -> bool:
    """Whether anything was answered after it at all: of the newest file that is soon known."""
    later = InboundRecord.objects.order_by().filter(pk__gt=last).exclude(file=file)
    return later.exists() or Replay.objects.filter(replayed_at__gt=file.answered_at).exists()


def _by_element(file: InboundFile, most: int) -> Iterator[Dependant]:
    """Elements that the file added or changed and another file has changed since."""
    others = ElementBefore.objects.filter(organisation=file.organisation_id, file__undo__isnull=True)
    others = others.exclude(file=file).order_by("pk")
    for first, last in file.added or ():
        of_added = others.filter(element_id__range=(str(first), str(last)))
        for name, element_id in of_added.values_list("file__name", "element_id")[:most]:
            yield _changed(name, element_id)
    for name, element_id in _rows(_OF_ELEMENT, {"file": file.pk, "most": most}):
        yield _changed(name, element_id)


def _changed(name: str, element_id: str) -> Dependant:
    return Dependant(name, None, f"changed element {element_id}, which this file wrote before")


def _by_holding(file: InboundFile, most: int) -> Iterator[Dependant]:
    """Lines of any connection that were not added, because what this file added was held (W202)."""
    changed = frozenset(file.befores.values_list("element_id", flat=True))
    if not (file.added or changed):
        return
    first = file.lines.order_by("line_number").values_list("pk", flat=True).first() or 0
    already = {"organisation": file.organisation_id, "code": Code.ALREADY_HELD}
    answered = InboundRecord.objects.filter(pk__gt=first, **already)
    again = ReplayedRecord.objects.filter(replay__replayed_at__gt=file.answered_at, **already)
    # A join would let PostgreSQL take the files that are not undone for few, and read every line of each.
    undone = Undo.objects.order_by().values("file")
    for lines in (answered, again):
        rows = lines.exclude(file=file).exclude(file__in=undone).order_by("pk")
        values = rows.values_list("file__name", "line_number", "element_ids")
        for name, line, ids in values.iterator(chunk_size=2000):
            if any(one in changed or is_among(one, file.added or ()) for one in ids.split("|")):
                yield Dependant(name, line, "answered W202, because what this file added was held")


def _listed(codes: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{code}'" for code in codes) + ")"


def _rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with database.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
