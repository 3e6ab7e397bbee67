"""The verb that loads a GO file: whole, or not at all."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

from competencies.models import CompetencyElement
from interface.extract.assignments import AssignmentLoader
from interface.extract.competences import CompetenceLoader
from interface.extract.definitions import Definitions
from interface.extract.elements import ElementLoader
from interface.extract.load import Load, Loader, readable
from interface.extract.persons import PersonLoader
from interface.extract.places import Places, PositionLoader, UnitLoader
from interface.extract.report import ExtractRefusedError, ExtractReport, Outcome
from interface.extract.rules import exceeds
from interface.extract.source import Line, SoundExtract, check
from interface.formats.envelope import Header
from interface.formats.go import Row
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
    progress: Progress | None = None,
) -> ExtractReport:
    """The organisation named in the file's header holds what the file says, wherever that is not older.

    Everything is written in one transaction: a load that is refused or killed leaves no trace, and one that is
    repeated changes nothing. Raises ExtractRefusedError with the reason where the file is not a sound GO file,
    its organisation is not known, or it changes or deletes so many people at once that it looks like an accident
    (P12); ``accept_mass_change`` is the person's (``by``) yes to that. ``progress`` is called with the lines done
    and all lines.
    """
    try:
        with path.open("rb") as file, acting(by=by, channel=Channel.UPLOAD, key=path.name):
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            return _load(check(file, encoding=encoding), path.name, digest, accept_mass_change, progress)
    except OSError as problem:
        raise ExtractRefusedError(problem.strerror or "cannot be read") from problem


def _load(
    extract: SoundExtract, name: str, digest: str, accept_mass_change: bool, progress: Progress | None
) -> ExtractReport:
    with transaction.atomic():
        organisation = _locked_organisation(extract.header)
        created = extract.header.created
        load = Load(organisation, created, london_date(created))
        with within(organisation):
            load.know_persons()
            _run(extract, load, progress)
        if not accept_mass_change:
            _guard(load)
        else:
            by = current().by
            logger.warning("%s: loaded without the guard against mass changes, accepted by %s", name, by)
        if sum(one[Outcome.ADDED] for one in load.tally.counts.values()) >= _LARGE:
            refresh_statistics(Person, PersonVersion, Assignment, AssignmentVersion, CompetencyElement)
        report = _report(extract, name, load)
        load.trail.add(_loaded(report, load, digest, accept_mass_change=accept_mass_change))
        load.trail.write()
    return report


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


def _guard(load: Load) -> None:
    """Raise ExtractRefusedError where so many persons are affected that a person must say yes first."""
    deleted = load.deleted
    changed = (load.changed & load.present_before) - deleted
    before = len(load.present_before)
    reasons = [
        f"it {verb} {len(affected)} of {before} people, and more than {share:.0%} look like an accident"
        for verb, affected, share in (
            ("deletes", deleted, settings.GUARD_DELETED_SHARE),
            ("changes", changed, settings.GUARD_CHANGED_SHARE),
        )
        if exceeds(len(affected), before, share=share, minimum=settings.GUARD_MINIMUM_PEOPLE)
    ]
    if reasons:
        raise ExtractRefusedError(f"{'; '.join(reasons)} (if it is right: --accept-mass-change)")


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
