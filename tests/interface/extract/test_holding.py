"""A GO file that would touch too many people: kept with what it would do, decided by a person, in its turn, once."""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from interface.extract import keeping, tasks
from interface.extract.holding import HoldDecidedError, accept_hold, dismiss_hold
from interface.models import ExtractHold, ForeseenChange
from interface.progress import progress_of
from people.models import AuditEvent, NightlyRun, Organisation, Person, PersonVersion
from tests.interface.extract.extracts import MONDAY, TUESDAY, WEDNESDAY, Read, Refusal, extract, record

THURSDAY = "20261105 070000"


@pytest.fixture(autouse=True)
def shares(settings: Settings) -> None:
    settings.GUARD_DELETED_SHARE, settings.GUARD_CHANGED_SHARE = 0.2, 0.3
    settings.GUARD_MINIMUM_PEOPLE = 10


def crowd(last_name: str = "Achebe", count: int = 40) -> list[str]:
    return [record("PRA", c1=str(number), c6=last_name, c38="20261101") for number in range(count)]


def leavers(count: int = 20) -> list[str]:
    return [f"PRD~{number}" for number in range(count)]


def newcomer(number: int) -> str:
    return record("PRA", c1=str(number), c6="Newcomer", c38="20261103")


def full(*lines: str, created: str) -> bytes:
    """As ``extract``, named as a file that says everything."""
    name = f"GO_901_GDW_GOF_{created[:8]}_00000001.DAT"
    return extract(*lines, created=created).replace("GO_901.DAT", name).encode()


@pytest.fixture
def held(read: Read, refusal: Refusal) -> ExtractHold:
    """Tuesday's file says that half of the people are gone."""
    read(*crowd(), record("ASA", c1="1", c2="11"), record("ASA", c1="30", c2="30"))
    refusal(extract(*leavers(), newcomer(77), created=TUESDAY).encode())
    return ExtractHold.objects.select_related("organisation").get()


def states() -> list[str]:
    return list(ExtractHold.objects.order_by("extracted_at").values_list("state", flat=True))


def present() -> int:
    return Person.objects.present().count()


# --- What is kept -------------------------------------------------------------------------------------


def test_it_is_kept_with_what_it_would_do_and_nothing_is_done(held: ExtractHold) -> None:
    assert (held.state, held.population, held.changed, held.deleted, held.added) == ("waiting", 40, 0, 20, 1)
    assert held.counts == {"PRA": {"added": 1}, "PRD": {"removed": 20}}
    assert held.standing["People"] == [40, 21]
    assert held.standing["Assignments today"] == [2, 2]
    assert present() == 40
    assert not NightlyRun.objects.exists()
    told = AuditEvent.objects.get(verb="load held")
    assert (told.actor, json.loads(told.after)["deleted"]) == ("command line", 20)


def test_the_bytes_are_for_the_application_alone(held: ExtractHold) -> None:
    path = keeping.place(held.organisation_id, held.sha256)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_people_before_and_after(held: ExtractHold, read: Read, refusal: Refusal) -> None:
    first = held.foreseen.select_related("person").first()
    assert first is not None
    assert (first.is_deleted, first.before, first.after) == (
        True, [["In the staff record", "yes"]], [["In the staff record", "deleted"]],
    )  # fmt: skip
    assert held.foreseen.count() == 20
    dismiss_hold(held, by="alice", reason="half a file")
    moved = [*crowd("Okafor", 13), record("ASA", c1="1", c2="11", c9="Career Break"), record("CMA")]
    refusal(extract(*moved, created=TUESDAY).encode())
    told = ForeseenChange.objects.get(person__person_id="1")
    assert not told.is_deleted
    assert ["Last name, from 1 Jan 2020", "Achebe"] in told.before
    assert ["Last name, from 1 Jan 2020", "Okafor"] in told.after
    assert ["Assignment 11: System status, from 1 Jan 2020", "Career Break"] not in told.before


