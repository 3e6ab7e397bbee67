"""Publishing: what was rendered stands whole in Out or not at all, and never differs from the ledger (P6, P7)."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
from django.db import connection as database

from interface import publishing
from interface.folders import Folders
from interface.formats.text import Encoder
from interface.models import Connection, OutboundFile
from interface.outbound.actions import republish, send_changes
from interface.publishing import Draft, PublishedBytesDifferError, publish, publish_pending
from people.tenancy import within
from tests.interface.outbound.staff import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(three_connections: list[Connection]) -> OutboundFile:
    sent = send_changes(three_connections[0], on=TODAY, by="tests").file
    assert sent is not None
    return sent


def archived(file: OutboundFile) -> Path:
    return Folders.of(file.connection).archive_out / file.name


def outbox(file: OutboundFile) -> list[str]:
    return sorted(path.name for path in Folders.of(file.connection).outbox.iterdir())


def unpublished(file: OutboundFile) -> OutboundFile:
    """As a crash between commit and publishing leaves it."""
    (Folders.of(file.connection).outbox / file.name).unlink()
    file.published_at = None
    file.save()
    return file


def test_a_tampered_archive_is_never_published(file: OutboundFile) -> None:
    unpublished(file)
    archived(file).write_bytes(archived(file).read_bytes().replace(b"40001", b"40002"))
    with pytest.raises(PublishedBytesDifferError, match="restore it from a backup"):
        publish_pending(file.connection)
    assert outbox(file) == []
    file.refresh_from_db()
    assert file.published_at is None


def test_a_tampered_archive_is_not_published_again_and_blocks_nothing(file: OutboundFile) -> None:
    good = (Folders.of(file.connection).outbox / file.name).read_bytes()
    archived(file).write_bytes(b"something else")
    with pytest.raises(PublishedBytesDifferError):
        republish(file, by="alice")
    assert (Folders.of(file.connection).outbox / file.name).read_bytes() == good
    assert outbox(file) == [file.name]
    assert publish_pending(file.connection) == []


def test_published_again_the_bytes_are_the_same(file: OutboundFile) -> None:
    path = Folders.of(file.connection).outbox / file.name
    good = path.read_bytes()
    path.unlink()
    republish(file, by="alice")
    assert path.read_bytes() == good == archived(file).read_bytes()
    file.refresh_from_db()
    assert file.published_at is not None


def test_killed_while_it_is_published_again_the_next_run_makes_it_good(
    file: OutboundFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    (Folders.of(file.connection).outbox / file.name).unlink()

    def killed(*arguments: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(publishing, "_copy", killed)
        with pytest.raises(KeyboardInterrupt):
            republish(file, by="alice")
    assert [one.pk for one in publish_pending(file.connection)] == [file.pk]
    assert outbox(file) == [file.name]


def test_half_a_copy_left_by_a_crash_is_replaced(file: OutboundFile) -> None:
    unpublished(file)
    (Folders.of(file.connection).outbox / f"{file.name}.part").write_bytes(b"half")
    publish(file)
    assert outbox(file) == [file.name]


def test_a_draft_that_fails_leaves_nothing(three_connections: list[Connection]) -> None:
    connection = three_connections[0]

    def rendered_badly() -> None:
        with Draft(connection, "a.DAT") as draft:
            draft.write("line")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rendered_badly()
    assert not list(Folders.of(connection).archive_out.iterdir())


def test_a_draft_counts_what_it_had_to_replace(three_connections: list[Connection]) -> None:
    connection = three_connections[0]
    with Draft(connection, "a.DAT") as draft:
        draft.write_many(["Łukasz", "plain"])
        draft.write_many([])
        draft.write("a\x0bb")
    assert draft.path.read_bytes() == b"Lukasz\nplain\na b\n"
    assert (draft.lines, draft.size) == (3, 17)
    assert draft.warnings == {"replaced": 1, "cleaned": 1}


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-8"])
@pytest.mark.parametrize(
    "odd", ["plain", "Ünï", "Łódź", "a\x85b", "a\x1fb~c", "a\rb\n", "\u2028", "\ud800", "\u00ad"]
)
def test_many_lines_at_once_are_the_bytes_of_each(
    three_connections: list[Connection], encoding: str, odd: str
) -> None:
    connection, lines = three_connections[0], ["CMA~1~2", odd, "Zoë"]
    connection.encoding = encoding
    encoder = Encoder(encoding)
    with Draft(connection, "x.DAT") as draft:
        draft.write_many(lines)
    assert draft.path.read_bytes() == b"".join(map(encoder.encode_line, lines))
    assert (draft.encoder.cleaned, draft.encoder.replaced) == (encoder.cleaned, encoder.replaced)
    assert draft.lines == 3


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_write_the_same_temporary_file(
    file: OutboundFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The night's worker publishes while a person's replay does: one of them does it, the other waits for that."""
    unpublished(file)
    copied, copying = [], publishing._copy

    def beside_another(source: Path, target: Path) -> str:
        copied.append(target)
        if len(copied) == 1:
            waiting.append(other.submit(publish_elsewhere, file.connection))
            wait(waiting, timeout=0.5)
            assert not waiting[0].done(), "it did not wait"
        return copying(source, target)

    monkeypatch.setattr(publishing, "_copy", beside_another)
    waiting: list[Future[list[OutboundFile]]] = []
    with ThreadPoolExecutor(1) as other:
        assert publish_pending(file.connection) == [file]
        assert waiting[0].result() == []
    assert len(copied) == 1
    assert outbox(file) == [file.name]


def publish_elsewhere(connection: Connection) -> list[OutboundFile]:
    """On a database connection of its own."""
    try:
        with within(connection.organisation_id):
            return publish_pending(connection)
    finally:
        database.close()
