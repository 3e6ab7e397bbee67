"""The codes of answers and refusals. Numbers are stable for ever: suppliers script against them (wire format §5)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Code(StrEnum):
    """The outcome of one record."""

    ADDED = "I100"
    AMENDED = "I101"
    UNCHANGED = "I102"
    WITHDRAWN = "I103"
    NAME_DIFFERS = "W200"
    EXPIRY_DIFFERS = "W201"
    ALREADY_HELD = "W202"
    OLDER_VERSION = "W203"
    NOTHING_TO_WITHDRAW = "W204"
    MALFORMED = "E300"
    VALUE_MISSING = "E301"
    VALUE_INVALID = "E302"
    CONTRADICTED = "E303"
    PERSON_NOT_FOUND = "E310"
    IDENTITY_DISAGREES = "E311"
    PERSON_OUT_OF_SCOPE = "E312"
    NOT_MAPPED = "E320"
    NOT_CSTF = "E321"
    NOT_IN_FORCE = "E322"
    NOT_ACCEPTED = "E323"
    COMPLETION_DATE_IMPOSSIBLE = "E330"
    EXPIRY_DATE_IMPOSSIBLE = "E331"


# Failures that a mapping, the staff record, a scope or a policy may mend here, without the LMS sending anything again.
MENDABLE: Final = frozenset(
    {
        Code.PERSON_NOT_FOUND, Code.IDENTITY_DISAGREES, Code.PERSON_OUT_OF_SCOPE, Code.NOT_MAPPED, Code.NOT_CSTF,
        Code.NOT_IN_FORCE, Code.NOT_ACCEPTED,
    }
)  # fmt: skip


class FileCode(StrEnum):
    """Why a file is refused, or (GAP) held."""

    NO_HEADER = "F01"
    NO_TRAILER = "F02"
    COUNT_DIFFERS = "F03"
    UNREADABLE = "F04"
    NAME_MISMATCH = "F05"
    OTHER_VPD = "F06"
    NUMBER_USED = "F07"
    GAP = "F08"
    NOT_LIVE = "F09"
    TOO_LARGE = "F10"


MEANING: Final[dict[str, str]] = {
    Code.ADDED: "Added",
    Code.AMENDED: "Amended",
    Code.UNCHANGED: "Unchanged: this reference is held with the same content",
    Code.WITHDRAWN: "Withdrawn",
    Code.NAME_DIFFERS: "Written, but the last name differs; date of birth and number agree",
    Code.EXPIRY_DIFFERS: "Written, but the expiry date held differs: the renewal period rules",
    Code.ALREADY_HELD: "Held already for this date from another source: not added again",
    Code.OLDER_VERSION: "Ignored: an older or equal version of this reference with other content",
    Code.NOTHING_TO_WITHDRAW: "Nothing to withdraw: this reference is not held",
    Code.MALFORMED: "Wrong number of columns, or unknown record type",
    Code.VALUE_MISSING: "A required value is missing",
    Code.VALUE_INVALID: "A value is not valid",
    Code.CONTRADICTED: "The reference appears twice in this file with different content",
    Code.PERSON_NOT_FOUND: "Person not found",
    Code.IDENTITY_DISAGREES: "Identity disagrees",
    Code.PERSON_OUT_OF_SCOPE: "Person not in the interface's scope",
    Code.NOT_MAPPED: "Competence or course not known or not mapped",
    Code.NOT_CSTF: "Not a CSTF competence: out of scope",
    Code.NOT_IN_FORCE: "Competence was not in force on the completion date",
    Code.NOT_ACCEPTED: "This organisation does not accept this learning",
    Code.COMPLETION_DATE_IMPOSSIBLE: "Completion date in the future, or before the date of birth",
    Code.EXPIRY_DATE_IMPOSSIBLE: "Expiry date not after the completion date",
    FileCode.NO_HEADER: "No header",
    FileCode.NO_TRAILER: "No trailer: the file is cut off",
    FileCode.COUNT_DIFFERS: "Record count differs from the trailer's",
    FileCode.UNREADABLE: "Not readable",
    FileCode.NAME_MISMATCH: "File name does not match the header or the pattern",
    FileCode.OTHER_VPD: "VPD is not this connection's",
    FileCode.NUMBER_USED: "Number already accepted or passed over, with other content",
    FileCode.GAP: "An earlier number is missing",
    FileCode.NOT_LIVE: "Connection not live",
    FileCode.TOO_LARGE: "Larger than the limit",
}
