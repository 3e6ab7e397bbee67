"""Numbers, bytes and publishing: what a crash leaves, and what the partner sees."""

import hashlib
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
import time_machine

from interface import publishing
from interface.models import Connection, OutboundFile
from interface.outbound.actions import (
    NotLiveError,
    republish,
    send_full_file,
)
from interface.outbound.composing import Composer
from interface.outbound.ledger import Ledger
from interface.publishing import PublishedBytesDifferError
from tests.interface.outbound.staff import DAY, TODAY, Staff, night, out, outbox


def test_headers_chain(staff: Staff) -> None:
    staff.employee("40001")
    with time_machine.travel("2026-07-01 20:30:00+00:00", tick=False):
        night(staff)
    with time_machine.travel("2026-07-02 20:30:00+00:00", tick=False):
        night(staff, 1)
    with time_machine.travel("2026-07-02 11:00:00+00:00", tick=False):
        night(staff, 2)
    headers = [
        file.read_text("iso-8859-1").splitlines()[0] for file in sorted(outbox(staff.connection).iterdir())
    ]
    runs = ["00000000 000000", "20260701 213000", "20260702 213000", "20260702 213000"]
    # A clock that was set back does not send the partner back in time.
    assert sorted(headers) == sorted(
        f"HDR~GO_277_CST_{kind}_{20261103 + index}_{index + 1:08}.DAT~{runs[index + 1]}~277~{runs[index]}~"
        f"{runs[index + 1]}~01"
        for index, kind in enumerate(("GOF", "GOC", "GOC"))
    )


def test_refused_where_not_live_or_not_aligned(staff: Staff) -> None:
    with pytest.raises(NotLiveError, match="goes live on 5 Jan 2026"):
        send_full_file(staff.connection, on=date(2026, 1, 4), by="Ada", reason="early")
    staff.organisation.cstf_aligned_on = None
    staff.organisation.save()
    staff.connection = Connection.objects.get()
    with pytest.raises(NotLiveError, match="not declared as aligned"):
        night(staff)
    assert not OutboundFile.objects.exists()


class KilledError(BaseException):
    """What a killed process leaves: nothing after this point happens."""


@contextmanager
def killed_at(monkeypatch: pytest.MonkeyPatch, dice: random.Random) -> Iterator[None]:
    """Somewhere between the first line and the publishing, once."""
    target = dice.choice(
        [
            (Composer, "compose"),
            (Ledger, "held"),
            (Ledger, "enter"),
            (Ledger, "enter_new"),
            (publishing, "sync_folder"),
            (publishing.Draft, "write"),
        ]
    )

    def die(*args: Any, **kwargs: Any) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(*target, die)
        yield


def test_numbers_are_contiguous_whatever_is_aborted(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(5)
    people = [staff.employee(str(40000 + index)) for index in range(5)]
    for days in range(12):
        staff.element(dice.choice(people))
        for _ in range(dice.randrange(3)):
            with killed_at(monkeypatch, dice), pytest.raises(KilledError):
                night(staff, days)
        night(staff, days)
    numbers = list(OutboundFile.objects.order_by("pk").values_list("number", flat=True))
    assert numbers == list(range(1, 13))
    assert len(list(outbox(staff.connection).iterdir())) == 12
    assert sum(len(out(file)) for file in OutboundFile.objects.all()) == 3 + 10 + 12


def test_killed_before_publishing_the_next_run_publishes_the_same(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff.employee("40001")

    def die(*args: Any) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr("interface.publishing._publish", die)
        with pytest.raises(KilledError):
            night(staff)
    assert not list(outbox(staff.connection).iterdir())
    drafted = OutboundFile.objects.get()
    assert night(staff) is None
    published = OutboundFile.objects.get()
    assert (published.number, published.sha256) == (drafted.number, drafted.sha256)
    assert len(out(published)) == 5


def test_a_published_file_never_changes(staff: Staff) -> None:
    person = staff.employee("40001")
    file = night(staff)
    assert file is not None
    path = outbox(staff.connection) / file.name
    data = path.read_bytes()
    assert hashlib.sha256(data).hexdigest() == file.sha256
    assert len(data) == file.size
    person.versions.update(last_name="Later")
    path.unlink()
    republish(file, by="Ada")
    assert path.read_bytes() == data
    (path.parent.parent / "Archive" / "out" / file.name).write_text("spoilt")
    path.unlink()
    with pytest.raises(PublishedBytesDifferError):
        republish(file, by="Ada")
    assert not list(path.parent.iterdir())


def test_an_unwritable_out_fails_and_repeats_cleanly(staff: Staff) -> None:
    staff.employee("40001")
    night(staff)
    folder = outbox(staff.connection)
    folder.rename(folder.with_name("Gone"))
    folder.write_text("a file where the folder should be")
    for _ in range(2):
        with pytest.raises(OSError, match="Out"):
            night(staff, 1)
    folder.unlink()
    folder.with_name("Gone").rename(folder)
    night(staff, 1)
    assert list(OutboundFile.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert sorted(file.name[11:14] for file in folder.iterdir()) == ["GOC", "GOF"]


def test_a_poller_only_ever_finds_whole_files(committed_staff: Staff) -> None:
    staff = committed_staff
    for index in range(300):
        staff.employee(str(40000 + index))
    folder = outbox(staff.connection)
    folder.mkdir(parents=True)
    stop, seen, torn = threading.Event(), set[str](), list[str]()

    def poll() -> None:
        while not stop.is_set():
            for path in folder.glob("*.DAT"):
                lines = path.read_bytes().splitlines()
                seen.add(path.name)
                if not lines or lines[-1] != f"TRL~{len(lines)}".encode():
                    torn.append(path.name)

    poller = threading.Thread(target=poll)
    poller.start()
    try:
        for days in range(8):
            send_full_file(staff.connection, on=TODAY + days * DAY, by="Ada", reason="again")
    finally:
        stop.set()
        poller.join()
    assert not torn
    assert seen
