"""Whose looking at a person's record is written down: those who see many records without keeping any.

Which roles these are is not known down here: whoever knows registers a question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.db import transaction
from django.db.models import Model

from people.audit.actions import record, record_many
from people.audit.events import Event, organisation_of
from people.privacy import Privacy

# Whether views by this account of records of this organisation are to be written down.
Question = Callable[[Any, int], bool]
VIEWED: Final = "viewed"
_questions: list[Question] = []


def watch(question: Question) -> None:
    """Called once, when the app that knows is ready."""
    if question not in _questions:
        _questions.append(question)


def note_view(row: Model, user: Any) -> None:
    """That the record was shown to this account stands in the audit, where the account's views do."""
    if is_personal(type(row)) and is_watched(user, organisation_of(row)):
        with transaction.atomic():
            record(verb=VIEWED, about=row)


def note_views(rows: Iterable[Model], user: Any) -> None:
    """As ``note_view``, of all the records on one page at once; of an organisation is asked once."""
    personal = [row for row in rows if is_personal(type(row))]
    watches = {one: is_watched(user, one) for one in {organisation_of(row) for row in personal}}
    watched = [row for row in personal if watches[organisation_of(row)]]
    if watched:
        with transaction.atomic():
            record_many(Event.about(row, VIEWED) for row in watched)


def is_watched(user: Any, organisation_id: int) -> bool:
    """The superuser always is: who installs needs no person's record."""
    return bool(user.is_superuser) or any(question(user, organisation_id) for question in _questions)


def is_personal(model: type[Model]) -> bool:
    """Whether its rows tell about a person, by their own classification."""
    privacy: Mapping[str, Privacy] = getattr(model, "privacy", {})
    return any(kind is not Privacy.TECHNICAL for kind in privacy.values())
