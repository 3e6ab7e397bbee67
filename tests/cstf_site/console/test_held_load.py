"""The page of a load that is held back: what it would do, for whom, and a person's yes or no."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from cstf_site.console.page import address
from interface.extract import tasks
from interface.extract.actions import load_extract
from interface.extract.holding import accept_hold
from interface.extract.report import ExtractHeldError
from interface.models import ExtractHold
from interface.progress import telling
from people.models import AuditEvent, Organisation, Person
from people.runs import running
from people.tenancy import everywhere
from roles.urps import URP
from tests.cstf_site.conftest import Somebody
from tests.interface.extract.extracts import MONDAY, TUESDAY, WEDNESDAY, extract, record

MOST_QUERIES = 40


# A position that is called otherwise and one more; its unit has got a name.
PLACES = (record("POA", c5="Head porter"), record("POA", c1="7002"), record("ORA"))


def crowd(last_name: str, count: int) -> list[str]:
    return [record("PRA", c1=str(number), c6=last_name, c38="20261101") for number in range(count)]


def read(folder: Path, *lines: str, created: str) -> None:
    path = folder / f"GO-{created[:8]}.DAT"
    path.write_text(extract(*lines, created=created), encoding="iso-8859-1")
    load_extract(path, by="test")


@pytest.fixture
def held(db: None, tmp_path: Path, settings: Settings) -> ExtractHold:
    """Of sixty people thirty are gone, and the others are called otherwise."""
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    Organisation.objects.create(vpd="901", name="Northmoor")
    Organisation.objects.create(vpd="902", name="Southmoor")
    read(tmp_path, *crowd("Achebe", 60), record("POA"), created=MONDAY)
    leavers = [f"PRD~{number}" for number in range(30, 60)]
    with pytest.raises(ExtractHeldError):
        read(tmp_path, *crowd("Okafor", 30), *leavers, *PLACES, "LCA~1", created=TUESDAY)
    return ExtractHold.objects.select_related("organisation").get()


@pytest.fixture
def alice(held: ExtractHold, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("alice"))
    return client


def url(held: ExtractHold) -> str:
    return address("held_load", extracthold=held.pk)


@pytest.mark.once
def test_home_and_the_list_lead_to_it(held: ExtractHold, alice: Client) -> None:
    (tile,) = [one for one in alice.get("/admin/").context["home"]["tiles"] if one.name == "Loads held back"]
    assert (tile.count, tile.tone) == (1, "warn")
    assert url(held) in alice.get(tile.url).content.decode()


def test_what_it_would_do_then_a_person_s_yes(held: ExtractHold, alice: Client) -> None:
    ledger = alice.get(f"/admin/interface/extracthold/{held.pk}/change/").content.decode()
    assert all(
        f"{what}: {before:,}, then {after:,}" in ledger for what, (before, after) in held.standing.items()
    )
    assert (
        "&quot;"
        not in ledger.partition("Its lines, by what would become of them")[2].partition("</fieldset>")[0]
    )
    with CaptureQueriesContext(database) as queries:
        answer = alice.get(url(held))
    assert len(queries) <= MOST_QUERIES
    page = answer.content.decode()
    assert [(one["people"], one["is_over"]) for one in answer.context["shares"]] == [(30, True), (30, True)]
    assert answer.context["kinds"] == [
        ("Persons", (0, 30, 30, 0, 0)),
        ("Positions", (1, 1, 0, 0, 0)),
        ("Organisation units", (0, 1, 0, 0, 0)),
        ("Others", (0, 0, 0, 0, 1)),
    ]
    assert "Positions: 1 new, 1 changed" in ledger
    assert '<th scope="row">Organisation units</th>' in page
    assert '<th scope="col" class="number">Not taken</th>' in page
    assert ("Positions", 1, 2, "+1") in answer.context["standing"]
    assert ("People", 60, 30, "-30") in answer.context["standing"]
    assert "25 of 60" not in page
    assert "60 of 60 people" in page
    assert "Okafor" in alice.get(url(held), {"page": "3"}).content.decode()
    assert "This field is required" in alice.post(url(held), {"do": "accept", "reason": " "}).content.decode()
    done = alice.post(url(held), {"do": "accept", "reason": "a merger"}, follow=True).content.decode()
    assert "It was loaded as it is." in done
    assert "decided by alice: a merger" in done
    assert Person.objects.present().count() == 30
    again = alice.post(url(held), {"do": "dismiss", "reason": "no"}, follow=True).content.decode()
    assert "is no longer waiting (loaded, decided by alice)" in again
    assert AuditEvent.objects.get(verb="held load accepted").actor == "alice"


def test_a_person_s_no_and_what_waited_behind_it(
    held: ExtractHold, alice: Client, tmp_path: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:  # fmt: skip
    with pytest.raises(ExtractHeldError):
        read(tmp_path, record("PRA", c1="99"), created=WEDNESDAY)
    behind = ExtractHold.objects.get(state="behind")
    page = alice.get(url(behind)).content.decode()
    assert "Nothing is known of it before its turn" in page
    assert "Load it as it is" not in page
    with django_capture_on_commit_callbacks() as asked:
        done = alice.post(url(held), {"do": "dismiss", "reason": "half a file"}, follow=True)
    assert "It was dismissed." in done.content.decode()
    assert asked
    tasks.try_next("901")
    assert Person.objects.present().count() == 61
    assert "Loaded" in alice.get(url(behind)).content.decode()


@pytest.mark.once
def test_a_large_one_shows_how_far_it_is(
    held: ExtractHold, alice: Client, settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:  # fmt: skip
    settings.UPLOAD_BACKGROUND_ROWS = 5
    with django_capture_on_commit_callbacks():
        page = alice.post(url(held), {"do": "accept", "reason": "a merger"}, follow=True).content.decode()
    assert "It begins soon." in page
    on = timezone.localdate()
    with (
        running(
            organisation=held.organisation, job=tasks.JOB, subject=str(held.pk), on=on, by_hand=True
        ) as run,
        telling(run) as tell,
    ):
        tell(25, 61)
        page = alice.get(url(held)).content.decode()
        assert '<progress max="100" value="40"' in page
        assert "25 of 61 lines" in page


@pytest.mark.once
def test_one_that_was_interrupted_is_started_again(held: ExtractHold, alice: Client) -> None:
    accept_hold(held, by="alice", reason="a merger")
    assert "Start it again" not in alice.get(url(held)).content.decode()
    ExtractHold.objects.update(decided_at=timezone.now() - timedelta(minutes=3))
    assert "The queue has not begun." in alice.get(url(held)).content.decode()
    alice.post(url(held), {"do": "again"})
    assert Person.objects.present().count() == 30


@pytest.mark.scoped
def test_whoever_decides_sees_how_far_it_is_without_seeing_the_run_ledger(
    request: pytest.FixtureRequest, client: Client
) -> None:
    with everywhere("a test's own data"):
        held: ExtractHold = request.getfixturevalue("held")
        somebody: Somebody = request.getfixturevalue("somebody")
        client.force_login(somebody("harriet", "901", URP.HR_ADMINISTRATION))
        accept_hold(held, by="harriet", reason="a merger")
        on = timezone.localdate()
        with (
            running(
                organisation=held.organisation, job=tasks.JOB, subject=str(held.pk), on=on, by_hand=True
            ) as run,
            telling(run) as tell,
        ):
            tell(1, 2)
            assert '<progress max="100" value="50"' in client.get(url(held)).content.decode()


@pytest.mark.scoped
@pytest.mark.parametrize(
    ("urp", "people", "decides"),
    [
        (URP.HR_ADMINISTRATION, True, True),
        (URP.INTERFACE_ADMINISTRATION, True, True),
        (URP.LEARNING_ADMINISTRATION, True, False),
        (URP.AUDITOR, True, False),
        (URP.SUPPORT, False, False),
    ],
)
def test_who_decides_and_who_sees_people(
    request: pytest.FixtureRequest, client: Client, urp: URP, people: bool, decides: bool
) -> None:
    with everywhere("a test's own data"):
        held: ExtractHold = request.getfixturevalue("held")
        somebody: Somebody = request.getfixturevalue("somebody")
        client.force_login(somebody("bob", "901", urp))
        stranger = somebody("mallory", "902", URP.INTERFACE_ADMINISTRATION)
    page = client.get(url(held)).content.decode()
    assert ("Okafor" in page or "Achebe" in page) is people
    assert ("Load it as it is" in page) is decides
    answer = client.post(url(held), {"do": "dismiss", "reason": "I say so."})
    assert answer.status_code == (302 if decides else 403)
    client.force_login(stranger)
    assert client.get(url(held)).status_code == 404
    assert client.post(url(held), {"do": "accept", "reason": "I say so."}).status_code == 404
