"""How long a session may last: a pure reckoning of two limits, so that server and warning cannot disagree.

*Idle*: so long without a request. *Absolute*: so long since the log-in, whatever happened in between. Times are
seconds since the epoch, as the session keeps them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# How exactly "the last request" is kept. Writing it at every request would make every page a writer.
EXACT_TO_SECONDS = 30


class Limit(StrEnum):
    """Which limit ends a session."""

    IDLE = "idle"
    ABSOLUTE = "absolute"


@dataclass(frozen=True)
class Limits:
    """What the installation allows, in seconds."""

    idle: int
    absolute: int

    @property
    def exact_to(self) -> float:
        """The last request is known to within so many seconds, never more than a tenth of the idle limit."""
        return min(EXACT_TO_SECONDS, self.idle / 10)


@dataclass(frozen=True)
class Clock:
    """A session's own times."""

    began: float
    seen: float

    def left(self, limits: Limits, *, at: float) -> tuple[float, Limit]:
        """Seconds until the session ends (0 or less: it has ended), and by which limit."""
        idle = self.seen + limits.idle - at
        absolute = self.began + limits.absolute - at
        return (absolute, Limit.ABSOLUTE) if absolute <= idle else (idle, Limit.IDLE)

    def ended_by(self, limits: Limits, *, at: float) -> Limit | None:
        """The limit that has ended the session. One from the future (a clock was set back) has ended too."""
        if max(self.began, self.seen) > at + EXACT_TO_SECONDS:
            return Limit.ABSOLUTE
        seconds, limit = self.left(limits, at=at)
        return limit if seconds <= 0 else None

    def is_stale(self, limits: Limits, *, at: float) -> bool:
        """Whether the last request has to be written down anew."""
        return at - self.seen >= limits.exact_to
