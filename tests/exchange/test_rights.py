"""Files in In that we may not read, or not remove: they are named, and the others have their night (promises P9)."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from interface.models import InboundFile
from people.models import NightlyRun
from tests.exchange import world as w
from tests.exchange.world import VPD, World, completion
from tests.rights import bound_by_rights

LCC = "GI_277_CST_LCC_20261103_00000001.DAT"
EXCHANGE = ["exchange", "--vpd", VPD, "--connection", "TOTARA", "--date", "2026-11-03"]


def exchange() -> tuple[list[str], str]:
    """Causes and summary."""
    summary = StringIO()
    try:
        with bound_by_rights():
            call_command(*EXCHANGE, stdout=summary)
    except CommandError as told:
        return str(told).splitlines(), summary.getvalue()
    return [], summary.getvalue()


def test_a_file_that_cannot_be_read_is_named_and_the_others_go_on(world: World) -> None:
    world.put("A.DAT", b"secret")
    unreadable = world.folder / "In" / "A.DAT"
    unreadable.chmod(0)
    world.put(*world.file([completion(w.ACHEBE, "R1")]))
    causes, summary = exchange()
    sentence = f"{unreadable} cannot be read and was left there: mend its rights, or have it sent again."
    assert causes == [f"277/TOTARA: {sentence}"]
    assert "cannot be read and was left there" in " ".join(summary.split())
    assert world.answer(LCC).codes == ["I100"]
    assert [name[:14] for name in world.out] == ["GI_277_CST_LCC", "GO_277_CST_GOF"]
    run = NightlyRun.objects.get()
    assert (run.state, run.summary["troubles"]) == ("done", [sentence])
    # Its rights mended, it is taken in like any other.
    unreadable.chmod(0o600)
    assert exchange()[0] == []
    assert InboundFile.objects.get(name="A.DAT").state == "refused"
    assert not unreadable.exists()


def test_a_file_that_cannot_be_removed_is_taken_in_once_and_named(world: World) -> None:
    world.put(*world.file([completion(w.ACHEBE, "R1")]))
    folder = world.folder / "In"
    folder.chmod(0o555)
    causes, _ = exchange()
    answer = world.answer(LCC)
    again, _ = exchange()
    folder.chmod(0o755)
    (cause,) = causes
    assert cause.endswith("was taken in and cannot be removed: mend the rights of its folder.")
    assert again == causes
    assert answer.codes == ["I100"]
    assert world.answer(LCC).data == answer.data
    assert InboundFile.objects.count() == 1


@pytest.mark.parametrize("folder", ["In", "Out"])
def test_a_folder_without_rights_fails_the_night_and_says_which(world: World, folder: str) -> None:
    world.put(*world.file([completion(w.ACHEBE, "R1")]))
    (world.folder / "Out").mkdir()
    (world.folder / folder).chmod(0)
    causes, _ = exchange()
    (cause,) = causes
    assert cause.startswith("277/TOTARA: PermissionError")
    assert str(world.folder / folder) in cause
    (world.folder / folder).chmod(0o755)
    assert exchange()[0] == []
    assert world.answer(LCC).codes == ["I100"]
