"""Reading a table: any bytes give rows or problems, and every row knows its line."""

from hypothesis import given
from hypothesis import strategies as st

from people.tables import quoted, read_table


def test_a_row_knows_the_line_it_starts_on() -> None:
    table = read_table(b'a,b\r\n1,"two\r\nlines"\r\n\r\n3,4\r\n')
    assert (table.headers, table.rows, table.lines) == (
        ["a", "b"],
        [["1", "two\r\nlines"], ["3", "4"]],
        [2, 5],
    )


def test_a_row_of_another_width_is_a_problem_and_the_others_are_read() -> None:
    table = read_table(b"a,b\n1\n2,3\n")
    assert (table.rows, table.lines) == ([["2", "3"]], [3])
    assert str(table.problems[0]).startswith("line 2: 1 columns, the header has 2")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    table = read_table(content)
    assert table.headers or table.problems
    assert len(table.rows) == len(table.lines)
    assert all(len(row) == len(table.headers) for row in table.rows)


@given(st.text(max_size=100))
def test_a_quoted_value_can_do_nothing_to_a_terminal(value: str) -> None:
    assert quoted(value).isprintable()
