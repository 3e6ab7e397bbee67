"""The CSTF catalogue, competences, elements (who holds what) and requirements (who needs what)."""

from competencies.models.catalogue import FrameworkVersion, Subject, SubjectLevel
from competencies.models.competence import Competence
from competencies.models.element import BY_HAND, CompetencyElement, ElementCounter, Source
from competencies.models.requirement import Requirement, RequirementScope

__all__ = [
    "BY_HAND",
    "Competence",
    "CompetencyElement",
    "ElementCounter",
    "FrameworkVersion",
    "Requirement",
    "RequirementScope",
    "Source",
    "Subject",
    "SubjectLevel",
]
