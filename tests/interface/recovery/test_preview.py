"""Preview: what applying a file would give, and nothing of it done."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from interface.models import Connection, InboundFile
from interface.recovery.actions import preview
from interface.recovery.preview import Preview
from tests.interface.inbound.desk import Desk
from tests.interface.outbound.staff import TODAY
from tests.simulation import wire

LATER = "20261103 010000"


def look(desk: Desk, name: str, data: bytes, *, offset: int = 0, limit: int = 50) -> Preview:
    path = desk.folders.root / "upload"
    path.write_bytes(data)
    before = everything(), desk.out(), sorted(desk.folders.archive_in.iterdir())
    seen = preview(Connection.objects.get(), file=path, name=name, on=TODAY, offset=offset, limit=limit)
    assert (everything(), desk.out(), sorted(desk.folders.archive_in.iterdir())) == before
    return seen


def everything() -> list[Any]:
    """Every row of the apps' tables."""
    return [
        list(model._default_manager.order_by("pk").values_list())
        for app in ("people", "competencies", "interface")
        for model in apps.get_app_config(app).get_models()
        if not model._meta.proxy
    ]


# --- What it tells ------------------------------------------------------------------------------------


def test_totals_and_people_before_and_after(desk: Desk) -> None:
    desk.send(desk.lua("R1", level="1"), desk.lua("R2", person="40002"))
    seen = look(
        desk,
        *desk.file(
            desk.lua("R1", level="2", updated=LATER),
            desk.lua("R2", person="40002", updated=LATER),
            desk.lua("R3", on=date(2026, 10, 1)),
            desk.lua("R4", course="KNITTING"),
            number=2,
        ),
    )
    assert (seen.state, seen.code, seen.records) == ("accepted", "", 4)
    assert seen.counts == {"E320": 1, "I100": 1, "I101": 1, "I102": 1}
    # Who is only told the same once more is not changed.
    assert seen.people_changed == 1
    (change,) = seen.people
    assert change.person.person_id == "40001"
    assert [(one.element_id, one.proficiency_level) for one in change.before] == [("900000000001", "1")]
    assert [(one.element_id, one.proficiency_level, one.date_from) for one in change.after] == [
        ("900000000001", "2", date(2026, 11, 2)),
        ("900000000003", "", date(2026, 10, 1)),
    ]


def test_a_withdrawal_has_a_before_and_no_after(desk: Desk) -> None:
    desk.send(desk.lua("R1"))
    (change,) = look(desk, *desk.file(wire.lud("R1"), number=2)).people
    assert (len(change.before), change.after) == (1, [])


def test_people_come_in_pages_and_are_counted_all(desk: Desk) -> None:
    file = desk.file(desk.lua("R1"), desk.lua("R2", person="40002"))
    seen = look(desk, *file, limit=1)
    assert (seen.people_changed, [one.person.person_id for one in seen.people]) == (2, ["40001"])
    seen = look(desk, *file, limit=1, offset=1)
    assert [one.person.person_id for one in seen.people] == ["40002"]


def test_a_file_that_would_be_held_is_decided_as_if_let_through(desk: Desk) -> None:
    seen = look(desk, *desk.file(desk.lua("R1"), number=3))
    assert (seen.state, seen.code, seen.counts) == ("held", "F08", {"I100": 1})


def test_a_held_file_of_the_ledger(desk: Desk) -> None:
    desk.put(*desk.file(desk.lua("R1"), number=3))
    desk.collect()
    seen = preview(Connection.objects.get(), file=desk.only(), on=TODAY)
    assert (seen.state, seen.counts) == ("held", {"I100": 1})
    assert (desk.only().state, desk.only().released_at) == ("held", None)


# --- Refused, or known --------------------------------------------------------------------------------

NAME = "GI_277_CST_LCU_20261103_00000001.DAT"


@pytest.mark.parametrize("code", ["F01", "F02", "F03", "F04", "F05", "F06", "F07", "F09", "F10"])
def test_it_refuses_what_the_night_refuses(desk: Desk, settings: Settings, code: str) -> None:
    name, data = desk.file(desk.lua("R1"))
    if code == "F01":
        data = data.replace(b"HDR", b"XXX")
    elif code == "F02":
        data = data[: data.index(b"TRL")]
    elif code == "F03":
        data = data.replace(b"TRL~3", b"TRL~4")
    elif code == "F04":
        data = data.replace(b"Name", b"Na\0e")
    elif code == "F05":
        name = "upload.csv"
    elif code == "F06":
        name, data = name.replace("277", "278"), data.replace(b"_277_", b"_278_")
    elif code == "F07":
        Connection.objects.update(next_inbound=2)
    elif code == "F09":
        Connection.objects.update(live_on=TODAY + timedelta(days=1))
    elif code == "F10":
        settings.INBOUND_MAX_BYTES = 20
    seen = look(desk, name, data)
    assert (seen.state, seen.code, seen.counts) == ("refused", code, {})
    desk.connection.refresh_from_db()
    desk.put(name, data)
    desk.collect()
    file = desk.only()
    assert (file.state, file.code, file.message) == ("refused", seen.code, seen.message)


def test_bytes_that_were_answered_say_so(desk: Desk) -> None:
    name, data = desk.file(desk.lua("R1"))
    desk.put(name, data)
    desk.collect()
    seen = look(desk, "again.DAT", data)
    assert (seen.known, seen.state, seen.counts, seen.people) == (name, "answered", {"I100": 1}, [])


def test_bytes_refused_under_a_wrong_name_are_looked_at_under_the_right_one(desk: Desk) -> None:
    name, data = desk.file(desk.lua("R1"))
    desk.put("upload.csv", data)
    desk.collect()
    seen = look(desk, name, data)
    assert (seen.state, seen.counts) == ("accepted", {"I100": 1})


def test_a_reseed_request_changes_nobody(desk: Desk) -> None:
    name = wire.completions_name("277", TODAY, 7, kind="GDR")
    seen = look(desk, name, f"HDR~{name}~20261103 200000\n".encode())
    assert (seen.state, seen.people) == ("answered", [])
    assert not Connection.objects.get().full_file_wanted


def test_a_file_that_cannot_be_read(desk: Desk) -> None:
    with pytest.raises(FileNotFoundError):
        preview(desk.connection, file=Path("/nowhere"), on=TODAY)


# --- Any file -----------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_shown_is_what_applying_gives(desk: Desk, settings: Settings, data: st.DataObject) -> None:
    settings.INBOUND_BATCH_LINES = 2
    number = Connection.objects.get().next_inbound
    line = st.one_of(
        st.builds(
            lambda reference, person, day, level, course: desk.lua(
                reference, person=person, on=date(2026, 10, day), level=level, course=course,
                updated=f"202611{number:02} 010000",
            ),
            st.sampled_from(["R1", "R2", "R3"]), st.sampled_from(["40001", "40002", "9"]), st.sampled_from([1, 2]),
            st.sampled_from(["", "2"]), st.sampled_from(["FIRE", "KNITTING"]),
        ),
        st.sampled_from(["R1", "R2"]).map(wire.lud),
        st.sampled_from(["LUA", "~~~", "TRL~3", "LUD~"]),
    )  # fmt: skip
    name, content = desk.file(*data.draw(st.lists(line, max_size=6)), number=number)
    seen = look(desk, name, content)
    desk.put(name, content)
    desk.collect()
    file = InboundFile.objects.latest("pk")
    assert (seen.counts, seen.records) == (file.counts, file.records)
