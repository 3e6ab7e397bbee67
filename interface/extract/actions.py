"""The verb that loads a GO file: whole, or not at all."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from django.db import transaction

from competencies.models import CompetencyElement
from interface.extract import keeping
from interface.extract.assignments import AssignmentLoader
from interface.extract.competences import CompetenceLoader
from interface.extract.definitions import Definitions
from interface.extract.elements import ElementLoader
from interface.extract.foresight import look, sampled
from interface.extract.guard import Affected, reasons
from interface.extract.holding import (
    Given,
    being_loaded,
    earlier,
    loaded,
    next_in_line,
    refuse_dismissed,
    tell_why_not,
    wait,
    wait_behind,
)
from interface.extract.load import Load, Loader, readable
from interface.extract.persons import PersonLoader
from interface.extract.places import Places, PositionLoader, UnitLoader
from interface.extract.report import ExtractHeldError, ExtractRefusedError, ExtractReport, Outcome
from interface.extract.source import Line, SoundExtract, check
from interface.formats.envelope import Header
from interface.formats.go import Row
from interface.models import ExtractHold, HoldState
from people.audit.context import Channel, acting, current
from people.audit.events import Event
from people.bulk import refresh_statistics
from people.dates import london_date
from people.models import Assignment, AssignmentVersion, Organisation, Person, PersonVersion
from people.tenancy import everywhere, within

Progress = Callable[[int, int], None]

logger = logging.getLogger(__name__)

# A load that adds as many rows as this has changed what the query planner should know.
_LARGE: Final = 1000

_LOADED: Final = frozenset(
    UnitLoader.record_types
    + PositionLoader.record_types
    + CompetenceLoader.record_types
    + PersonLoader.record_types
    + AssignmentLoader.record_types
    + ElementLoader.record_types
)


def load_extract(
    path: Path,
    *,
    by: str,
    encoding: str = "iso-8859-1",
    accept_mass_change: bool = False,
    reason: str = "",
    name: str = "",
    only: str = "",
    progress: Progress | None = None,
) -> ExtractReport:
    """The organisation named in the file's header holds what the file says, wherever that is not older.

    Everything is written in one transaction: a load that is refused or killed leaves no trace, and one that is
    repeated changes nothing. Raises ExtractRefusedError with the reason where the file is not a sound GO file,
    its organisation is not known, or a person has dismissed it; and ExtractHeldError where it changes or deletes so
    many people at once that it looks like an accident (P12), or has to wait for one that does: it is kept then, and a
    person decides. ``accept_mass_change`` is the person's (``by``) yes to that, with their ``reason``. ``name`` is
    what the file was called, where that is not its path's; ``only``: the SHA-256 of the bytes that are meant, no
    others. ``progress`` is called with the lines done and all lines.
    """
    name = name or path.name
    try:
        with path.open("rb") as file, acting(by=by, channel=Channel.UPLOAD, key=name, reason=reason):
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            if only not in ("", digest):
                raise ExtractRefusedError("it is not the file that was held: its bytes are others")
            file.seek(0)
            extract = check(file, encoding=encoding)
            given = Given(path, name, digest, path.stat().st_size, encoding)
            done = _load(extract, given, progress, accepted=accept_mass_change)
    except OSError as problem:
        raise ExtractRefusedError(problem.strerror or "cannot be read") from problem
    if isinstance(done, ExtractHold):
        raise ExtractHeldError(_why_held(done), done.pk)
    load_next(done.vpd)
    return done


def load_next(vpd: str) -> None:
    """What waits behind files that are settled is tried, one after the other, until one has to wait for a person."""
    with everywhere("a held load says itself whose it is"):
        hold = next_in_line(vpd)
    if hold is None:
        return
    try:
        load_extract(
            keeping.place(hold.organisation_id, hold.sha256),
            by=hold.held_by,
            encoding=hold.encoding,
            name=hold.file_name,
            only=hold.sha256,
        )  # and what waits behind this one
    except ExtractHeldError:
        return
    except ExtractRefusedError as refused:
        with within(hold.organisation_id):
            tell_why_not(hold, str(refused))


def _load(
    extract: SoundExtract, given: Given, progress: Progress | None, *, accepted: bool
) -> ExtractReport | ExtractHold:
    with transaction.atomic():
        organisation = _locked_organisation(extract.header)
        with within(organisation):
            if not accepted and (held := _in_line(extract, given, organisation)):
                return held
            created = extract.header.created
            load = Load(organisation, created, london_date(created))
            if held := _attempt(extract, given, load, progress, accepted=accepted):
                return held
            return _done(extract, given, load, accepted=accepted)


def _in_line(extract: SoundExtract, given: Given, organisation: Organisation) -> ExtractHold | None:
    """The hold under which the file waits already, or has to wait for another; None where it is its turn."""
    refuse_dismissed(given)
    if held := being_loaded(given):
        return held
    return wait_behind(extract, given, organisation) if earlier(extract, given) else None


def _done(extract: SoundExtract, given: Given, load: Load, *, accepted: bool) -> ExtractReport:
    """What was loaded is told: in the report, in the audit, and to those that waited for it."""
    if accepted:
        by = current().by
        logger.warning("%s: loaded without the guard against mass changes, accepted by %s", given.name, by)
    if sum(one[Outcome.ADDED] for one in load.tally.counts.values()) >= _LARGE:
        refresh_statistics(Person, PersonVersion, Assignment, AssignmentVersion, CompetencyElement)
    report = _report(extract, given.name, load)
    load.trail.add(_loaded(report, load, given.sha256, accept_mass_change=accepted))
    load.trail.write()
    loaded(extract, given)
    return report


def _attempt(
    extract: SoundExtract, given: Given, load: Load, progress: Progress | None, *, accepted: bool
) -> ExtractHold | None:
    """Everything is loaded; or, where it touches too many people, all of it is taken back and the file is held."""
    with transaction.atomic():
        load.know_persons()
        _run(extract, load, progress)
        affected = Affected.of(load)
        if accepted or not affected.reasons():
            return None
        after = look(sampled(affected), on=load.business_date)
        transaction.set_rollback(True)
    before = look(sampled(affected), on=load.business_date)
    return wait(extract, given, load, affected, (before, after))


def _why_held(hold: ExtractHold) -> str:
    if hold.state == HoldState.BEHIND:
        return f"it waits behind one that was held before it (as held load {hold.pk})"
    if hold.state == HoldState.LOADING:
        return f"it is being loaded, because {hold.decided_by} said yes (as held load {hold.pk})"
    why = "; ".join(reasons(hold.population, changed=hold.changed, deleted=hold.deleted))
    return (
        f"{why}. It waits for a person, as held load {hold.pk}: in the console, or held_loads --accept {hold.pk} "
        "(read again with --accept-mass-change it is loaded too)"
    )


def _loaded(report: ExtractReport, load: Load, digest: str, *, accept_mass_change: bool) -> Event:
    """The load's own event, which vouches for the rows that are new."""
    counts = {kind: dict(outcomes) for kind, outcomes in sorted(report.counts.items())}
    told = {"file": report.file, "sha256": digest, "lines": report.lines, "counts": counts}
    accepted = {"mass_change_accepted": True} if accept_mass_change else {}
    return Event.about(load.organisation, "staff record loaded", after={**told, **accepted})


