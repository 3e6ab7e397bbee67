"""What kind of personal data a field holds, said once beside the field's model.

Every model of the product carries a ``privacy`` attribute: either NOT_PERSONAL, or a mapping that names every field.
A test fails on a model or field that nobody classified, so that a new column cannot slip into exports, logs or the
Support role's view unconsidered.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Privacy(StrEnum):
    """Classes of personal data, and TECHNICAL for a field that tells nothing about a person by itself."""

    IDENTIFIER = "identifier"
    CONTACT = "contact"
    EMPLOYMENT = "employment"
    TRAINING = "training"
    TECHNICAL = "technical"


Classification = Mapping[str, Privacy]

NOT_PERSONAL: Final[Classification] = {}


def classify(**fields_by_class: str) -> Classification:
    """``classify(identifier="last_name first_name", technical="id organisation")``: the mapping, field by field."""
    return {field: Privacy(kind) for kind, fields in fields_by_class.items() for field in fields.split()}
