"""Of connections, mappings, files and what a partner has."""

from interface.models import (
    CarriedPerson,
    Connection,
    InboundFile,
    InboundRecord,
    Mapping,
    OutboundFile,
    OutboundHold,
    SentPicture,
)
from tests.constraints.case import Case, once
from tests.constraints.rows import NOW

CASES = [
    once(
        Connection, "connection_code_once_per_organisation", {"code": "B"}, {"organisation_id": 900_000_902}
    ),
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
    once(InboundFile, "inbound_bytes_once_per_connection", {"sha256": "d"}, {"connection_id": 900_009_012}),
    *(
        once(
            InboundFile,
            "inbound_number_accepted_once",
            {"number": 8},
            {"connection_id": 900_009_012},
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
    once(InboundRecord, "inbound_outcome_once_per_line", {"line_number": 3}, {"file_id": 900_009_012}),
    once(
        Mapping,
        "mapping_once",
        {"connection_id": 900_009_012},
        {"course_code": "BELLS"},
        {"course_version": "2"},
        {"competence_id": 900_009_002},
        again={"expiry": "lms"},
    ),
    Case(Mapping, "mapping_expiry_known", [{"expiry": "never"}], [{"expiry": "lms"}]),
    Case(Mapping, "mapping_direction_known", [{"direction": "up"}], [{"direction": "outbound"}]),
    once(
        OutboundFile,
        "outbound_name_once_per_connection",
        {"name": "d"},
        {"connection_id": 900_009_012},
        again={"number": 2},
    ),
    once(
        OutboundFile,
        "outbound_number_once",
        {"number": 2},
        {"connection_id": 900_009_012},
        {"kind": "LCC", "number": None, "answers_id": 900_009_011},
        again={"name": "d", "kind": "GOF"},
    ),
    # Answers have no number: any number of them may stand beside each other.
    once(
        OutboundFile,
        "outbound_name_once_per_connection",
        {"name": "d"},
        kind="LCC",
        number=None,
        answers_id=900_009_011,
    ),
    Case(OutboundFile, "outbound_kind_known", [{"kind": "XXX"}], [{"kind": "GOF"}]),
    Case(
        OutboundFile,
        "outbound_numbered_or_answer",
        [
            {"number": None},
            {"answers_id": 900_009_011},
            {"kind": "LCC", "number": None},
            {"kind": "LCR", "answers_id": 900_009_011},
        ],
        [{"kind": kind, "number": None, "answers_id": 900_009_011} for kind in ("LCC", "LCS", "LCR")],
    ),
    once(
        CarriedPerson,
        "carried_once_per_file",
        {"file_id": 2},
        {"person_id": 900_009_012},
        again={"records": 1},
    ),
    once(
        SentPicture,
        "sent_picture_of_person_once",
        {"connection_id": 900_009_012},
        {"person_id": 900_009_012},
        {"person_id": None},
        again={"digest": 2},
    ),
    once(
        SentPicture,
        "sent_picture_of_catalogue_once",
        {"connection_id": 900_009_012},
        {"person_id": 900_009_011},
        again={"digest": 2},
        person_id=None,
    ),
    once(OutboundHold, "one_open_hold_per_connection", {"connection_id": 900_009_012}, {"settled_at": NOW}),
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
]
