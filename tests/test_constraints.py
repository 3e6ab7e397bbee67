"""Every constraint that our models declare is broken here in the real database, and lets its nearest neighbour pass.

Composite keys have their own proof (tests/people/test_constraints.py). A constraint without a case fails the last test.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, connection, models, transaction

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
    Connection,
    ElementBefore,
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
from people.constraints import CompositeForeignKey
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

OURS = ("people", "roles", "competencies", "interface")
NOW = datetime(2026, 11, 3, 21, tzinfo=UTC)
TODAY = NOW.date()
TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
Values = dict[str, Any]
Model = type[models.Model]

# The cast: two organisations under the keys 901 and 902; what is theirs has keys that begin so. Everybody else who
# stands in a row below is one of these.
ORGANISATION: Values = {"organisation_id": 901}
PERSON: Values = {"organisation_id": 901, "person_id": 9011}
CONNECTION: Values = {"organisation_id": 901, "connection_id": 9011}
CAST: list[tuple[Model, Values]] = [
    (Organisation, {"pk": 901, "vpd": "901", "name": "Northmoor"}),
    (Organisation, {"pk": 902, "vpd": "902", "name": "Southmoor"}),
    (User, {"pk": 9001, "username": "alice"}),
    (User, {"pk": 9002, "username": "bob"}),
    (Person, {"pk": 9011, **ORGANISATION, "person_id": "11"}),
    (Person, {"pk": 9012, **ORGANISATION, "person_id": "12"}),
    (Assignment, {"pk": 9011, "organisation_id": 901, "person_id": 9011, "assignment_id": "71"}),
    (Assignment, {"pk": 9012, "organisation_id": 901, "person_id": 9011, "assignment_id": "72"}),
    (Subject, {"pk": 9001, "name": "Archery"}),
    (Subject, {"pk": 9002, "name": "Bell ringing"}),
    (Competence, {"pk": 9001, "competence_id": "cast 1", "name": "Archery|"}),
    (Competence, {"pk": 9002, "competence_id": "cast 2", "name": "Bell ringing|"}),
    (Connection, {"pk": 9011, **ORGANISATION, "code": "MOODLE", "lms_name": "Moodle"}),
    (Connection, {"pk": 9012, **ORGANISATION, "code": "TOTARA", "lms_name": "Totara"}),
    (InboundFile, {"pk": 9011, **CONNECTION, "name": "a", "sha256": "a", "size": 1, "received_at": NOW,
                   "business_date": TODAY}),
    (InboundFile, {"pk": 9012, **CONNECTION, "name": "b", "sha256": "b", "size": 1, "received_at": NOW,
                   "business_date": TODAY}),
    (Replay, {"pk": 9011, **ORGANISATION, "file_id": 9012, "ordinal": 1, "business_date": TODAY, "replayed_at": NOW,
              "replayed_by": "alice"}),
    (Replay, {"pk": 9012, **ORGANISATION, "file_id": 9012, "ordinal": 2, "business_date": TODAY, "replayed_at": NOW,
              "replayed_by": "alice"}),
    (ExtractHold, {"pk": 9011, **ORGANISATION, "file_name": "a", "sha256": "a", "size": 1, "extracted_at": NOW,
                   "held_at": NOW, "held_by": "alice"}),
    (ExtractHold, {"pk": 9012, **ORGANISATION, "file_name": "b", "sha256": "b", "size": 1, "extracted_at": NOW,
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
        **ORGANISATION, "assignment_id": 9011, "effective_start": TODAY, "assignment_type": "E",
    },
    NightlyRun: {
        **ORGANISATION, "job": "exchange", "subject": "MOODLE", "business_date": TODAY, "state": "done",
        "started_at": NOW,
    },
    Grant: {
        **ORGANISATION, "user_id": 9001, "urp": "auditor", "starts_on": TODAY, "reason": "audit", "granted_at": NOW,
        "granted_by": "bob",
    },
    NotificationRecipient: {**ORGANISATION, "role": "iat", "email": "team@northmoor.example"},
    AuditEvent: {**ORGANISATION, "sequence": 1, "at": NOW, "verb": "added"},
    FrameworkVersion: {"name": "UK 0.9", "year": 2012},
    Subject: {"name": "Croquet"},
    SubjectLevel: {"subject_id": 9001, "level": "1", "variant": ""},
    Competence: {"competence_id": "1", "name": "Croquet|"},
    CompetencyElement: {**PERSON, "element_id": "1", "competence_id": 9001, "source": "HAND"},
    ElementCounter: {**ORGANISATION},
    Requirement: {**ORGANISATION, "scope": "job_role", "scope_value": "Porter", "competence_id": 9001},
    Connection: {**ORGANISATION, "code": "A", "lms_name": "Moodle"},
    InboundFile: {
        **CONNECTION, "name": "c", "sha256": "c", "size": 1, "received_at": NOW, "business_date": TODAY,
    },
    InboundRecord: {**ORGANISATION, "file_id": 9011, "line_number": 2, "code": "I100", "raw": "LUA~"},
    Mapping: {**CONNECTION, "course_code": "ARCHERY", "course_version": "", "competence_id": 9001},
    OutboundFile: {
        **CONNECTION, "kind": "GOC", "name": "c", "number": 1, "business_date": TODAY, "sha256": "c", "size": 1,
        "created_at": NOW,
    },
    SentPicture: {**CONNECTION, "person_id": 9011, "records": b"\x01"},
    OutboundHold: {
        **CONNECTION, "kind": "GOC", "business_date": TODAY, "population": 1, "changed": 1, "deleted": 0,
        "held_at": NOW,
    },
    OpenFailure: {**CONNECTION, "file_id": 9011, "line_number": 2, "code": "E320"},
    Replay: {
        **ORGANISATION, "file_id": 9011, "ordinal": 1, "business_date": TODAY, "replayed_at": NOW,
        "replayed_by": "alice",
    },
    ReplayedRecord: {
        **ORGANISATION, "replay_id": 9011, "file_id": 9012, "line_number": 2, "code": "I100",
    },
    ElementBefore: {**ORGANISATION, "file_id": 9011, "element_id": "1"},
    Undo: {
        **ORGANISATION, "file_id": 9011, "undone_at": NOW, "undone_by": "alice", "reason": "mapped wrongly",
        "withdrawn": 1, "restored": 0,
    },
    Upload: {
        **ORGANISATION, "user_id": 9001, "table": "persons", "file_name": "a.csv", "token": "a", "sha256": "a",
        "size": 1, "uploaded_at": NOW,
    },
    ExtractHold: {
        **ORGANISATION, "file_name": "c", "sha256": "c", "size": 1, "extracted_at": NOW, "held_at": NOW,
        "held_by": "alice",
    },
    ForeseenChange: {
        **ORGANISATION, "hold_id": 9011, "place": 1, "person_id": 9011, "foreseen_at": NOW,
    },
    FileCalendar: {**CONNECTION, "since": TODAY, "weekdays": [1], "by_time": NOW.time()},
    Advice: {"position": 90, "trouble": "Rain", "turn_to": "An umbrella"},
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """What the sound row may not become (each of ``refused``) and what it may (each of ``allowed``).

    ``beside``: a row that stands there already, as changes of the sound one; None for rules about one row alone.
    """

    model: Model
    name: str
    refused: list[Values]
    allowed: list[Values]
    beside: Values | None = field(default=None, kw_only=True)


def once(model: Model, name: str, *allowed: Values, again: Values | None = None, **beside: Any) -> Case:
    """A row of these values is there once; ``again`` is how the refused second one differs all the same."""
    return Case(
        model,
        name,
        [beside | (again or {})],
        [beside | (again or {}) | one for one in allowed],
        beside=beside,
    )


CASES = [
    # people
    once(Organisation, "vpd", {"vpd": "124"}),
    Case(
        Organisation,
        "organisation_vpd_is_three_digits",
        [{"vpd": "12"}, {"vpd": "12a"}, {"vpd": ""}, {"vpd": "12\n"}],
        [{"vpd": "000"}],
    ),
    once(OrganisationUnit, "unit_id_once_per_organisation", {"unit_id": "2"}, {"organisation_id": 902}),
    once(Position, "position_id_once_per_organisation", {"position_id": "2"}, {"organisation_id": 902}),
    once(Person, "person_id_once_per_organisation", {"person_id": "2"}, {"organisation_id": 902}),
    once(PersonVersion, "person_version_once_per_start", {"effective_start": TOMORROW}, {"person_id": 9012}),
    Case(
        PersonVersion,
        "person_version_ends_after_start",
        [{"effective_end": YESTERDAY}],
        [{"effective_end": TODAY}, {"effective_end": None}],
    ),
    once(Assignment, "assignment_id_once_per_organisation", {"assignment_id": "2"}),
    once(
        AssignmentVersion,
        "assignment_version_once_per_start",
        {"effective_start": TOMORROW},
        {"assignment_id": 9012},
    ),
    Case(
        AssignmentVersion,
        "assignment_version_ends_after_start",
        [{"effective_end": YESTERDAY}],
        [{"effective_end": TODAY}, {"effective_end": None}],
    ),
    Case(
        AssignmentVersion,
        "assignment_version_type_known",
        [{"assignment_type": "B"}, {"assignment_type": ""}],
        [{"assignment_type": "A"}],
    ),
    once(
        NightlyRun,
        "run_once_per_business_date",
        {"organisation_id": 902},
        {"job": "check"},
        {"subject": "TOTARA"},
        {"business_date": TOMORROW},
        again={"state": "failed"},
    ),
    Case(NightlyRun, "run_state_known", [{"state": "asleep"}], [{"state": "failed"}]),
    Case(
        NightlyRun,
        "run_leased_while_running",
        [{"state": "running"}, {"lease_until": NOW}],
        [{"state": "running", "lease_until": NOW}],
    ),
    # roles
    once(
        Grant,
        "grant_once_per_start",
        {"organisation_id": 902},
        {"user_id": 9002},
        {"urp": "support"},
        {"starts_on": TOMORROW},
        {"ended_at": NOW, "ended_by": "bob"},
        again={"reason": "another"},
    ),
    Case(Grant, "grant_urp_known", [{"urp": "king"}, {"urp": ""}], [{"urp": "roles"}]),
    Case(Grant, "grant_ends_after_start", [{"ends_on": YESTERDAY}], [{"ends_on": TODAY}, {"ends_on": None}]),
    Case(Grant, "grant_says_who_and_why", [{"granted_by": ""}, {"reason": ""}], [{"reason": "-"}]),
    Case(
        Grant,
        "grant_ended_is_a_pair",
        [{"ended_at": NOW}, {"ended_by": "bob"}, {"end_reason": "left"}],
        [{"ended_at": NOW, "ended_by": "bob"}, {"ended_at": NOW, "ended_by": "bob", "end_reason": "left"}],
    ),
    once(
        NotificationRecipient,
        "recipient_once_per_role",
        {"organisation_id": 902},
        {"role": "expiry"},
        {"email": "other@northmoor.example"},
    ),
    Case(NotificationRecipient, "notification_role_known", [{"role": "chief"}], [{"role": "stat_mand"}]),
    Case(
        NotificationRecipient,
        "recipient_has_an_address",
        [{"email": "team"}, {"email": ""}],
        [{"email": "a@b"}],
    ),
    once(AuditEvent, "audit_sequence_once_per_chain", {"sequence": 2}, {"organisation_id": 902}),
    Case(AuditEvent, "audit_sequence_from_one", [{"sequence": 0}], [{"sequence": 1}]),
    Case(AuditEvent, "audit_channel_known", [{"channel": "post"}], [{"channel": "run"}, {"channel": ""}]),
    # competencies
    once(FrameworkVersion, "name", {"name": "UK 0.8"}),
    once(Subject, "name", {"name": "Darts"}),
    once(SubjectLevel, "subject_level_once", {"level": "2"}, {"variant": "Adult"}, {"subject_id": 9002}),
    once(
        Competence,
        "national_competence_id_once",
        {"competence_id": "2"},
        {"organisation_id": 901},
        again={"name": "Darts|"},
    ),
    once(
        Competence,
        "national_competence_name_once",
        {"name": "Darts|"},
        {"organisation_id": 901},
        again={"competence_id": "2"},
    ),
    once(
        Competence,
        "local_competence_id_once",
        {"competence_id": "2"},
        {"organisation_id": 902},
        again={"name": "Darts|"},
        organisation_id=901,
    ),
    once(
        Competence,
        "local_competence_name_once",
        {"name": "Darts|"},
        {"organisation_id": 902},
        again={"competence_id": "2"},
        organisation_id=901,
    ),
    Case(
        Competence,
        "competence_renewal_is_a_pair",
        [
            {"renewal_frequency": 1},
            {"renewal_units": "Year"},
            {"renewal_frequency": 0, "renewal_units": "Year"},
            {"renewal_frequency": 1, "renewal_units": "Week"},
        ],
        [{"renewal_frequency": 1, "renewal_units": "Year"}, {}],
    ),
    Case(
        Competence,
        "competence_ends_after_start",
        [{"date_from": TODAY, "date_to": YESTERDAY}],
        [{"date_from": TODAY, "date_to": TODAY}, {"date_to": YESTERDAY}, {"date_from": TODAY}],
    ),
    once(
        CompetencyElement,
        "element_id_once_per_organisation",
        {"element_id": "2"},
        again={"competence_id": 9002},
    ),
    Case(CompetencyElement, "element_source_known", [{"source": "POST"}], [{"source": "IAT"}]),
    Case(
        CompetencyElement,
        "element_of_lms_has_reference",
        [
            {"source": "LMS"},
            {"source": "LMS", "source_id": 9011},
            {"source": "LMS", "source_reference": "R1"},
        ],
        [{"source": "LMS", "source_id": 9011, "source_reference": "R1"}],
    ),
    Case(
        CompetencyElement,
        "element_ends_after_start",
        [{"date_from": TODAY, "date_to": YESTERDAY}],
        [{"date_from": TODAY, "date_to": TODAY}, {"date_to": YESTERDAY}, {"date_from": TODAY}],
    ),
    Case(
        CompetencyElement,
        "element_told_in_whole",
        [
            {"told_digest": 1, "told_in": 1, "told_before": 1},
            *(
                {"source": "LMS", "source_id": 9011, "source_reference": "R1"}
                | {"told_digest": 1, "told_in": 1, "told_before": 1}
                | {missing: None}
                for missing in ("told_digest", "told_in", "told_before")
            ),
        ],
        [
            {"source": "LMS", "source_id": 9011, "source_reference": "R1"}
            | {"told_digest": 0, "told_in": 1, "told_before": 1}
        ],
    ),
    once(ElementCounter, "organisation", {"organisation_id": 902}),
    once(
        Requirement,
        "requirement_once",
        {"organisation_id": 902},
        {"scope": "staff_group"},
        {"scope_value": "Nurse"},
        {"competence_id": 9002},
    ),
    Case(Requirement, "requirement_scope_known", [{"scope": "planet"}], [{"scope": "position"}]),
    Case(
        Requirement,
        "requirement_names_whom",
        [{"scope": "organisation"}, {"scope_value": ""}],
        [{"scope": "organisation", "scope_value": ""}],
    ),
    # interface
    once(Connection, "connection_code_once_per_organisation", {"code": "B"}, {"organisation_id": 902}),
    Case(Connection, "connection_encoding_known", [{"encoding": "cp1252"}], [{"encoding": "utf-8"}]),
    Case(Connection, "connection_restriction_known", [{"restriction": "some"}], [{"restriction": "payroll"}]),
    Case(
        Connection,
        "connection_numbers_positive",
        [{"next_inbound": 0}, {"next_outbound": 0}],
        [{"next_inbound": 1, "next_outbound": 1}],
    ),
    Case(
        Connection,
        "connection_paused_says_who_and_why",
        [
            {"paused_at": NOW, "paused_by": "alice"},
            {"paused_at": NOW, "pause_reason": "holidays"},
            {"paused_by": "alice", "pause_reason": "holidays"},
            {"pause_reason": "holidays"},
        ],
        [{"paused_at": NOW, "paused_by": "alice", "pause_reason": "holidays"}, {}],
    ),
    once(InboundFile, "inbound_bytes_once_per_connection", {"sha256": "d"}, {"connection_id": 9012}),
    *(
        once(
            InboundFile,
            "inbound_number_accepted_once",
            {"number": 8},
            {"connection_id": 9012},
            {"state": "refused", "code": "F07"},
            {"state": "held", "code": "F08"},
            {"state": "received"},
            {"kind": "GDR"},
            again={"state": "accepted", "sha256": "d"},
            number=7,
            answered_at=NOW,
            state=state,
        )
        for state in ("accepted", "applied", "answered", "quarantined")
    ),
    Case(InboundFile, "inbound_state_known", [{"state": "lost"}], [{"state": "applied"}]),
    Case(
        InboundFile,
        "inbound_refused_has_code",
        [{"state": "refused"}, {"state": "held"}],
        [{"state": "refused", "code": "F01"}, {"state": "held", "code": "F08"}, {"state": "accepted"}],
    ),
    Case(
        InboundFile,
        "inbound_released_is_a_pair",
        [{"released_at": NOW}, {"released_by": "alice"}],
        [{"released_at": NOW, "released_by": "alice"}],
    ),
    Case(
        InboundFile,
        "inbound_uploaded_by_hand_alone",
        [{"uploaded_by": "leo"}],
        [{"uploaded_by": "leo", "kind": "LCH"}, {"kind": "LCH"}],
    ),
    Case(
        InboundFile,
        "inbound_answered_has_time",
        [{"state": "answered"}],
        [{"state": "answered", "answered_at": NOW}, {"state": "applied"}],
    ),
    once(InboundRecord, "inbound_outcome_once_per_line", {"line_number": 3}, {"file_id": 9012}),
    once(
        Mapping,
        "mapping_once",
        {"connection_id": 9012},
        {"course_code": "BELLS"},
        {"course_version": "2"},
        {"competence_id": 9002},
        again={"expiry": "lms"},
    ),
    Case(Mapping, "mapping_expiry_known", [{"expiry": "never"}], [{"expiry": "lms"}]),
    Case(Mapping, "mapping_direction_known", [{"direction": "up"}], [{"direction": "outbound"}]),
    once(
        OutboundFile,
        "outbound_name_once_per_connection",
        {"name": "d"},
        {"connection_id": 9012},
        again={"number": 2},
    ),
    once(
        OutboundFile,
        "outbound_number_once",
        {"number": 2},
        {"connection_id": 9012},
        {"kind": "LCC", "number": None, "answers_id": 9011},
        again={"name": "d", "kind": "GOF"},
    ),
    # Answers have no number: any number of them may stand beside each other.
    once(
        OutboundFile,
        "outbound_name_once_per_connection",
        {"name": "d"},
        kind="LCC",
        number=None,
        answers_id=9011,
    ),
    Case(OutboundFile, "outbound_kind_known", [{"kind": "XXX"}], [{"kind": "GOF"}]),
    Case(
        OutboundFile,
        "outbound_numbered_or_answer",
        [
            {"number": None},
            {"answers_id": 9011},
            {"kind": "LCC", "number": None},
            {"kind": "LCR", "answers_id": 9011},
        ],
        [{"kind": kind, "number": None, "answers_id": 9011} for kind in ("LCC", "LCS", "LCR")],
    ),
    once(
        SentPicture,
        "sent_picture_of_person_once",
        {"connection_id": 9012},
        {"person_id": 9012},
        {"person_id": None},
        again={"digest": 2},
    ),
    once(
        SentPicture,
        "sent_picture_of_catalogue_once",
        {"connection_id": 9012},
        {"person_id": 9011},
        again={"digest": 2},
        person_id=None,
    ),
    once(OutboundHold, "one_open_hold_per_connection", {"connection_id": 9012}, {"settled_at": NOW}),
    Case(
        OutboundHold,
        "one_open_hold_per_connection",
        [],
        [{}, {"settled_at": NOW}],
        beside={"settled_at": NOW},
    ),
    Case(
        OutboundHold,
        "hold_released_is_a_pair",
        [{"released_at": NOW}, {"released_by": "alice"}],
        [{"released_at": NOW, "released_by": "alice"}],
    ),
    once(OpenFailure, "open_failure_once_per_line", {"line_number": 3}, {"file_id": 9012}),
    once(Replay, "replay_ordinal_once", {"ordinal": 2}),
    Case(
        Replay,
        "replay_ordinal_has_two_digits",
        [{"ordinal": 0}, {"ordinal": 100}],
        [{"ordinal": 1}, {"ordinal": 99}],
    ),
    once(ReplayedRecord, "replayed_once_per_line", {"line_number": 3}, {"replay_id": 9012}),
    once(ElementBefore, "element_before_once_per_file", {"element_id": "2"}, {"file_id": 9012}),
    once(Undo, "file", {"file_id": 9012}),
    Case(Undo, "undo_says_who_and_why", [{"undone_by": ""}, {"reason": ""}], [{}]),
    once(
        InboundFile,
        "inbound_number_by_hand_once",
        {"number": 2},
        {"kind": "LCU", "state": "refused", "code": "F01"},
        {"connection_id": 9012},
        again={"sha256": "d"},
        kind="LCH",
        number=1,
    ),
    once(Upload, "token", {"token": "b"}),
    Case(Upload, "upload_state_known", [{"state": "lost"}], [{"state": "failed"}]),
    Case(
        Upload,
        "upload_ended_has_time",
        [{"state": "refused"}, {"ended_at": NOW}],
        [{"state": "refused", "ended_at": NOW}],
    ),
    Case(
        Upload,
        "upload_checked_has_outcome",
        [{"state": "checked"}, {"state": "applying"}],
        [{"state": "checked", "outcome": "a"}],
    ),
    once(
        ExtractHold,
        "extract_hold_open_once_per_file",
        {"sha256": "d"},
        {"organisation_id": 902},
        {"state": "loaded", "settled_at": NOW},
    ),
    Case(ExtractHold, "extract_hold_state_known", [{"state": "lost"}], [{"state": "behind"}]),
    Case(
        ExtractHold,
        "extract_hold_settled_has_time",
        [{"state": "loaded"}, {"state": "superseded"}, {"settled_at": NOW}],
        [{"state": "loaded", "settled_at": NOW}],
    ),
    Case(
        ExtractHold,
        "extract_hold_decided_says_who_and_why",
        [
            {"decided_by": "alice"},
            {"decided_at": NOW},
            {"reason": "meant"},
            {"decided_at": NOW, "decided_by": "alice"},
            {"decided_at": NOW, "reason": "meant"},
        ],
        [{"decided_at": NOW, "decided_by": "alice", "reason": "meant"}],
    ),
    Case(
        ExtractHold,
        "extract_hold_is_decided_first",
        [{"state": "loading"}, {"state": "dismissed", "settled_at": NOW}],
        [{"state": "loading", "decided_at": NOW, "decided_by": "alice", "reason": "meant"}],
    ),
    once(ForeseenChange, "foreseen_place_once_per_hold", {"place": 2}, {"hold_id": 9012}),
    once(
        ForeseenChange,
        "foreseen_place_once_per_file",
        {"place": 2},
        {"file_id": 9012},
        hold_id=None,
        file_id=9011,
    ),
    Case(
        ForeseenChange,
        "foreseen_of_a_hold_or_a_file",
        [{"hold_id": None}, {"file_id": 9011}],
        [{}, {"hold_id": None, "file_id": 9011}],
    ),
    once(FileCalendar, "connection", {"connection_id": 9012}),
    Case(
        FileCalendar,
        "calendar_spans_positive",
        [{"silent_days": 0}, {"pick_up_hours": 0}],
        [{"silent_days": 1, "pick_up_hours": 1}, {"pick_up_hours": None}],
    ),
    once(Advice, "advice_position_once_for_all", {"position": 91}),
    once(
        Advice,
        "advice_position_once_per_organisation",
        {"position": 91},
        {"organisation_id": None},
        **ORGANISATION,
    ),
]

ATTEMPTS = [(case, one) for case in CASES for one in case.refused]
NEIGHBOURS = [(case, one) for case in CASES for one in case.allowed]


def label(value: object) -> str:
    """Of a test: the constraint, then what is changed."""
    if isinstance(value, Case):
        return value.name
    assert isinstance(value, dict)
    return ",".join(f"{name}={one}" for name, one in value.items()) or "sound"


@pytest.fixture
def cast(db: None) -> None:
    for model, values in CAST:
        model._default_manager.create(**values)


def set_up(case: Case) -> None:
    if case.beside is not None:
        create(case, case.beside)


def create(case: Case, changes: Values) -> None:
    case.model._default_manager.create(**SOUND[case.model] | changes)


@pytest.mark.parametrize(("case", "changes"), ATTEMPTS, ids=label)
def test_the_database_refuses(cast: None, case: Case, changes: Values) -> None:
    set_up(case)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        create(case, changes)
    assert names(caught.value, case)


@pytest.mark.parametrize(("case", "changes"), NEIGHBOURS, ids=label)
def test_and_takes_the_neighbour(cast: None, case: Case, changes: Values) -> None:
    set_up(case)
    with transaction.atomic():
        create(case, changes)
        connection.check_constraints()


@pytest.mark.parametrize("end", ["\n", "\r", "\x00"])
def test_nothing_follows_the_three_digits_of_a_vpd(db: None, end: str) -> None:
    """A pattern's ``$`` would let a line end through. PostgreSQL refuses by the column's length already."""
    with pytest.raises((DatabaseError, ValueError)), transaction.atomic():
        Organisation.objects.create(vpd=f"123{end}", name="Westmoor")


def names(error: IntegrityError, case: Case) -> bool:
    """Whether the database says that it was this constraint. SQLite names a unique one by its columns."""
    columns = unique_columns(case.model, case.name)
    table = case.model._meta.db_table
    if connection.vendor == "postgresql":
        # The database names the index of a column that is unique by itself.
        known = (case.name, f"{table}_{case.name}_key", f"{table}_{columns[0]}_key" if columns else "")
        return error.__cause__.diag.constraint_name in known  # type: ignore[union-attr]  # psycopg's own error
    if columns:
        return str(error) == "UNIQUE constraint failed: " + ", ".join(f"{table}.{one}" for one in columns)
    return str(error) == f"CHECK constraint failed: {case.name}"


def unique_columns(model: Model, name: str) -> list[str]:
    """The columns of a unique constraint, or of a field that is unique by itself; of a check none."""
    for constraint in model._meta.constraints:
        if constraint.name == name:
            fields = constraint.fields if isinstance(constraint, models.UniqueConstraint) else ()
            return [column(model, one) for one in fields]
    return [column(model, name)]


def column(model: Model, field_name: str) -> str:
    found = model._meta.get_field(field_name)
    assert isinstance(found, models.Field)
    return str(found.column)


# --- Keys that composite keys refer to --------------------------------------------------------------

KEYS = [
    (model, constraint)
    for app in OURS
    for model in apps.get_app_config(app).get_models()
    if not model._meta.proxy
    for constraint in model._meta.constraints
    if isinstance(constraint, models.UniqueConstraint) and constraint.fields == ("organisation", "id")
]


@pytest.mark.parametrize(("model", "constraint"), KEYS, ids=[one.name for _, one in KEYS])
def test_the_key_for_composites_is_there(db: None, model: Model, constraint: models.UniqueConstraint) -> None:
    """No row can break it, because the primary key is part of it: asked of the database's own catalogue."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    assert any(one["unique"] and one["columns"] == ["organisation_id", "id"] for one in found.values())


# --- Nothing is left out ----------------------------------------------------------------------------


def declared() -> set[tuple[Model, str]]:
    """Every constraint and every unique field of our models, but for composite keys and what they refer to."""
    ours = [model for app in OURS for model in apps.get_app_config(app).get_models() if not model._meta.proxy]
    fields = {
        (model, one.name)
        for model in ours
        for one in model._meta.fields
        if one.unique and not one.primary_key
    }
    constraints = {
        (model, one.name)
        for model in ours
        for one in model._meta.constraints
        if not isinstance(one, CompositeForeignKey) and (model, one) not in KEYS
    }
    return fields | constraints


def test_every_constraint_has_cases_that_break_it_and_neighbours() -> None:
    assert {(case.model, case.name) for case, _ in ATTEMPTS} == declared()
    assert {(case.model, case.name) for case, _ in NEIGHBOURS} == declared()
    assert not any(model._meta.unique_together for model, _ in declared())
