"""E303 over a whole file: the same as a naive reader with a dictionary finds, in flat memory."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interface.formats import completions
from interface.formats.completions import Completion, completion
from interface.inbound import contradictions
from interface.inbound.contradictions import contradicted_references


def lua(reference: str, *, day: int = 1, hour: int = 1, last_name: str = "Achebe") -> str:
    return completions.write(
        completion(
            reference,
            employee_number="1",
            last_name=last_name,
            date_of_birth=date(1990, 1, 1),
            course_code="FIRE",
            completed_on=date(2026, 11, day),
            last_update=datetime(2026, 11, 1, hour, tzinfo=UTC),
        )
    )


def found_in(tmp_path: Path, lines: list[str], encoding: str = "iso-8859-1") -> Any:
    path = tmp_path / "file"
    path.write_bytes("\n".join(["HDR~x", *lines, "TRL~1"]).encode(encoding))
    return contradicted_references(path, encoding)


@pytest.mark.parametrize(
    ("lines", "contradicted"),
    [
        ([lua("A"), lua("B")], set()),
        ([lua("A"), lua("A")], set()),
        ([lua("A"), lua("A", hour=2)], set()),
        ([lua("A"), lua("A", day=2)], {"A"}),
        ([lua("A"), lua("B"), lua("A", day=2), lua("B")], {"A"}),
        ([lua("A"), lua("A", day=2) + "~one column too many"], set()),
        ([lua("A"), lua("A", last_name="")], set()),
        ([lua("A"), "LUD~A"], set()),
        ([lua("É"), lua("É", day=2)], {"É"}),
    ],
)
@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-8"])
def test_cases(tmp_path: Path, lines: list[str], contradicted: set[str], encoding: str) -> None:
    found = found_in(tmp_path, lines, encoding)
    assert {reference for reference in "ABÉ" if reference in found} == contradicted


def naive(lines: list[str]) -> set[str]:
    contents: dict[str, set[str]] = {}
    for line in lines:
        record = completions.read(line)
        if isinstance(record, Completion):
            contents.setdefault(record.source_reference, set()).add(record.content)
    return {reference for reference, of in contents.items() if len(of) > 1}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(
        st.one_of(
            st.builds(lua, st.sampled_from("ABCDEF"), day=st.integers(1, 3), hour=st.integers(0, 2)),
            st.builds(lua, st.sampled_from("ABCDEF"), last_name=st.sampled_from(["", "Achebe", "Okafor"])),
            st.sampled_from(["LUD~A", "LUA~B", "LUA~", "LUA", "ABC~A~B"]),
        ),
        max_size=40,
    ),
    spill_at=st.sampled_from([2, 4, 4096]),
)
def test_as_a_naive_reader_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[str], spill_at: int
) -> None:
    monkeypatch.setattr(contradictions, "_SPILL_AT", spill_at)
    found = found_in(tmp_path, lines)
    assert {reference for reference in "ABCDEF" if reference in found} == naive(lines)
