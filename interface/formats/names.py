"""File names: the strict patterns of the six kinds of file, their parts, and how they are built."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from interface.formats import moments

VPD_PATTERN: Final = "[0-9]{3}"
SUB_TYPE_PATTERN: Final = "[A-Z0-9]{3}"
LAST_NUMBER: Final = 99_999_999

# Each kind of file belongs to one leg; a suffix tells apart the files of a kind that share date and number.
# LCH, completions uploaded by hand, is the ledger's alone: no such file is sent or taken in.
LEGS: Final = {
    "GOF": "GO", "GOC": "GO", "GDR": "GO", "LCU": "GI", "LCC": "GI", "LCS": "GI", "LCR": "GI", "LCH": "GI",
}  # fmt: skip
_SUFFIXES: Final = {"LCS": "(?!00)[0-9]{2}", "LCR": "[0-9a-f]{8}"}

_NAME = re.compile(
    f"(?P<leg>G[OI])_(?P<vpd>{VPD_PATTERN})_(?P<sub>{SUB_TYPE_PATTERN})_(?P<kind>[A-Z]{{3}})"
    r"_(?P<date>[0-9]{8})_(?P<number>[0-9]{8})(?:_(?P<suffix>[0-9a-f]+))?\.DAT"
)


@dataclass(frozen=True, slots=True)
class FileName:
    """The parts of a file's name; ``str()`` gives the name itself."""

    vpd: str
    sub_type: str
    kind: str
    business_date: date
    number: int
    suffix: str = ""

    @property
    def leg(self) -> str:
        return LEGS[self.kind]

    def __str__(self) -> str:
        suffix = f"_{self.suffix}" if self.suffix else ""
        stem = f"{self.leg}_{self.vpd}_{self.sub_type}_{self.kind}"
        return f"{stem}_{moments.write_date(self.business_date)}_{self.number:08}{suffix}.DAT"


def parse(name: str) -> FileName | None:
    """The parts of a name that follows the pattern to the letter and has a real date, else None."""
    found = _NAME.fullmatch(name)
    if found is None or LEGS.get(found["kind"]) != found["leg"]:
        return None
    day = moments.read_date(found["date"])
    if day is None or not _is_whole(found["kind"], int(found["number"]), found["suffix"] or ""):
        return None
    return FileName(
        found["vpd"], found["sub"], found["kind"], day, int(found["number"]), found["suffix"] or ""
    )


def build(
    kind: str, *, vpd: str, sub_type: str, business_date: date, number: int, suffix: str = ""
) -> FileName:
    """The name of a file that is to be written; ValueError for parts that no such name can have."""
    name = FileName(vpd, sub_type, kind, business_date, number, suffix)
    if kind not in LEGS or parse(str(name)) != name:
        raise ValueError(
            f"No file can be named from {kind!r}, {vpd!r}, {sub_type!r}, {number!r} and {suffix!r}."
        )
    return name


def confirmation(completions: FileName) -> FileName:
    """The name of the confirmation of an accepted completions file: same date, same number."""
    return _answer(completions, "LCC")


def supplement(completions: FileName, ordinal: int) -> FileName:
    """The name of the 1st, 2nd, … supplement to the confirmation of a completions file."""
    return _answer(completions, "LCS", f"{ordinal:02}")


def refusal(
    completions: FileName | None, *, vpd: str, sub_type: str, business_date: date, sha256: str
) -> FileName:
    """The name of a refusal: date and number of the refused name, else the business date and 0."""
    day = completions.business_date if completions else business_date
    number = completions.number if completions else 0
    return build("LCR", vpd=vpd, sub_type=sub_type, business_date=day, number=number, suffix=sha256[:8])


def _answer(completions: FileName, kind: str, suffix: str = "") -> FileName:
    return build(
        kind,
        vpd=completions.vpd,
        sub_type=completions.sub_type,
        business_date=completions.business_date,
        number=completions.number,
        suffix=suffix,
    )


def _is_whole(kind: str, number: int, suffix: str) -> bool:
    # Numbers start at 1; only the refusal of a file whose own number could not be read carries 0.
    if number == 0 and kind != "LCR":
        return False
    return re.fullmatch(_SUFFIXES.get(kind, ""), suffix) is not None
