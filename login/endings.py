"""What ends a session besides its clock and its account: whoever knows of such a thing registers a question."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.contrib.auth.models import User

# Why a session of this account that began then is over, in words for its owner; None where it goes on.
Question = Callable[[User, dt.datetime], str | None]
_questions: list[Question] = []


def ask(question: Question) -> None:
    """Called once, when the app that knows is ready. It is asked at every request: it must cost nothing."""
    if question not in _questions:
        _questions.append(question)


def why_over(user: User, *, began: float) -> str | None:
    """The first reason that there is; ``began`` as the session keeps it."""
    moment = dt.datetime.fromtimestamp(began, dt.UTC)
    return next((why for question in _questions if (why := question(user, moment))), None)
