"""Which URP gives which permissions: the one table, for people to read and for the backend to obey.

A User Responsibility Profile is a bundle of permissions that a grant gives to one account in one organisation. The
bundles are built from a few sets with names, so that a line below reads like the job it is for. Permissions are
Django's (``app.verb_model``); system checks fail on one that does not exist, on a page of the console that no URP
shows, and on personal data in a URP that is to see none (``roles/checks.py``). docs/security.md shows this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models

Permissions = frozenset[str]


class URP(models.TextChoices):
    """Spelled as ESR shows them, after the VPD: "911 Learning Administration"."""

    HR_ADMINISTRATION = "hr", "HR Administration"
    LEARNING_ADMINISTRATION = "learning", "Learning Administration"
    IAT_INITIATION = "iat_initiation", "IAT Initiation"
    IAT_APPROVAL = "iat_approval", "IAT Approval"
    INTERFACE_ADMINISTRATION = "interface", "Interface Administration"
    FUNCTIONAL_ACCOUNT_MANAGER = "fam", "Functional Account Manager"
    AUDITOR = "auditor", "Auditor"
    SUPPORT = "support", "Support"
    ROLE_ADMINISTRATION = "roles", "Role Administration"


def sees(app: str, *names: str) -> Permissions:
    """To read these models' rows."""
    return frozenset(f"{app}.view_{name}" for name in names)


def keeps(app: str, *names: str, verbs: tuple[str, ...] = ("add", "change", "delete")) -> Permissions:
    """To read and to keep these models' rows by hand or by file."""
    return frozenset(f"{app}.{verb}_{name}" for name in names for verb in ("view", *verbs))


# --- What belongs together ----------------------------------------------------------------------------

STRUCTURE: Final = sees("people", "organisation", "organisationunit", "position")
CATALOGUE: Final = sees(
    "competencies", "subject", "subjectlevel", "frameworkversion", "competence", "requirement"
)
PEOPLE: Final = sees("people", "person", "personversion", "assignment", "assignmentversion", "application")
TRAINING: Final = sees("competencies", "competencyelement")
# What the exchange did, without a line of what was in it.
EXCHANGE: Final = sees("people", "nightlyrun") | sees(
    "interface", "connection", "filecalendar", "mapping", "inboundfile", "undo", "replay", "outboundfile",
    "outboundhold", "extracthold", "advice",
)  # fmt: skip
# Line by line: personal data.
LINES: Final = sees(
    "interface", "inboundrecord", "openfailure", "replayedrecord", "elementbefore", "sentpicture", "carriedperson",
    "foreseenchange",
)  # fmt: skip
# A load of the staff record that waits: what it would do, and to decide on it.
HELD_LOADS: Final = sees("interface", "extracthold", "foreseenchange") | {"interface.release_extracthold"}
# Files by hand: everybody sees their own uploads alone.
UPLOADS: Final = sees("interface", "upload")
# Whether an LMS was sent a person's record, in which file, and if not why; no line of any file.
SENT: Final = sees("interface", "connection", "outboundfile", "sentpicture", "carriedperson")
ACCESS: Final = sees("roles", "grant", "notificationrecipient")
# What was done to records that are about no person, and to all of them.
TECHNICAL_AUDIT: Final = sees("people", "auditevent")
AUDIT: Final = TECHNICAL_AUDIT | {"people.view_personal_auditevent"}

# To take away as a file any list that one sees, of the organisations in which one may do both.
EXPORT: Final = frozenset({"people.export_list"})

RECORDS: Final = STRUCTURE | CATALOGUE | PEOPLE | TRAINING
EVERYTHING: Final = RECORDS | EXCHANGE | LINES | ACCESS

# --- The table ----------------------------------------------------------------------------------------

PERMISSIONS: Final[Mapping[URP, Permissions]] = {
    URP.HR_ADMINISTRATION: RECORDS
    | EXPORT
    | SENT
    | HELD_LOADS
    | UPLOADS
    | {"interface.upload_persons", "interface.upload_assignments", "interface.upload_positions"},
    URP.LEARNING_ADMINISTRATION: RECORDS
    | EXPORT
    | EXCHANGE
    | LINES
    | keeps("competencies", "competence", verbs=("add", "change"))
    | keeps("competencies", "requirement")
    | keeps("interface", "mapping")
    | UPLOADS
    | {
        "interface.replay_inboundrecord",
        "interface.preview_inboundfile",
        "interface.upload_completions",
    },
    URP.IAT_INITIATION: RECORDS,
    URP.IAT_APPROVAL: RECORDS,
    URP.INTERFACE_ADMINISTRATION: RECORDS
    | EXPORT
    | EXCHANGE
    | LINES
    | TECHNICAL_AUDIT
    | keeps("people", "organisation", verbs=("change",))
    | keeps("interface", "connection", verbs=("add", "change"))
    | keeps("interface", "mapping")
    | keeps("interface", "advice")
    | keeps("roles", "notificationrecipient")
    | {
        "interface.want_full_file_connection",
        "interface.release_inboundfile",
        "interface.republish_outboundfile",
        "interface.release_outboundhold",
        "interface.release_extracthold",
        "interface.pause_connection",
        "interface.exchange_connection",
        "interface.preview_inboundfile",
        "interface.undo_inboundfile",
        "interface.deliver_inboundfile",
        "interface.replay_inboundrecord",
    }
    | keeps("interface", "filecalendar")
    | UPLOADS,
    URP.FUNCTIONAL_ACCOUNT_MANAGER: RECORDS | EXCHANGE | LINES | EXPORT,
    URP.AUDITOR: EVERYTHING | AUDIT | EXPORT,
    URP.SUPPORT: STRUCTURE | CATALOGUE | EXCHANGE,
    URP.ROLE_ADMINISTRATION: sees("people", "organisation")
    | keeps("roles", "notificationrecipient")
    | {"roles.view_grant", "roles.add_grant", "roles.end_grant"},
}

# Reads all of a VPD and changes nothing (a list taken away is read); sees no personal data: checked against the table.
CHANGES_NOTHING: Final = frozenset({URP.AUDITOR})
WITHOUT_PERSONAL_DATA: Final = frozenset({URP.SUPPORT})

# Pages of the console that no URP shows, and why: the superuser's, who installs.
INSTALLATION: Final[Mapping[str, str]] = {
    "auth.user": "accounts are of no organisation",
    "django_q.schedule": "the queue serves all organisations",
    "django_q.success": "the queue serves all organisations",
    "django_q.failure": "the queue serves all organisations",
    "django_q.ormq": "the queue serves all organisations",
}


def shown(urp: str, vpd: str) -> str:
    """As ESR shows a URP: "911 Learning Administration"."""
    return f"{vpd} {URP(urp).label}"
