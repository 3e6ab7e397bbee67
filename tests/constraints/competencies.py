"""Of the catalogue, what people hold and what is required."""

from competencies.models import (
    Competence,
    CompetencyElement,
    ElementCounter,
    FrameworkVersion,
    Requirement,
    Subject,
    SubjectLevel,
)
from tests.constraints.case import Case, once
from tests.constraints.rows import TODAY, YESTERDAY

CASES = [
    once(FrameworkVersion, "name", {"name": "UK 0.8"}),
    once(Subject, "name", {"name": "Darts"}),
    once(
        SubjectLevel, "subject_level_once", {"level": "2"}, {"variant": "Adult"}, {"subject_id": 900_009_002}
    ),
    once(
        Competence,
        "national_competence_id_once",
        {"competence_id": "2"},
        {"organisation_id": 900_000_901},
        again={"name": "Darts|"},
    ),
    once(
        Competence,
        "national_competence_name_once",
        {"name": "Darts|"},
        {"organisation_id": 900_000_901},
        again={"competence_id": "2"},
    ),
    once(
        Competence,
        "local_competence_id_once",
        {"competence_id": "2"},
        {"organisation_id": 900_000_902},
        again={"name": "Darts|"},
        organisation_id=900_000_901,
    ),
    once(
        Competence,
        "local_competence_name_once",
        {"name": "Darts|"},
        {"organisation_id": 900_000_902},
        again={"competence_id": "2"},
        organisation_id=900_000_901,
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
        again={"competence_id": 900_009_002},
    ),
    Case(CompetencyElement, "element_source_known", [{"source": "POST"}], [{"source": "IAT"}]),
    Case(
        CompetencyElement,
        "element_of_lms_has_reference",
        [
            {"source": "LMS"},
            {"source": "LMS", "source_id": 900_009_011},
            {"source": "LMS", "source_reference": "R1"},
        ],
        [{"source": "LMS", "source_id": 900_009_011, "source_reference": "R1"}],
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
                {"source": "LMS", "source_id": 900_009_011, "source_reference": "R1"}
                | {"told_digest": 1, "told_in": 1, "told_before": 1}
                | {missing: None}
                for missing in ("told_digest", "told_in", "told_before")
            ),
        ],
        [
            {"source": "LMS", "source_id": 900_009_011, "source_reference": "R1"}
            | {"told_digest": 0, "told_in": 1, "told_before": 1}
        ],
    ),
    once(ElementCounter, "organisation", {"organisation_id": 900_000_902}),
    once(
        Requirement,
        "requirement_once",
        {"organisation_id": 900_000_902},
        {"scope": "staff_group"},
        {"scope_value": "Nurse"},
        {"competence_id": 900_009_002},
    ),
    Case(Requirement, "requirement_scope_known", [{"scope": "planet"}], [{"scope": "position"}]),
    Case(
        Requirement,
        "requirement_names_whom",
        [{"scope": "organisation"}, {"scope_value": ""}],
        [{"scope": "organisation", "scope_value": ""}],
    ),
]
