"""Date-effective rows: every version is kept, and one of the same start is replaced only by one not older."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models

from interface.extract.keys import any_key
from interface.extract.report import Outcome
from interface.extract.rules import Content, compare
from interface.extract.trail import Trail, apart
from people.bulk import insert_rows, update_rows
from people.models import Assignment, AssignmentVersion, Organisation, Person, PersonVersion


@dataclass(slots=True)
class Version:
    """One version as it will be stored; ``pk`` is None while it is not."""

    pk: int | None
    content: Content
    last_update: datetime | None
    differs: bool = False
    before: Content | None = None

    def note_before(self) -> None:
        """What is stored, last update first: once, before anything is put in its place."""
        if self.before is None and self.pk is not None:
            self.before = (self.last_update, *self.content)


class Versions:
    """The versions of one batch's owners: what is held, then what the lines make of it.

    ``owner`` is the field that names whose versions they are, ``fields`` what a version says.
    """

    def __init__(
        self, model: type[PersonVersion | AssignmentVersion], *, owner: str, fields: Sequence[str]
    ) -> None:
        self._model: type[models.Model] = model
        self._rows = model.objects
        self._owner_model = Person if model is PersonVersion else Assignment
        self._owner = owner
        self._fields = tuple(fields)
        self._held: dict[tuple[int, date], Version] = {}
        self._newest: dict[int, datetime] = {}

    def hold(self, owners: Collection[int]) -> None:
        """Load the versions of these owners in place of those of the batch before: one query."""
        names = ("pk", self._owner, "effective_start", "last_update", *self._fields)
        held = self._rows.filter(**{f"{self._owner}__in": any_key(owners)}).order_by()
        rows: Iterable[tuple[Any, ...]] = held.values_list(*names)
        self._held.clear()
        self._newest.clear()
        for pk, owner, start, last_update, *content in rows:
            self._held[owner, start] = Version(pk, tuple(content), last_update)
            self._note(owner, last_update)

    def newest(self, owner: int) -> datetime | None:
        """When the owner's record was last updated, by its versions."""
        return self._newest.get(owner)

    def take(self, owner: int, start: date, content: Content, last_update: datetime) -> Outcome:
        """Put a version beside those held, or in the place of the one with its start, unless it is older."""
        self._note(owner, last_update)
        held = self._held.get((owner, start))
        if held is None:
            self._held[owner, start] = Version(None, content, last_update, differs=True)
            return Outcome.ADDED
        outcome = compare(held.content, held.last_update, content, last_update)
        held.note_before()
        if outcome is Outcome.AMENDED:
            held.content = content
        # The same content seen again later outlives what was written in between, so the later moment is kept.
        is_newer = held.last_update is None or last_update > held.last_update
        if outcome is Outcome.AMENDED or is_newer:
            held.last_update, held.differs = last_update, True
        return outcome

    def write(self, organisation: Organisation, trail: Trail, names: Mapping[int, str]) -> None:
        """Store what differs, and touch nothing else. ``names``: the owners' IDs in the staff record."""
        new: list[Content] = []
        old: list[Content] = []
        for (owner, start), one in self._held.items():
            if one.differs and one.pk is None:
                new.append((organisation.pk, owner, start, one.last_update, *one.content))
            elif one.differs:
                old.append((one.last_update, *one.content, organisation.pk, one.pk))
                self._tell(trail, owner, names.get(owner, ""), start, one)
        changing = ("last_update", *self._fields)
        insert_rows(self._model, ("organisation", self._owner, "effective_start", *changing), new)
        update_rows(self._model, ("organisation", "id"), changing, old)

    def _tell(self, trail: Trail, owner: int, name: str, start: date, one: Version) -> None:
        """In the audit a version is told of with its owner, whose history it belongs to."""
        assert one.before is not None, "it was held"
        before, after = apart(("last_update", *self._fields), one.before, (one.last_update, *one.content))
        whose = {"version_from": start}
        trail.change(self._owner_model, owner, name, {**whose, **before}, {**whose, **after})

    def _note(self, owner: int, last_update: datetime | None) -> None:
        if last_update is not None:
            self._newest[owner] = max(last_update, self._newest.get(owner, last_update))
