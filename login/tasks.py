"""What the queue starts for the log-in."""

from __future__ import annotations

from login import mail
from login.actions import clear_away


def clear_away_tonight() -> str:
    """The nightly clearing; the sentence is what the queue keeps of it."""
    sessions, codes = clear_away()
    return f"{sessions} sessions and {codes} used codes cleared away"


def send_sealed(sealed: str) -> None:
    """A message that somebody asked for."""
    mail.send(sealed)
