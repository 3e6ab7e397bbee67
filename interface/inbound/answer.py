"""Answering: the confirmation of an applied file, the refusal of a refused one (wire format §5).

Rendered from stored outcomes, once. Delivered again, the same bytes get the same answer published again.
"""

from __future__ import annotations

from itertools import islice
from typing import Any, TypeAlias

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from interface.decision.codes import Code
from interface.formats import confirmations, moments, names
from interface.formats.confirmations import FileAnswer, fitted
from interface.formats.envelope import write_trailer
from interface.formats.names import FileName
from interface.formats.text import SEPARATOR, join
from interface.models import (
    InboundFile,
    InboundRecord,
    InboundState,
    OutboundFile,
    OutboundKind,
    ReplayedRecord,
)
from interface.publishing import Draft, publish_once_more

Outcomes: TypeAlias = QuerySet[InboundRecord] | QuerySet[ReplayedRecord]

_BLOCK = 5000
# Where the identity was not established, a Person ID of ours would tell the sender more than it sent.
_WITHOUT_PERSON = (Code.PERSON_NOT_FOUND, Code.IDENTITY_DISAGREES)


def answer(file: InboundFile) -> None:
    """The file's answer is rendered and its ledger row written; an applied file is answered from then on.

    Publishing follows (``publishing.publish_pending``), as often as it takes. Where another worker has answered
    meanwhile, nothing happens: an answer is rendered once.
    """
    with transaction.atomic():
        if InboundFile.objects.select_for_update().get(pk=file.pk).answered_at is None:
            _answer(file)


def _answer(file: InboundFile) -> None:
    is_refused = file.state == InboundState.REFUSED
    name = _name(file, is_refused=is_refused)
    earlier = OutboundFile.objects.filter(connection=file.connection, name=str(name)).first()
    if is_refused and earlier:
        _let_stand(earlier, file)
    else:
        _draft(file, name, is_refused=is_refused)
    file.answered_at, file.attempts = timezone.now(), 0
    if not is_refused:
        file.state = InboundState.ANSWERED
    file.save(update_fields=["answered_at", "state", "message", "attempts"])


def _draft(file: InboundFile, name: FileName, *, is_refused: bool) -> None:
    with Draft(file.connection, str(name)) as draft:
        _render(draft, file, str(name), is_refused=is_refused)
        OutboundFile.objects.create(
            organisation_id=file.organisation_id,
            connection=file.connection,
            kind=name.kind,
            name=str(name),
            answers=file,
            business_date=file.business_date,
            sha256=draft.sha256,
            size=draft.size,
            records=draft.lines - 2,
            warnings=draft.warnings,
            reason=file.code,
            created_at=timezone.now(),
        )


def _let_stand(earlier: OutboundFile, file: InboundFile) -> None:
    """Refused before for another reason: a published answer never changes, and its name holds no second one.

    The partner gets the same bytes again; the ledger tells the operator what is wrong with the file now.
    """
    file.message = fitted(f"Answered {earlier.reason} before, and that answer stands. Now: {file.message}")
    publish_once_more(earlier)


def stored_answer(file: InboundFile) -> OutboundFile | None:
    """The answer that these bytes were given, or None where there is none yet (held, or still being decided)."""
    kinds = (OutboundKind.CONFIRMATION, OutboundKind.REFUSAL)
    return OutboundFile.objects.filter(answers=file, kind__in=kinds).order_by("-id").first()


def _name(file: InboundFile, *, is_refused: bool) -> FileName:
    connection, named = file.connection, names.parse(file.name)
    if not is_refused:
        assert named is not None, "an accepted file has a sound name"
        return names.confirmation(named)
    return names.refusal(
        named,
        vpd=connection.organisation.vpd,
        sub_type=connection.sub_type,
        business_date=file.business_date,
        sha256=file.sha256,
    )


def _render(draft: Draft, file: InboundFile, name: str, *, is_refused: bool) -> None:
    draft.write(header(file, name))
    draft.write(confirmations.write_file_answer(_file_answer(file, is_refused=is_refused), draft.encoder))
    if not is_refused:
        write_record_answers(draft, InboundRecord.objects.filter(file=file))
    draft.write(write_trailer(draft.lines + 1))


def header(file: InboundFile, name: str) -> str:
    """Of an answer to this file. The inbound header's two run timestamps are repeated as they came."""
    created = moments.write_timestamp(timezone.now())
    vpd = file.connection.organisation.vpd
    return join(["HDR", name, created, vpd, file.previous_run, file.this_run, "01"])


def _file_answer(file: InboundFile, *, is_refused: bool) -> FileAnswer:
    if is_refused:
        return FileAnswer(file.name, confirmations.REFUSED, file.code, file.message, 0, 0, 0, 0)
    return FileAnswer(
        file.name, confirmations.ACCEPTED, "", "", file.records, file.succeeded, file.warned, file.failed
    )


def write_record_answers(draft: Draft, outcomes: Outcomes) -> None:
    """One LUC for each of these outcomes, in the order of the file's lines.

    The database puts the lines together; few need to be made value by value.
    """
    in_order, last = outcomes.order_by("line_number"), 0
    answers = in_order.annotate(answer=_ANSWER).values_list("answer", flat=True).iterator(chunk_size=_BLOCK)
    while lines := list(islice(answers, _BLOCK)):
        first, last = last, int(lines[-1].split(SEPARATOR, 2)[1])
        if not _are_plain(lines):
            lines = _made_by_value(in_order.filter(line_number__gt=first, line_number__lte=last), draft)
        draft.write_many(lines)


def _are_plain(lines: list[str]) -> bool:
    """Whether no value holds what has a meaning on the wire."""
    return all(map(str.isprintable, lines)) and sum(map(_separators, lines)) == _SEPARATORS * len(lines)


def _separators(line: str) -> int:
    return line.count(SEPARATOR)


def _made_by_value(block: Outcomes, draft: Draft) -> list[str]:
    """The same lines, whatever their values hold."""
    rows = block.values_list(
        "line_number", "source_reference", "code", "message", "person__person_id", "element_ids"
    )
    return [
        confirmations.write_record_answer(
            number,
            reference,
            code,
            message,
            person_id if person_id and code not in _WITHOUT_PERSON else "",
            (element_ids,) if element_ids else (),
            draft.encoder,
        )
        for number, reference, code, message, person_id, element_ids in rows
    ]


def _answer_expression() -> Concat:
    """A LUC line of a record, in the database's words."""
    severity = [
        When(code__startswith=letter, then=Value(columns))
        for letter, columns in confirmations.STATUS_COLUMNS.items()
    ]
    person = Case(
        When(Q(person__isnull=False) & ~Q(code__in=_WITHOUT_PERSON), then=F("person__person_id")),
        default=Value(""),
    )
    columns = [
        Cast("line_number", TextField()), F("source_reference"), Case(*severity), F("code"), F("message"), person,
        F("element_ids"),
    ]  # fmt: skip
    parts: list[Any] = [Value("LUC")]
    for column in columns:
        parts += [Value(SEPARATOR), column]
    return Concat(*parts, output_field=TextField())


_ANSWER = _answer_expression()
_SEPARATORS = confirmations.LUC.width - 1
