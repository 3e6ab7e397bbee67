"""Home: every count leads to a list with as many rows, and nobody is told of what they may not see."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cstf_site.console.home import COURSES, LATE, WAITING
from interface.models import Connection, ExtractHold, InboundFile, Mapping, OutboundHold
from people.models import NightlyRun
from roles.urps import URP
from tests.cstf_site.conftest import Somebody

# Session, user, roles, and what waits: one query each.
MOST_QUERIES = 28


def home_of(client: Client) -> tuple[dict[str, tuple[int, str]], str]:
    """What the tiles say, by name: count and address; and the page."""
    page = client.get("/admin/")
    tiles = {tile.name: (tile.count, tile.url) for tile in page.context["home"]["tiles"]}
    return tiles, page.content.decode()


def listed(client: Client, url: str) -> int:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return int(answer.context["cl"].result_count)


@pytest.fixture
def trouble(night: date) -> None:
    """One of everything that may wait."""
    learn = Connection.objects.get(code="LEARN")
    OutboundHold.objects.create(
        organisation=learn.organisation, connection=learn, kind="GOC", business_date=night, population=100,
        changed=80, deleted=0, held_at=timezone.now(),
    )  # fmt: skip
    ExtractHold.objects.create(
        organisation=learn.organisation, file_name="GO.DAT", sha256="0" * 64, size=1, extracted_at=timezone.now(),
        held_at=timezone.now(), held_by="test",
    )  # fmt: skip
    NightlyRun.objects.filter(subject="LEARN").update(state="failed", error="no space left")
    file = InboundFile.objects.filter(state="answered").order_by("pk").last()
    assert file is not None
    InboundFile.objects.filter(pk=file.pk).update(state="quarantined")
    Connection.objects.filter(pk=learn.pk).update(live_on=None)
    totara = Connection.objects.filter(code="TOTARA")
    totara.update(paused_at=timezone.now(), paused_by="bob", pause_reason="The LMS is moved.")


def test_every_count_leads_to_a_list_of_as_many_rows(trouble: None, client: Client) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    tiles, page = home_of(client)
    assert tiles.pop(LATE)[0] == 0
    assert "paused by bob: The LMS is moved." in page
    courses, url = tiles.pop(COURSES)
    assert courses == sum(one[1] for one in client.get(url).context["connections"]) > 0
    assert tiles.keys() == {waiting.name for waiting in WAITING}
    # Of two connections one is not live and one is paused: their nights are not missed.
    assert tiles.pop("Nights that did not run")[0] == 0
    for name, (count, url) in tiles.items():
        assert count > 0, name
        assert listed(client, url) == count, name
        assert html.escape(url) in page


def test_every_code_leads_to_as_many_records(night: date, client: Client) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    rejected = client.get("/admin/").context["home"]["rejected"]
    assert len(rejected) >= 5
    for row in rejected:
        assert listed(client, row.url) == row.count, row.code
    counts = InboundFile.objects.filter(business_date=night).values_list("counts", flat=True)
    assert sum(row.count for row in rejected) == sum(
        count for tally in counts for code, count in tally.items() if code.startswith("E")
    )


def test_home_asks_the_same_few_questions_however_much_there_is(trouble: None, client: Client) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    with CaptureQueriesContext(database) as queries:
        client.get("/admin/")
    assert len(queries) <= MOST_QUERIES


@pytest.mark.scoped
@pytest.mark.parametrize(
    ("urp", "sees", "does_not"),
    [
        (
            URP.INTERFACE_ADMINISTRATION,
            {"Files held", "Outbound files held back", "Connections not live"},
            set(),
        ),
        (URP.HR_ADMINISTRATION, {"People in the record"}, set()),
        (URP.ROLE_ADMINISTRATION, set(), {waiting.name for waiting in WAITING}),
    ],
)
def test_each_role_sees_what_is_theirs(
    request: pytest.FixtureRequest, client: Client, urp: URP, sees: set[str], does_not: set[str]
) -> None:
    from people.tenancy import everywhere

    with everywhere("a test's own data"):
        request.getfixturevalue("trouble")
        somebody: Somebody = request.getfixturevalue("somebody")
        client.force_login(somebody("bob", "901", urp))
    tiles, page = home_of(client)
    assert sees <= tiles.keys()
    assert not does_not & tiles.keys()
    # 902's hold, failed night and connection are not 901's.
    assert "902/LEARN" not in page
    tiles.pop(LATE, None)
    _, url = tiles.pop(COURSES, (0, ""))
    # There is one connection: its courses are one click away.
    assert not url or client.get(url).context["rows"].paginator.count > 0
    for name, (count, url) in tiles.items():
        assert listed(client, url) == count, name


def test_before_the_first_night_home_says_what_to_expect(client: Client, db: None) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    _, page = home_of(client)
    assert "No records in the last 30 nights" in page
    assert not re.search(r"(?<!\d)nan|None", page)


def test_what_else_runs_by_day_is_no_night(night: date, client: Client) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    refused = home_of(client)[0]["Files refused last night"]
    run = NightlyRun.objects.filter(job="exchange").first()
    assert run is not None
    NightlyRun.objects.create(
        organisation=run.organisation, job="preview", subject="1", business_date=night + timedelta(days=1),
        state="done", started_at=timezone.now(), finished_at=timezone.now(),
    )  # fmt: skip
    assert home_of(client)[0]["Files refused last night"] == refused
    assert refused[0] > 0


def test_nights_that_did_not_run_are_counted(night: date, client: Client) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    assert home_of(client)[0]["Nights that did not run"][0] == 0
    NightlyRun.objects.update(business_date=night - timedelta(days=3))
    Connection.objects.update(live_on=night - timedelta(days=9))
    count, url = home_of(client)[0]["Nights that did not run"]
    assert count == listed(client, url) == Connection.objects.count()


def test_a_mapping_to_an_ended_competence_is_counted(night: date, client: Client) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    before = home_of(client)[0]["Mappings not in force"][0]
    mapping = Mapping.objects.exclude(competence__date_to__lt=night).select_related("competence")[0]
    same = Mapping.objects.filter(competence=mapping.competence).count()
    mapping.competence.date_to = date(2026, 1, 1)
    mapping.competence.save(update_fields=["date_to"])
    assert home_of(client)[0]["Mappings not in force"][0] == before + same