def _locked_organisation(header: Header) -> Organisation:
    """Two files of one organisation are loaded one after the other; others are not in each other's way."""
    rows = Organisation.objects.select_for_update(no_key=True)
    with everywhere("the file's header says whose it is"):
        organisation = rows.filter(vpd=header.vpd).first()
    if organisation is None:
        # The header may hold anything: shown short, and with nothing that a terminal would obey.
        raise ExtractRefusedError(
            f"VPD {header.vpd[:10]!a} is no organisation here: add it first (load_setup)"
        )
    return organisation


def _run(extract: SoundExtract, load: Load, progress: Progress | None) -> None:
    """One pass for each kind of record, those first that others refer to."""
    total, done = extract.by_type.total(), 0
    for record_types, loader in _passes(extract, load):
        for lines in extract.batches(record_types):
            loader.take(readable(load, lines))
            done += len(lines)
            if progress is not None:
                progress(done, total)


def _passes(extract: SoundExtract, load: Load) -> Iterator[tuple[Collection[str], Loader]]:
    # Made one after the other: each starts from what the one before has written.
    places = Places(load)
    yield UnitLoader.record_types, UnitLoader(load, places)
    yield PositionLoader.record_types, PositionLoader(load, places)
    definitions = Definitions(load.organisation)
    if any(extract.by_type[one] for one in CompetenceLoader.record_types):
        yield CompetenceLoader.record_types, CompetenceLoader(load, definitions)
    yield PersonLoader.record_types, PersonLoader(load)
    yield AssignmentLoader.record_types, AssignmentLoader(load, places)
    yield ElementLoader.record_types, ElementLoader(load, definitions)
    yield extract.by_type.keys() - _LOADED, _Skipper(load)


class _Skipper:
    """For records that this product has no table for (LCA, LCD) and those that it knows nothing of."""

    def __init__(self, load: Load) -> None:
        self._load = load

    def take(self, lines: Sequence[tuple[Line, Row]]) -> None:
        """As Loader.take."""
        for line, _ in lines:
            self._load.tally.count(line.record_type, Outcome.SKIPPED)


def _report(extract: SoundExtract, name: str, load: Load) -> ExtractReport:
    return ExtractReport(
        file=name,
        vpd=load.organisation.vpd,
        organisation=load.organisation.name,
        created=load.created,
        lines=extract.by_type.total(),
        counts=dict(load.tally.counts),
        findings=load.tally.findings,
        faults=load.tally.faults,
    )