def test_the_sample_is_bounded(read: Read, refusal: Refusal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interface.extract.foresight.SAMPLE", 5)
    monkeypatch.setattr("interface.extract.foresight.LINES", 1)
    read(*crowd())
    moved = [record("PRA", c1=str(number), c6="Okafor", c7="Ada", c38="20261101") for number in range(20, 40)]
    refusal(extract(*leavers(), *moved, created=TUESDAY).encode())
    assert list(ForeseenChange.objects.values_list("is_deleted", flat=True)) == [True] * 5 + [False] * 5
    told = ForeseenChange.objects.filter(is_deleted=False)[0]
    assert told.after == [["Last name, from 1 Jan 2020", "Okafor"], ["and 1 more", ""]]


def test_read_again_it_is_held_once(held: ExtractHold, refusal: Refusal) -> None:
    content = extract(*leavers(), newcomer(77), created=TUESDAY).encode()
    assert f"as held load {held.pk}" in refusal(content)
    assert ExtractHold.objects.count() == 1
    assert AuditEvent.objects.filter(verb="load held").count() == 1


# --- A person's yes -----------------------------------------------------------------------------------


def test_a_yes_loads_exactly_that_file_once(
    held: ExtractHold, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    accept_hold(held, by="alice", reason="a merger")
    with pytest.raises(HoldDecidedError, match="decided by alice"):
        accept_hold(ExtractHold.objects.get(), by="bob", reason="me too")
    with pytest.raises(HoldDecidedError):
        dismiss_hold(ExtractHold.objects.get(), by="bob", reason="no")
    with django_capture_on_commit_callbacks(execute=True):
        tasks.load_accepted(held.pk)
    Person.objects.filter(person_id="0").update(removed_at=None)
    tasks.load_accepted(held.pk)
    held.refresh_from_db()
    assert (held.state, held.decided_by, held.reason, present()) == ("loaded", "alice", "a merger", 22)
    assert not keeping.place(held.organisation_id, held.sha256).exists()
    assert not ForeseenChange.objects.exists()
    told = AuditEvent.objects.get(verb="staff record loaded", actor="alice")
    assert (told.reason, json.loads(told.after)["mass_change_accepted"]) == ("a merger", True)
    run = NightlyRun.objects.get(job=tasks.JOB)
    assert (run.state, progress_of(run)) == ("done", None)


def test_read_again_while_it_is_loaded_the_yes_stands(held: ExtractHold, refusal: Refusal) -> None:
    accept_hold(held, by="alice", reason="a merger")
    told = refusal(extract(*leavers(), newcomer(77), created=TUESDAY).encode())
    assert "it is being loaded, because alice said yes" in told
    tasks.load_accepted(held.pk)
    assert (states(), present()) == (["loaded"], 21)


def test_other_bytes_than_were_held_are_not_loaded(held: ExtractHold) -> None:
    keeping.place(held.organisation_id, held.sha256).write_bytes(
        extract(*leavers(40), created=TUESDAY).encode()
    )
    accept_hold(held, by="alice", reason="a merger")
    assert "not the file that was held" in tasks.load_accepted(held.pk)
    held.refresh_from_db()
    assert (held.state, held.decided_by, "its bytes are others" in held.message) == ("waiting", "", True)
    assert present() == 40


def test_a_decision_needs_its_reason(held: ExtractHold) -> None:
    with pytest.raises(HoldDecidedError, match="Say why"):
        accept_hold(held, by="alice", reason=" ")


def test_a_large_one_is_the_queue_s(
    held: ExtractHold, settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    settings.UPLOAD_BACKGROUND_ROWS = 5
    accept_hold(held, by="alice", reason="a merger")
    with django_capture_on_commit_callbacks() as asked:
        tasks.load_soon(held)
    assert (len(asked), states()) == (1, ["loading"])
    tasks.load_accepted(held.pk)
    assert states() == ["loaded"]


def test_read_with_the_switch_it_waits_no_more(held: ExtractHold, read: Read) -> None:
    read(*leavers(), newcomer(77), created=TUESDAY, accept_mass_change=True, reason="I looked")
    assert (states(), present()) == (["loaded"], 21)
    assert AuditEvent.objects.filter(verb="staff record loaded", reason="I looked").exists()


# --- And no -------------------------------------------------------------------------------------------


def test_a_no_is_kept_to(
    held: ExtractHold, refusal: Refusal, read: Read,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        dismiss_hold(held, by="alice", reason="half a file")
    assert not keeping.place(held.organisation_id, held.sha256).exists()
    again = extract(*leavers(), newcomer(77), created=TUESDAY).encode()
    assert "alice dismissed it" in refusal(again)
    assert (present(), states()) == (40, ["dismissed"])
    read(*leavers(), newcomer(77), created=TUESDAY, accept_mass_change=True)
    assert present() == 21


# --- What comes meanwhile -----------------------------------------------------------------------------


def test_newer_changes_wait_behind_it_and_follow_a_yes(held: ExtractHold, refusal: Refusal) -> None:
    assert "waits behind one" in refusal(extract(newcomer(88), created=WEDNESDAY).encode())
    assert states() == ["waiting", "behind"]
    accept_hold(held, by="alice", reason="a merger")
    assert "waits behind one" in refusal(extract(newcomer(99), created=THURSDAY).encode())
    tasks.load_accepted(held.pk)
    assert (states(), present()) == (["loaded", "loaded", "loaded"], 23)


def test_what_follows_a_no_is_judged_by_itself(held: ExtractHold, refusal: Refusal) -> None:
    refusal(extract(*leavers(30), created=WEDNESDAY).encode())
    refusal(extract(newcomer(88), created=THURSDAY).encode())
    dismiss_hold(held, by="alice", reason="half a file")
    tasks.try_next("901")
    assert (states(), present()) == (["dismissed", "waiting", "behind"], 40)
    second = ExtractHold.objects.get(state="waiting")
    assert AuditEvent.objects.filter(verb="load held", record_key=str(second.pk)).count() == 2
    assert (second.deleted, second.foreseen.count()) == (30, 30)


def test_one_behind_that_cannot_be_loaded_says_why(held: ExtractHold, refusal: Refusal) -> None:
    refusal(extract(newcomer(88), created=WEDNESDAY).encode())
    behind = ExtractHold.objects.get(state="behind")
    keeping.forget(behind.organisation_id, behind.sha256)
    dismiss_hold(held, by="alice", reason="half a file")
    tasks.try_next("901")
    behind.refresh_from_db()
    assert (behind.state, behind.message) == ("behind", "It could not be loaded: No such file or directory.")


def test_an_older_file_does_not_wait(held: ExtractHold, read: Read) -> None:
    read(record("PRA", c1="99"), created=MONDAY)
    assert (states(), present()) == (["waiting"], 41)


def test_a_newer_full_extract_overtakes_what_only_changes(
    read: Read, refusal: Refusal, tmp_path: Path,
) -> None:  # fmt: skip
    read(*crowd())
    refusal(extract(*crowd("Okafor"), created=TUESDAY).encode())
    refusal(extract(newcomer(88), created=THURSDAY).encode())
    path = tmp_path / "full.DAT"
    path.write_bytes(full(*crowd(), created=WEDNESDAY))
    call_command("read_go", path, stdout=io.StringIO())
    # Thursday's changes come after it, and had only waited for Tuesday's.
    assert (states(), present()) == (["superseded", "loaded"], 41)
    assert "Overtaken by full.DAT" in ExtractHold.objects.get(state="superseded").message


def test_a_full_extract_that_is_held_itself_overtakes_too(read: Read, refusal: Refusal) -> None:
    read(*crowd())
    refusal(extract(*crowd("Okafor", 30), created=TUESDAY).encode())
    assert "it changes 40 of 40 people" in refusal(full(*crowd("Abara"), created=WEDNESDAY))
    assert states() == ["superseded", "waiting"]


@pytest.mark.parametrize(("is_yes", "left"), [(True, 31), (False, 40)])
def test_a_full_extract_waits_behind_what_deletes(
    held: ExtractHold, refusal: Refusal, is_yes: bool, left: int
) -> None:
    # It says that ten of the twenty are still there, and nothing of the other ten.
    assert "waits behind one" in refusal(full(*crowd()[10:], created=WEDNESDAY))
    assert (states(), present()) == (["waiting", "behind"], 40)
    if is_yes:
        accept_hold(held, by="alice", reason="a transfer of staff")
        tasks.load_accepted(held.pk)
    else:
        dismiss_hold(held, by="alice", reason="half a file")
        tasks.try_next("901")
    assert (states(), present()) == (["loaded" if is_yes else "dismissed", "loaded"], left)


def test_a_full_extract_that_does_not_wait_leaves_what_deletes_to_a_person(
    held: ExtractHold, tmp_path: Path
) -> None:
    path = tmp_path / "full.DAT"
    path.write_bytes(full(*crowd(), created=WEDNESDAY))
    call_command("read_go", path, stdout=io.StringIO(), accept_mass_change=True)
    assert states() == ["waiting"]


def test_another_organisation_s_files_do_not_wait(
    held: ExtractHold, read: Read, southmoor: Organisation
) -> None:
    read(newcomer(1), created=WEDNESDAY, vpd="902")
    assert PersonVersion.objects.filter(organisation=southmoor).exists()


# --- The command line ---------------------------------------------------------------------------------


def command(**options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command("held_loads", json=True, stdout=out, **options)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def test_the_command_line_lists_and_decides(held: ExtractHold, refusal: Refusal) -> None:
    (row,) = command()["held"]
    assert (row["id"], row["vpd"], row["deleted"]) == (held.pk, "901", 20)
    out = io.StringIO()
    call_command("held_loads", stdout=out)
    assert "it deletes 20 of 40 people" in out.getvalue()
    assert "\n   Persons: " in out.getvalue()
    with pytest.raises(CommandError, match="Say why") as wrong:
        command(accept=held.pk)
    assert wrong.value.returncode == 2
    assert command(accept=held.pk, reason="a merger")["done"]["state"] == "Loaded"
    assert (present(), command()["held"]) == (21, [])
    with pytest.raises(CommandError, match="no longer waiting") as refused:
        command(dismiss=held.pk, reason="no")
    assert refused.value.returncode == 1
    for nobodys in (0, 10**9):
        with pytest.raises(CommandError, match="There is no held load"):
            command(dismiss=nobodys, reason="no")
        with pytest.raises(CommandError, match="There is no held load"):
            command(accept=nobodys, reason="yes")


def test_the_command_line_carries_out_what_was_interrupted(held: ExtractHold) -> None:
    accept_hold(held, by="alice", reason="a merger")
    assert command(accept=held.pk, reason="again")["done"]["state"] == "Loaded"
    held.refresh_from_db()
    assert (held.decided_by, held.reason, present()) == ("alice", "a merger", 21)


def test_the_command_line_says_no(held: ExtractHold) -> None:
    assert command(dismiss=held.pk, reason="half a file")["done"]["state"] == "Dismissed"
    out = io.StringIO()
    call_command("held_loads", stdout=out)
    assert out.getvalue() == "Nothing is held.\n"


# --- Clearing away ------------------------------------------------------------------------------------


def test_copies_that_nobody_waits_for_are_cleared_away(
    held: ExtractHold, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keeping.place(held.organisation_id, held.sha256)
    stray = keeping.place(held.organisation_id, "0" * 64)
    stray.write_bytes(b"")
    assert tasks.clear_away_tonight() == 0
    monkeypatch.setattr(keeping, "_SETTLES_WITHIN", -1)
    assert (tasks.clear_away_tonight(), kept.exists(), stray.exists()) == (1, True, False)
