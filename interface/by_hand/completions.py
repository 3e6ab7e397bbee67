"""Completions by hand: rows become lines of the wire and go the way of a file that an LMS sends, and no other.

The file is the connection's, of a kind and with numbers of its own: it never stands in the way of the LMS's. Its rows
stand on the lines that they had in the table. It is judged, decided and answered in the upload's own transaction, so
that no night ever meets it half done. The LMS does not know of it: what it adds goes out in the next changes file.
References are kept apart from the LMS's by what they begin with.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Final

from django.db.models import Max
from django.utils import timezone

from competencies.acceptance import EmptyPolicy
from interface.by_hand import storage
from interface.by_hand.answers import tell
from interface.by_hand.completion_rows import Converter, header_problems
from interface.by_hand.opening import opened
from interface.by_hand.rows import HeaderRefusedError, Progress, WrongRows
from interface.by_hand.sheets.row import Row, Sheet, refused
from interface.by_hand.tally import Tally
from interface.folders import Folders, archive_name, sync_folder
from interface.formats import names
from interface.formats.envelope import Header, write_header, write_trailer
from interface.formats.names import FileName
from interface.formats.text import Encoder
from interface.inbound.apply import apply_file
from interface.inbound.judge import judge
from interface.models import Connection, InboundFile, InboundKind, InboundState, Upload
from people.dates import london_today

PART: Final = "wire"


def take_completions(
    upload: Upload, sheet: Sheet, tally: Tally, wrong: WrongRows, progress: Progress, *, for_good: bool
) -> None:
    """Every row is decided and answered inside the caller's transaction; ``for_good`` the bytes are archived too.

    Raises HeaderRefusedError, and SheetRefusedError where the engine refuses the file.
    """
    if problems := header_problems(sheet.headers):
        raise HeaderRefusedError(problems)
    key, on = upload.connection_id, london_today()
    assert key is not None, "completions are uploaded for a connection"
    # One writer at a time of what the partner holds, and one number at a time.
    connections = Connection.objects.select_for_update(no_key=True, of=("self",))
    connection = connections.select_related("organisation").get(pk=key)
    path = storage.place(upload.token, PART)
    try:
        file = _received(upload, connection, path, _write(connection, path, sheet, on), on)
        _decide(file, path, progress, on)
        with opened(upload) as again:
            tell(file, again, tally, wrong)
        if for_good:
            _archive(file, path)
            upload.inbound_file = file
    finally:
        storage.forget(upload.token, PART)


def _write(connection: Connection, path: Path, sheet: Sheet, on: date) -> FileName:
    """The table as a file of the wire, each row on its own line; rows that cannot be lines are blank ones there."""
    numbers = InboundFile.objects.filter(connection=connection, kind=InboundKind.BY_HAND)
    number = (numbers.aggregate(last=Max("number"))["last"] or 0) + 1
    vpd, now = connection.organisation.vpd, timezone.now()
    name = names.build(
        InboundKind.BY_HAND, vpd=vpd, sub_type=connection.sub_type, business_date=on, number=number
    )
    encoder, lines = Encoder(connection.encoding), 2
    with storage.writing(path) as file:
        file.write(encoder.encode_line(write_header(Header(str(name), now, vpd, None, now))))
        at = 2
        for line, text in _lines(sheet.rows, Converter(sheet.headers, at=now)):
            file.write(b"\n" * (line - at))
            file.write(encoder.encode_line(text))
            at, lines = line + 1, lines + 1
        file.write(encoder.encode_line(write_trailer(lines)))
    return name


def _lines(rows: Iterable[Row], converter: Converter) -> Iterator[tuple[int, str]]:
    for row in rows:
        text = converter.line(row.values)
        if not row.problems and isinstance(text, str):
            yield row.line, text


def _received(upload: Upload, connection: Connection, path: Path, name: FileName, on: date) -> InboundFile:
    with path.open("rb") as reading:
        sha256 = hashlib.file_digest(reading, "sha256").hexdigest()
    return InboundFile.objects.create(
        organisation=connection.organisation,
        connection=connection,
        kind=InboundKind.BY_HAND,
        name=str(name),
        sha256=sha256,
        size=path.stat().st_size,
        received_at=timezone.now(),
        business_date=on,
        uploaded_by=upload.user.get_username(),
    )


def _decide(file: InboundFile, path: Path, progress: Progress, on: date) -> None:
    """Judged and decided as at night; answered, without a file for the LMS."""
    judge(file, on=on, path=path)
    if file.state != InboundState.ACCEPTED:
        raise refused(f"{file.code} {file.message}".strip())
    done = 0

    def further(lines: int) -> None:
        nonlocal done
        done += lines
        progress(done)

    apply_file(file, policy=EmptyPolicy(), progress=further, path=path)
    file.state, file.answered_at = InboundState.ANSWERED, timezone.now()
    file.save(update_fields=["state", "answered_at"])


def _archive(file: InboundFile, path: Path) -> None:
    """Before the commit: a crash leaves at most a file that no row of the ledger names."""
    folder = Folders.of(file.connection).archive_in
    target = folder / archive_name(file.name, file.sha256)
    part = target.with_name(f"{target.name}.part")
    shutil.copyfile(path, part)
    part.replace(target)
    sync_folder(folder)
