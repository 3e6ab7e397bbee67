"""The supplement to a confirmation: the answers to the replayed lines of one file (LCS, wire format §2)."""

from __future__ import annotations

from typing import Final

from django.utils import timezone

from interface.formats import confirmations, names
from interface.formats.confirmations import FileAnswer
from interface.formats.envelope import write_trailer
from interface.inbound.answer import header, write_record_answers
from interface.models import InboundFile, OutboundFile, OutboundKind, Replay
from interface.publishing import Draft

# Two digits tell a file's supplements apart.
MOST_SUPPLEMENTS: Final = 99


def draft_supplement(made: Replay, file: InboundFile) -> OutboundFile:
    """The supplement is rendered and its ledger row written, in the caller's transaction; publishing follows."""
    name = _name(made, file)
    with Draft(file.connection, name) as draft:
        draft.write(header(file, name))
        draft.write(confirmations.write_file_answer(_file_answer(made, file), draft.encoder))
        write_record_answers(draft, made.lines.all())
        draft.write(write_trailer(draft.lines + 1))
        return OutboundFile.objects.create(
            organisation_id=file.organisation_id,
            connection=file.connection,
            kind=OutboundKind.SUPPLEMENT,
            name=name,
            answers=file,
            business_date=made.business_date,
            sha256=draft.sha256,
            size=draft.size,
            records=draft.lines - 2,
            warnings=draft.warnings,
            reason=f"replay {made.ordinal} ({made.replayed_by})"[:200],
            created_at=timezone.now(),
        )


def supplement_of(made: Replay) -> OutboundFile | None:
    """The file that answered this replay."""
    supplements = OutboundFile.objects.filter(answers=made.file_id, kind=OutboundKind.SUPPLEMENT)
    return supplements.filter(name=_name(made, made.file)).first()


def _name(made: Replay, file: InboundFile) -> str:
    named = names.parse(file.name)
    assert named is not None, "an accepted file has a sound name"
    return str(names.supplement(named, made.ordinal))


def _file_answer(made: Replay, file: InboundFile) -> FileAnswer:
    """Of the replayed lines alone."""

    def counted(kinds: str) -> int:
        return sum(count for code, count in made.counts.items() if code[0] in kinds)

    return FileAnswer(
        file.name, confirmations.ACCEPTED, "", "", counted("IWE"), counted("IW"), counted("W"), counted("E")
    )
