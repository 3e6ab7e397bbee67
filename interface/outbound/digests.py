"""The lines of outbound records as templates, and the digest of what a line says.

A line is filled in from a template that is made from the layout's table once, because a full file of a large
trust has hundreds of thousands of them. The digest leaves out the Last Update column: a row that was merely
saved again tells the partner nothing (promises P11). ``element_of`` serves the inbound side, which knows the digest
of what the partner told us before it is projected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from struct import Struct, unpack

from interface.formats import go, moments
from interface.formats.layout import Layout
from interface.formats.text import SEPARATOR

LAST_UPDATE = "last_update"
_signed = Struct(">q").unpack

# Stands for a separator inside a value: the encoder replaces control characters, and counts them.
STAND_IN = "\x1f"

# One record as it stands today: the line before Last Update, Last Update as the database writes it (UTC), the line
# after. A plain tuple, for there are hundreds of thousands.
Sheet = tuple[str, str | None, str]


@lru_cache(maxsize=65536)
def day(value: date | None) -> str:
    """A date as the wire has it; the same few thousand dates come again and again."""
    return moments.write_date(value)


def digest_of(content: str) -> int:
    """64 bits of BLAKE2b, signed, as the ledger keeps them; never 0, which stands for "unknown" there."""
    return _signed(blake2b(content.encode(), digest_size=8).digest())[0] or 1


def digests_of(contents: Sequence[str]) -> Sequence[int]:
    """The digest of each of these."""
    together = b"".join([blake2b(content.encode(), digest_size=8).digest() for content in contents])
    digests = unpack(f">{len(contents)}q", together)
    return digests if all(digests) else [digest or 1 for digest in digests]


class Template:
    """One record type's line: the parts before and after its Last Update column, with places for values.

    ``fixed`` are columns with the same text in every line; every other field has a place, in table order.
    """

    def __init__(self, layout: Layout, fixed: Mapping[str, str], stamp: Callable[[str | None], str]) -> None:
        cells = [layout.record_type] + [""] * (layout.width - 1)
        for column in layout.columns:
            if column.field and column.field != LAST_UPDATE:
                cells[column.index] = fixed.get(column.field, "%s")
        split = next(column.index for column in layout.columns if column.field == LAST_UPDATE)
        self.fields = tuple(field for field in layout.fields if field not in fixed and field != LAST_UPDATE)
        self.before = SEPARATOR.join(cells[:split]) + SEPARATOR
        self.after = "".join(SEPARATOR + cell for cell in cells[split + 1 :])
        self.places_before = self.before.count("%s")
        self.separators = layout.width - 1
        self.stamp = stamp

    def fill(self, values: tuple[str, ...], last_update: str | None) -> Sheet:
        """The record of these values, given in the order of ``fields``."""
        before = self.before % values[: self.places_before]
        after = self.after % values[self.places_before :]
        if before.count(SEPARATOR) + after.count(SEPARATOR) != self.separators:
            return self.fill(without_separators(values), last_update)
        return before, last_update, after

    def line(self, sheet: Sheet) -> str:
        """The line of a record, its Last Update in place."""
        before, last_update, after = sheet
        return f"{before}{self.stamp(last_update)}{after}"


@lru_cache(maxsize=65536)
def _stamp(moment: str | None) -> str:
    """A timestamp as the database writes it (``2026-11-02 14:30:00`` UTC, and more) as the wire has it."""
    return "" if not moment else f"{_london_hour(moment[:13])}{moment[14:16]}{moment[17:19]}"


@lru_cache(maxsize=65536)
def _london_hour(hour: str) -> str:
    # Clocks change on the hour, so minutes and seconds are the same in UTC and in London.
    return moments.write_timestamp(datetime.fromisoformat(f"{hour}:00:00+00:00"))[:11]


def _day_stamp(moment: str | None) -> str:
    return _stamp(moment)[:8]


PERSON = Template(go.PRA, {}, _day_stamp)
ASSIGNMENT = Template(go.ASA, {}, _stamp)
COMPETENCE = Template(
    go.CDA,
    # The staff record keeps none of these for the definitions that this interface sends.
    {
        "behavioural_indicator": "",
        "certification_required": "",
        "rating_scale_id": "",
        "evaluation_method": "",
        "cluster": "",
        "alias": "",
        "vpd": "",
    },
    _stamp,
)
ELEMENT = Template(
    go.CMA,
    {
        "competency_type": "PERSONAL",
        "status": "ACHIEVED",
        "certification_date": "",
        "next_certification_date": "",
    },
    _stamp,
)
TEMPLATES = {"PRA": PERSON, "ASA": ASSIGNMENT, "CDA": COMPETENCE, "CMA": ELEMENT}
STAMPS = {record_type: template.stamp for record_type, template in TEMPLATES.items()}

ELEMENT_AFTER = ELEMENT.after
_PIECES = ELEMENT.before.split("%s")
# An element's CMA up to Last Update is made of its head with the Person ID, the element ID, what its competence has
# before and after, and between these the values that a database fills in: dates from and to, level, VPD, method.
ELEMENT_HEAD = f"{_PIECES[0]}%s{_PIECES[1]}"
ELEMENT_VALUES = f"%s{'%s'.join(_PIECES[4:8])}%s"
VALUES_SEPARATORS = ELEMENT_VALUES.count(SEPARATOR)


def element_around(*, competence_name: str, competence_id: str) -> tuple[str, str]:
    """What all of a competence's elements have between element ID and values, and between these and Last Update."""
    name, identity = without_separators((competence_name, competence_id))
    return f"{_PIECES[2]}{name}{_PIECES[3]}", f"{_PIECES[8]}{identity}{_PIECES[9]}"


def element_of(*, competence_name: str, competence_id: str, vpd: str) -> str:
    """All of a competence's CMA that its digest covers, with places for the rest, in this order: Person ID, element
    ID, dates from and to, proficiency level, certification method.

    For values that came in columns, and so hold no separator: what the projection gives for them has this digest.
    """
    name, identity, code = (
        value.replace("%", "%%") for value in without_separators((competence_name, competence_id, vpd))
    )
    before = ELEMENT.before % ("%s", "%s", name, "%s", "%s", "%s", code, "%s", identity)
    return before + ELEMENT_AFTER


def without_separators(values: tuple[str, ...]) -> tuple[str, ...]:
    """The values, none of them shifting a column."""
    return tuple(value.replace(SEPARATOR, STAND_IN) for value in values)
