"""Of people, organisations and runs."""

from people.models import (
    Assignment,
    AssignmentVersion,
    NightlyRun,
    Organisation,
    OrganisationUnit,
    Person,
    PersonVersion,
    Position,
)
from tests.constraints.case import Case, once
from tests.constraints.rows import NOW, TODAY, TOMORROW, YESTERDAY

CASES = [
    once(Organisation, "vpd", {"vpd": "124"}),
    Case(
        Organisation,
        "organisation_vpd_is_three_digits",
        [{"vpd": "12"}, {"vpd": "12a"}, {"vpd": ""}, {"vpd": "12\n"}],
        [{"vpd": "000"}],
    ),
    once(
        OrganisationUnit, "unit_id_once_per_organisation", {"unit_id": "2"}, {"organisation_id": 900_000_902}
    ),
    once(
        Position, "position_id_once_per_organisation", {"position_id": "2"}, {"organisation_id": 900_000_902}
    ),
    once(Person, "person_id_once_per_organisation", {"person_id": "2"}, {"organisation_id": 900_000_902}),
    once(
        PersonVersion,
        "person_version_once_per_start",
        {"effective_start": TOMORROW},
        {"person_id": 900_009_012},
    ),
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
        {"assignment_id": 900_009_012},
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
        {"organisation_id": 900_000_902},
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
]
