"""What is packed is unpacked again, whatever it is."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interface.outbound.packing import Entry, UnknownPackingError, pack, pack_new, unpack

NUMBERS = st.integers(-(2**63), 2**63 - 1)
KEYS = st.tuples(
    st.sampled_from(("CDA", "PRA", "ASA", "CMA")),
    st.text(st.characters(codec="utf-8"), max_size=20),
)
RECORDS = st.dictionaries(KEYS, st.builds(Entry, NUMBERS, NUMBERS))


@given(RECORDS)
def test_unpack_undoes_pack(records: dict[tuple[str, str], Entry]) -> None:
    unpacked = unpack(pack(records))
    assert unpacked == records
    assert list(unpacked) == list(records)


@given(st.dictionaries(KEYS, NUMBERS), NUMBERS)
def test_new_records_are_all_of_one_file(digests: dict[tuple[str, str], int], file: int) -> None:
    assert unpack(pack_new(digests, file)) == {key: Entry(digest, file) for key, digest in digests.items()}


def test_an_entry_says_whose_file_it_is_of() -> None:
    assert (Entry(1, 7).outbound_file, Entry(1, 7).inbound_file) == (7, None)
    assert (Entry(1, -7).outbound_file, Entry(1, -7).inbound_file) == (None, 7)


def test_compact() -> None:
    records = {("CMA", str(900_000_000_000 + number)): Entry(number, 1) for number in range(100)}
    assert len(pack(records)) < 25 * len(records)


def test_what_a_later_version_packed_is_refused() -> None:
    with pytest.raises(UnknownPackingError, match="version 9"):
        unpack(b"\x09" + pack({})[1:])


@given(st.data(), RECORDS)
def test_what_is_damaged_is_refused_and_nothing_else_happens(
    data: st.DataObject, records: dict[tuple[str, str], Entry]
) -> None:
    packed = pack(records)
    cut = data.draw(st.integers(0, len(packed) - 1))
    with pytest.raises(UnknownPackingError):
        unpack(packed[:cut])
    with pytest.raises(UnknownPackingError):
        unpack(packed + b"x")


@given(st.binary(max_size=60))
def test_any_bytes_are_records_or_refused(damaged: bytes) -> None:
    with suppress(UnknownPackingError):
        unpack(b"\x01" + damaged)
