"""Many rows as one value, made by the database: the same on both, whatever the values hold."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from people.bulk import insert_rows
from people.gathering import PARTED_BY, Fingerprint, gathered, in_any_order, parts
from people.models import Organisation, Position

# What a database stores as text, and what means something to a template, to SQL or to us.
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters=f"\0{PARTED_BY}"), max_size=20),
    st.sampled_from(["%s", "%", "%%", "'", "\\", "", "é€", "{}"]),
)
BY_VALUE = Fingerprint("name", "job_role")
WHOLE = gathered(BY_VALUE, f"%s{PARTED_BY}%s", "name", "job_role")
ROWS = st.lists(st.tuples(TEXTS, TEXTS), max_size=8)


@pytest.fixture
def organisation(db: None) -> Organisation:
    return Organisation.objects.create(vpd="277", name="Northmoor")


def _asked(organisation: Organisation, rows: list[tuple[str, str]], value: Any) -> Any:
    """The value made of these names and roles."""
    fields = ("organisation", "position_id", "name", "job_role", "staff_group")
    with transaction.atomic():
        insert_rows(Position, fields, [(organisation.pk, str(at), *row, "") for at, row in enumerate(rows)])
        (found,) = Position.objects.order_by().annotate(one=value).values_list("one", flat=True)
        transaction.set_rollback(True)
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_what_is_gathered_is_taken_apart_again(
    organisation: Organisation, rows: list[tuple[str, str]]
) -> None:
    text = _asked(organisation, rows, WHOLE)
    read = parts(text, a_row=2)
    assert read is not None
    fingerprint, found = read
    assert in_any_order(fingerprint) == in_any_order(_asked(organisation, rows, BY_VALUE))
    assert sorted(zip(found[0::2], found[1::2], strict=True)) == sorted(rows)


@pytest.mark.parametrize("value", [PARTED_BY, f"a{PARTED_BY}b{PARTED_BY}", f"{PARTED_BY}{PARTED_BY}"])
def test_a_value_that_holds_what_parts_them_is_recognised(organisation: Organisation, value: str) -> None:
    for rows in ([(value, "")], [("a", "b"), ("", value)]):
        text = _asked(organisation, rows, WHOLE)
        assert parts(text, a_row=2) is None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, others=ROWS)
def test_a_fingerprint_tells_rows_apart_and_nothing_of_their_order(
    organisation: Organisation, rows: list[tuple[str, str]], others: list[tuple[str, str]]
) -> None:
    def of(rows: list[tuple[str, str]]) -> str:
        # Rows that are alike in all are told apart by their keys, as everywhere.
        return in_any_order(_asked(organisation, rows, BY_VALUE))

    rows, others = list(dict.fromkeys(rows)), list(dict.fromkeys(others))
    assert of(rows) == of(rows[::-1])
    assert (of(rows) == of(others)) == (set(rows) == set(others))
