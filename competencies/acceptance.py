"""Which learning an organisation accepts: a local decision, agreed beforehand (domain §5).

The decision on an inbound record takes a policy as an argument. An empty policy accepts everything.
"""

from datetime import date
from typing import NamedTuple, Protocol


class AcceptancePolicy(Protocol):
    """What an organisation accepts."""

    def refusal(self, *, competence: int, completed_on: date, on: date) -> str | None:
        """Why this learning is not accepted, in words for the sender, or None where it is."""


class EmptyPolicy(NamedTuple):
    """The policy of an organisation that has agreed none: it accepts all learning."""

    def refusal(self, *, competence: int, completed_on: date, on: date) -> str | None:
        """Nothing is refused."""
        return None
