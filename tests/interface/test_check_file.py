"""`check_file`: for suppliers, without a database, every problem with line, column, code and text."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from tests.conftest import Installation

NAME = "GI_901_CST_LCU_20261103_00000001.DAT"
EXAMPLE = Path(__file__).parent.parent / "data" / "example-night" / NAME
HEADER = f"HDR~{NAME}~20261103 210000~901~20261102 210000~20261103 210000~01"
GOOD = "LUA~M-1~~25100001~Achebe~19870412~~~FIRE-2Y~~20261102~~~~20261102 143000"


def check(path: Path, *options: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("check_file", str(path), *options, stdout=out, stderr=err)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def file(folder: Path, *lines: str, name: str = NAME) -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), "iso-8859-1")
    return path


def whole(folder: Path, *records: str) -> Path:
    return file(folder, HEADER, *records, f"TRL~{len(records) + 2}")


def test_a_clean_file_is_clean() -> None:
    assert check(EXAMPLE) == (0, f"{NAME}: no problem found\n", "")


class Terminal(io.StringIO):
    """What a person sees, bar and all."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_findings_stand_above_a_bar_that_goes_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    screen = Terminal()
    with pytest.raises(SystemExit):
        call_command("check_file", str(whole(tmp_path, "LUX~1")), stdout=screen, stderr=io.StringIO())
    seen = screen.getvalue()
    assert "100%" in seen
    assert "line 2: E300" in seen
    assert seen.endswith("\x1b[2K")  # the bar's line is wiped


LINES = [
    ("LUA~M-1", "line 2: E300"),
    ("LUX~1", "line 2: E300"),
    (GOOD.replace("Achebe", ""), "line 2, Last Name: E301"),
    (GOOD.replace("25100001", ""), "E301"),
    (GOOD.replace("19870412", "19870431"), "line 2, Date of Birth: E302"),
    (GOOD.replace("M-1", "M" * 65), "line 2, Source Reference: E302"),
    (GOOD.replace("20261102 143000", "tomorrow"), "line 2, Last Update: E302"),
    ("LUD~", "line 2, Source Reference: E301"),
    (f"{GOOD}\n{GOOD.replace('FIRE-2Y', 'OTHER')}", "line 3, Source Reference: E303"),
]


@pytest.mark.parametrize(("record", "told"), LINES)
def test_a_bad_line_is_told_with_its_column_and_code(tmp_path: Path, record: str, told: str) -> None:
    code, out, err = check(whole(tmp_path, *record.split("\n")))
    assert code == 1
    assert out.startswith(told) or f", {told}" in out or told in out
    assert err == f"{NAME}: 1 problem\n"


FILES = [
    ([], "F01"),
    ([GOOD], "F01"),
    ([HEADER, GOOD], "F02"),
    ([HEADER, GOOD, "TRL~9"], "F03"),
    ([HEADER.replace("~01", "~02"), "TRL~2"], "F04"),
    ([HEADER.replace("00000001", "00000002"), "TRL~2"], "F05"),
    ([HEADER.replace("~901~", "~902~"), "TRL~2"], "F06"),
]


@pytest.mark.parametrize(("lines", "code"), FILES)
def test_a_file_that_would_be_refused_is_told_with_its_code(
    tmp_path: Path, lines: list[str], code: str
) -> None:
    status, out, _ = check(file(tmp_path, *lines))
    assert status == 1
    assert f": {code} " in out


def test_all_problems_are_told_not_only_the_first(tmp_path: Path) -> None:
    bad = GOOD.replace("19870412", "x").replace("20261102~", "y~")
    _, out, err = check(file(tmp_path, HEADER.replace("~01", "~02"), bad, "?", "TRL~1"))
    assert [line.split(" ")[-0] for line in out.splitlines()]
    assert {code for code in ("F04", "F03", "E302", "E300") if f": {code} " in out} == {
        "F04",
        "F03",
        "E302",
        "E300",
    }
    assert err == f"{NAME}: 5 problems\n"


def test_a_re_seed_request_is_checked_as_one(tmp_path: Path) -> None:
    name = "GO_901_CST_GDR_20261103_00000001.DAT"
    assert check(file(tmp_path, f"HDR~{name}~20261103 210000", name=name))[0] == 0
    assert ": F01 " in check(file(tmp_path, f"HDR~{name}~yesterday", name=name))[1]


def test_a_file_over_the_limit_is_told(tmp_path: Path, settings: Settings) -> None:
    settings.INBOUND_MAX_BYTES = 50
    assert "F10 the file has" in check(whole(tmp_path, GOOD))[1]


def test_the_encoding_may_be_chosen(tmp_path: Path) -> None:
    path = whole(tmp_path, GOOD.replace("Achebe", "Núñez"))
    assert check(path)[0] == 0
    assert "line 2: F04" in check(path, "--encoding", "utf-8")[1]


def test_json_is_one_object(tmp_path: Path) -> None:
    status, out, _ = check(whole(tmp_path, "LUX~1", "LUA~1"), "--json")
    told = json.loads(out)
    assert (status, told["file"], told["count"]) == (1, NAME, 2)
    assert [problem["line"] for problem in told["problems"]] == [2, 3]
    assert json.loads(check(EXAMPLE, "--json")[1]) == {"file": NAME, "problems": [], "count": 0}


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["iso-8859-1", "utf-8"]))
def test_hostile_bytes_are_told_and_do_nothing_to_the_terminal(
    tmp_path: Path, content: bytes, encoding: str
) -> None:
    path = tmp_path / NAME
    path.write_bytes(content)
    status, out, err = check(path, "--encoding", encoding)
    assert status == 1
    assert all(character.isprintable() or character == "\n" for character in out + err)
    assert isinstance(json.loads(check(path, "--json")[1])["problems"], list)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.DAT"):
        with pytest.raises(CommandError, match="is not a file"):
            check(path)


def test_it_needs_no_database(installation: Installation) -> None:
    elsewhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}
    ended = installation.manage("check_file", str(EXAMPLE), **elsewhere)
    assert (ended.returncode, ended.stdout) == (0, f"{NAME}: no problem found\n")
