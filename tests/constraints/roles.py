"""Of roles, notifications and the audit."""

from people.models import AuditEvent
from roles.models import Grant, NotificationRecipient
from tests.constraints.case import Case, once
from tests.constraints.rows import NOW, TODAY, TOMORROW, YESTERDAY

CASES = [
    once(
        Grant,
        "grant_once_per_start",
        {"organisation_id": 900_000_902},
        {"user_id": 900_009_002},
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
        {"organisation_id": 900_000_902},
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
    once(AuditEvent, "audit_sequence_once_per_chain", {"sequence": 2}, {"organisation_id": 900_000_902}),
    Case(AuditEvent, "audit_sequence_from_one", [{"sequence": 0}], [{"sequence": 1}]),
    Case(AuditEvent, "audit_channel_known", [{"channel": "post"}], [{"channel": "run"}, {"channel": ""}]),
]
