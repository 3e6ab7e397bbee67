"""The summary of an exchange: what stands in it, and that a partner's text cannot do anything in it."""

import io
import json
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from interface.decision.codes import Code
from interface.models import InboundState
from interface.report import STATES, ConnectionReport, FileIn, FileOut, as_json, console_for, plain, show

DAY = date(2026, 11, 3)
GOOD = FileIn(
    "GI_901_CST_LCU_20261103_00000001.DAT", "answered", records=9, counts={"I100": 5, "W201": 1, "E311": 3}
)
HELD = FileIn("GI_901_CST_LCU_20261103_00000003.DAT", "held", "F08", "Number 2 is missing.")
SENT = FileOut("GO_901_CST_GOF_20261103_00000001.DAT", "GOF", 1_234, {"PRA": 400, "CMA": 0}, "/x/Out/GO.DAT")


def text(*reports: ConnectionReport) -> str:
    stream = io.StringIO()
    show(reports, console_for(stream))
    return stream.getvalue()


def test_a_night_tells_files_codes_with_meaning_and_where_they_lie() -> None:
    shown = text(ConnectionReport("901/TOTARA", DAY, "done", [GOOD, HELD], [SENT]))
    assert "901/TOTARA  Tue 03 Nov 2026  done" in shown
    (line,) = [line for line in shown.splitlines() if GOOD.name in line]
    assert line.split() == [GOOD.name, "answered", "9", "5", "1", "3"]
    assert "E311         3   Identity disagrees" in shown
    assert "is held (F08). Number 2 is missing." in shown
    assert "Full file    1,234   PRA 400" in shown
    assert "CMA" not in shown
    assert "/x/Out/GO.DAT" in shown


def test_what_waits_and_what_failed_is_said_and_why() -> None:
    shown = text(
        ConnectionReport("901/TOTARA", DAY, "failed", held="40 of 100 changed", error="No space left")
    )
    assert "Held back: 40 of 100 changed" in shown
    assert "Failed: No space left" in shown


def test_what_waits_from_nights_before_and_what_is_to_be_mended_in_in_is_told() -> None:
    aside = FileIn("GI_1.DAT", "quarantined", message="It could not be answered.")
    report = ConnectionReport(
        "901/T",
        DAY,
        "done",
        [aside],
        troubles=["In/x cannot be read."],
        waiting=["GI_0.DAT has been set aside."],
    )
    told = text(report)
    assert "GI_1.DAT was set aside. It could not be answered." in told
    assert "In/x cannot be read." in told
    assert "GI_0.DAT has been set aside." in told
    assert report.left_undone == ["GI_1.DAT was set aside. It could not be answered.", "In/x cannot be read."]
    assert not ConnectionReport("901/T", DAY, "done", [HELD]).left_undone


def test_a_night_that_another_worker_is_at_is_not_called_failed() -> None:
    told = text(ConnectionReport("901/T", DAY, "skipped", error="It is being done. Nothing was done."))
    assert "not done" in told
    assert "Failed" not in told


def test_a_night_without_news_says_so() -> None:
    assert "nothing to send" in text(ConnectionReport("901/TOTARA", DAY, "done"))
    # A paused connection's folders have not been looked into.
    paused = text(ConnectionReport("901/TOTARA", DAY, "skipped", waiting=["Paused by alice."]))
    assert "Paused by alice." in paused
    assert "No file came" not in paused


def test_nothing_to_exchange_with_is_said_too() -> None:
    assert "No connection" in text()


def test_every_state_of_a_file_has_words() -> None:
    assert set(InboundState.values) <= STATES.keys()


def test_codes_stand_good_news_first() -> None:
    counts = dict.fromkeys((code.value for code in Code), 1)
    shown = text(ConnectionReport("901/T", DAY, "done", [FileIn("F", "answered", counts=counts)]))
    codes = [word for line in shown.splitlines() if (word := line.strip()[:4]) in counts]
    assert codes == sorted(codes, key=lambda code: ("IWE".index(code[0]), code))
    assert len(codes) == len(Code)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_name_or_message_has_an_effect_on_the_terminal(name: str, message: str) -> None:
    report = ConnectionReport("901/T", DAY, "done", [FileIn(name, "refused", "F05", message)], error=message)
    shown = text(report)
    assert all(character.isprintable() or character == "\n" for character in shown)


def test_markup_is_shown_as_it_is() -> None:
    assert "[red]x[/red]" in text(ConnectionReport("901/T", DAY, "failed", error="[red]x[/red]"))
    assert plain("a\x1b[31mb") == "a�[31mb"


def test_json_is_one_object_with_everything() -> None:
    told = json.loads(as_json([ConnectionReport("901/T", DAY, "done", [GOOD], [SENT])]))
    (one,) = told["connections"]
    assert (one["connection"], one["business_date"], one["state"]) == ("901/T", "2026-11-03", "done")
    assert one["inbound"][0]["counts"] == {"I100": 5, "W201": 1, "E311": 3}
    assert one["outbound"][0]["path"] == "/x/Out/GO.DAT"
