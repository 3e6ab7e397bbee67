"""The groups of the navigation: what people come to do, not how the tables are called."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Group(Enum):
    """In the order in which they stand."""

    TODAY = "Today"
    PEOPLE = "People"
    EXCHANGE = "Exchange"
    MAPPING = "Mapping & competences"
    CONNECTIONS = "Connections"
    ACCESS = "Access"
    AUDIT = "Audit"
    INSTALLATION = "Installation"


# Where the list of a model stands; one that is not named here stands with its app.
OF_MODELS: Final[dict[str, Group]] = {
    "people.organisation": Group.CONNECTIONS,
    "people.nightlyrun": Group.EXCHANGE,
    "interface.connection": Group.CONNECTIONS,
    "interface.filecalendar": Group.CONNECTIONS,
    "interface.advice": Group.CONNECTIONS,
    "interface.openfailure": Group.MAPPING,
    "interface.mapping": Group.MAPPING,
    "admin.logentry": Group.AUDIT,
    "people.auditevent": Group.AUDIT,
}
OF_APPS: Final[dict[str, Group]] = {
    "people": Group.PEOPLE,
    "competencies": Group.MAPPING,
    "interface": Group.EXCHANGE,
    "iat": Group.PEOPLE,
    "roles": Group.ACCESS,
    "auth": Group.ACCESS,
    "login": Group.ACCESS,
    "audit": Group.AUDIT,
}
# The lists that people open most stand first in their group; the others follow by name.
FIRST: Final = (
    "people.person",
    "people.application",
    "people.assignment",
    "interface.inboundfile",
    "interface.inboundrecord",
    "interface.outboundfile",
    "interface.outboundhold",
    "interface.extracthold",
    "interface.sentpicture",
    "interface.carriedperson",
    "people.nightlyrun",
    "interface.replay",
    "interface.undo",
    "interface.mapping",
    "competencies.competence",
    "competencies.competencyelement",
    "competencies.requirement",
    "interface.connection",
    "people.organisation",
)


def group_of(label: str) -> Group:
    """The group of a model, given as ``app.model``."""
    return OF_MODELS.get(label) or OF_APPS.get(label.split(".")[0], Group.INSTALLATION)


def order_of(label: str) -> int:
    """Where a model's list stands within its group: after the pages, in the order above."""
    return 50 + (FIRST.index(label) if label in FIRST else len(FIRST))
