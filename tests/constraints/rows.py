"""A sound row of every model, and who and what else stands in them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import models

from competencies.models import (
    Competence,
    CompetencyElement,
    ElementCounter,
    FrameworkVersion,
    Requirement,
    Subject,
    SubjectLevel,
)
from interface.models import (
    Advice,
    CarriedPerson,
    Connection,
    ElementBefore,
    Export,
    ExtractHold,
    FileCalendar,
    ForeseenChange,
    InboundFile,
    InboundRecord,
    Mapping,
    OpenFailure,
    OutboundFile,
    OutboundHold,
    Replay,
    ReplayedRecord,
    SentPicture,
    Undo,
    Upload,
)
from people.models import (
    Assignment,
    AssignmentVersion,
    AuditEvent,
    NightlyRun,
    Organisation,
    OrganisationUnit,
    Person,
    PersonVersion,
    Position,
)
from roles.models import Grant, NotificationRecipient

NOW = datetime(2026, 11, 3, 21, tzinfo=UTC)
TODAY = NOW.date()
TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
Values = dict[str, Any]
Model = type[models.Model]

# The cast: two organisations and what is theirs. Its keys are beyond what a sequence comes to in a run of the tests.
# Everybody else who stands in a row below is one of these.
ORGANISATION: Values = {"organisation_id": 900_000_901}
PERSON: Values = {"organisation_id": 900_000_901, "person_id": 900_009_011}
CONNECTION: Values = {"organisation_id": 900_000_901, "connection_id": 900_009_011}
CAST: list[tuple[Model, Values]] = [
    (Organisation, {"pk": 900_000_901, "vpd": "901", "name": "Northmoor"}),
    (Organisation, {"pk": 900_000_902, "vpd": "902", "name": "Southmoor"}),
    (User, {"pk": 900_009_001, "username": "alice"}),
    (User, {"pk": 900_009_002, "username": "bob"}),
    (Person, {"pk": 900_009_011, **ORGANISATION, "person_id": "11"}),
    (Person, {"pk": 900_009_012, **ORGANISATION, "person_id": "12"}),
    (Assignment, {"pk": 900_009_011, "organisation_id": 900_000_901, "person_id": 900_009_011, "assignment_id": "71"}),
    (Assignment, {"pk": 900_009_012, "organisation_id": 900_000_901, "person_id": 900_009_011, "assignment_id": "72"}),
    (Subject, {"pk": 900_009_001, "name": "Archery"}),
    (Subject, {"pk": 900_009_002, "name": "Bell ringing"}),
    (Competence, {"pk": 900_009_001, "competence_id": "cast 1", "name": "Archery|"}),
    (Competence, {"pk": 900_009_002, "competence_id": "cast 2", "name": "Bell ringing|"}),
    (Connection, {"pk": 900_009_011, **ORGANISATION, "code": "MOODLE", "lms_name": "Moodle"}),
    (Connection, {"pk": 900_009_012, **ORGANISATION, "code": "TOTARA", "lms_name": "Totara"}),
    (InboundFile, {"pk": 900_009_011, **CONNECTION, "name": "a", "sha256": "a", "size": 1, "received_at": NOW,
                   "business_date": TODAY}),
    (InboundFile, {"pk": 900_009_012, **CONNECTION, "name": "b", "sha256": "b", "size": 1, "received_at": NOW,
                   "business_date": TODAY}),
    (Replay, {"pk": 900_009_011, **ORGANISATION, "file_id": 900_009_012, "ordinal": 1, "business_date": TODAY,
              "replayed_at": NOW, "replayed_by": "alice"}),
    (Replay, {"pk": 900_009_012, **ORGANISATION, "file_id": 900_009_012, "ordinal": 2, "business_date": TODAY,
              "replayed_at": NOW, "replayed_by": "alice"}),
    (ExtractHold, {"pk": 900_009_011, **ORGANISATION, "file_name": "a", "sha256": "a", "size": 1, "extracted_at": NOW,
                   "held_at": NOW, "held_by": "alice"}),
    (ExtractHold, {"pk": 900_009_012, **ORGANISATION, "file_name": "b", "sha256": "b", "size": 1, "extracted_at": NOW,
                   "held_at": NOW, "held_by": "alice"}),
]  # fmt: skip

# A sound row of each model: the cases below say only what they change of it.
SOUND: dict[Model, Values] = {
    Organisation: {"vpd": "123", "name": "Westmoor"},
    OrganisationUnit: {**ORGANISATION, "unit_id": "1"},
    Position: {**ORGANISATION, "position_id": "1"},
    Person: {**ORGANISATION, "person_id": "1"},
    PersonVersion: {
        **PERSON, "effective_start": TODAY, "last_name": "Achebe", "system_person_type": "EMP",
    },
    Assignment: {**PERSON, "assignment_id": "1"},
    AssignmentVersion: {
        **ORGANISATION, "assignment_id": 900_009_011, "effective_start": TODAY, "assignment_type": "E",
    },
    NightlyRun: {
        **ORGANISATION, "job": "exchange", "subject": "MOODLE", "business_date": TODAY, "state": "done",
        "started_at": NOW,
    },
    Grant: {
        **ORGANISATION, "user_id": 900_009_001, "urp": "auditor", "starts_on": TODAY, "reason": "audit",
        "granted_at": NOW, "granted_by": "bob",
    },
    NotificationRecipient: {**ORGANISATION, "role": "iat", "email": "team@northmoor.example"},
    AuditEvent: {**ORGANISATION, "sequence": 1, "at": NOW, "verb": "added"},
    FrameworkVersion: {"name": "UK 0.9", "year": 2012},
    Subject: {"name": "Croquet"},
    SubjectLevel: {"subject_id": 900_009_001, "level": "1", "variant": ""},
    Competence: {"competence_id": "1", "name": "Croquet|"},
    CompetencyElement: {**PERSON, "element_id": "1", "competence_id": 900_009_001, "source": "HAND"},
    ElementCounter: {**ORGANISATION},
    Requirement: {**ORGANISATION, "scope": "job_role", "scope_value": "Porter", "competence_id": 900_009_001},
    Connection: {**ORGANISATION, "code": "A", "lms_name": "Moodle"},
    InboundFile: {
        **CONNECTION, "name": "c", "sha256": "c", "size": 1, "received_at": NOW, "business_date": TODAY,
    },
    InboundRecord: {**ORGANISATION, "file_id": 900_009_011, "line_number": 2, "code": "I100", "raw": "LUA~"},
    Mapping: {**CONNECTION, "course_code": "ARCHERY", "course_version": "", "competence_id": 900_009_001},
    OutboundFile: {
        **CONNECTION, "kind": "GOC", "name": "c", "number": 1, "business_date": TODAY, "sha256": "c", "size": 1,
        "created_at": NOW,
    },
    CarriedPerson: {**ORGANISATION, "file_id": 1, "person_id": 900_009_011, "records": 3, "deletes": 0},
    SentPicture: {**CONNECTION, "person_id": 900_009_011, "records": b"\x01"},
    OutboundHold: {
        **CONNECTION, "kind": "GOC", "business_date": TODAY, "population": 1, "changed": 1, "deleted": 0,
        "held_at": NOW,
    },
    OpenFailure: {**CONNECTION, "file_id": 900_009_011, "line_number": 2, "code": "E320"},
    Replay: {
        **ORGANISATION, "file_id": 900_009_011, "ordinal": 1, "business_date": TODAY, "replayed_at": NOW,
        "replayed_by": "alice",
    },
    ReplayedRecord: {
        **ORGANISATION, "replay_id": 900_009_011, "file_id": 900_009_012, "line_number": 2, "code": "I100",
    },
    ElementBefore: {**ORGANISATION, "file_id": 900_009_011, "element_id": "1"},
    Undo: {
        **ORGANISATION, "file_id": 900_009_011, "undone_at": NOW, "undone_by": "alice", "reason": "mapped wrongly",
        "withdrawn": 1, "restored": 0,
    },
    Upload: {
        **ORGANISATION, "user_id": 900_009_001, "table": "persons", "file_name": "a.csv", "token": "a", "sha256": "a",
        "size": 1, "uploaded_at": NOW,
    },
    Export: {
        "user_id": 900_009_001, "listed": "people.person", "kind": "csv", "token": "a", "asked_at": NOW, "rows": 1,
    },
    ExtractHold: {
        **ORGANISATION, "file_name": "c", "sha256": "c", "size": 1, "extracted_at": NOW, "held_at": NOW,
        "held_by": "alice",
    },
    ForeseenChange: {
        **ORGANISATION, "hold_id": 900_009_011, "place": 1, "person_id": 900_009_011, "foreseen_at": NOW,
    },
    FileCalendar: {**CONNECTION, "since": TODAY, "weekdays": [1], "by_time": NOW.time()},
    Advice: {"position": 90, "trouble": "Rain", "turn_to": "An umbrella"},
}  # fmt: skip
