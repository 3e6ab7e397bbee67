"""A nightly run's page: the summary as people read it, what waits, what failed, and what to do about each."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cstf_site.console.page import address
from cstf_site.console.pages.run import in_words
from interface.models import InboundFile, InboundState, OutboundHold
from people.models import NightlyRun
from people.tenancy import everywhere
from roles.urps import URP
from tests.cstf_site.conftest import Somebody

# Session, user, roles, the navigation, and the page's own few.
MOST_QUERIES = 25


@pytest.fixture
def alice(client: Client, night: date) -> Client:
    client.force_login(User.objects.create_superuser("alice"))
    return client


def exchange(subject: str) -> NightlyRun:
    return NightlyRun.objects.get(job="exchange", subject=subject)


def of(run: NightlyRun) -> str:
    return address("run", nightlyrun=run.pk)


def test_what_a_night_came_to(alice: Client) -> None:
    run = exchange("TOTARA")
    with CaptureQueriesContext(database) as queries:
        answer = alice.get(of(run))
    assert len(queries) <= MOST_QUERIES
    page, told = answer.content.decode(), answer.context
    files = InboundFile.objects.filter(connection__code="TOTARA").order_by("pk")
    assert [row["name"] for row in told["files_in"]] == [file.name for file in files]
    for row, file in zip(told["files_in"], files, strict=True):
        assert row["kinds"] == [file.succeeded - file.warned, file.warned, file.failed]
        assert f'href="{row["url"]}"' in page
        assert alice.get(row["rejected_url"]).context["cl"].result_count == file.failed
    assert [count for _, count, _ in told["outcomes"]] == [
        sum(row["kinds"][place] for row in told["files_in"]) for place in range(3)
    ]
    for row in told["files_out"]:
        assert reverse("admin:interface_outboundfile_change", args=[row["file"].pk]) in page
    assert {row["name"] for row in told["waiting"]} == {
        file.name for file in files if file.failed or file.state == InboundState.HELD
    }
    assert "pass over the missing numbers" in page
    for raw in ("{&quot;", "&#x27;:"):
        assert raw not in page


def test_the_list_leads_to_it_and_the_form_shows_no_json(alice: Client) -> None:
    run = exchange("LEARN")
    assert of(run) in alice.get(reverse("admin:people_nightlyrun_changelist")).content.decode()
    form = alice.get(reverse("admin:people_nightlyrun_change", args=[run.pk])).content.decode()
    assert f'href="{of(run)}"' in form
    assert "GI_902" not in form


def test_what_was_mended_since_waits_no_more(alice: Client) -> None:
    run = exchange("LEARN")
    refused = InboundFile.objects.get(connection__code="LEARN", state=InboundState.REFUSED)
    other = InboundFile.objects.get(connection__code="LEARN", state=InboundState.ANSWERED)
    assert [row["name"] for row in alice.get(of(run)).context["waiting"]] == [other.name, refused.name]
    InboundFile.objects.filter(pk=other.pk).update(number=refused.number, counts={"I100": 1})
    answer = alice.get(of(run))
    assert answer.context["waiting"] == []
    assert "There is nothing to do." in answer.content.decode()
    # Sent again under the same name: the list has both.
    InboundFile.objects.filter(pk=other.pk).update(name=refused.name)
    (row,) = [row for row in alice.get(of(run)).context["files_in"] if row["name"] == refused.name]
    assert alice.get(row["url"]).context["cl"].result_count == 2


def test_what_is_held_back_and_what_lies_in_in(alice: Client, night: date) -> None:
    run = exchange("LEARN")
    connection = InboundFile.objects.filter(connection__code="LEARN")[0].connection
    OutboundHold.objects.create(
        organisation=connection.organisation, connection=connection, kind="GOC", business_date=night,
        population=100, changed=80, deleted=0, held_at=timezone.now(),
    )  # fmt: skip
    run.summary |= {"troubles": ["In/x.DAT cannot be read."], "held": "Held for a person's yes."}
    run.save()
    answer = alice.get(of(run))
    page = answer.content.decode()
    assert alice.get(answer.context["holds"]).context["cl"].result_count == 1
    assert "In/x.DAT cannot be read. Mend the rights" in page
    assert "Held for a person&#x27;s yes." in page


@pytest.mark.parametrize(
    ("error", "attempts", "told"),
    [
        ("PermissionError: [Errno 13] /x/In", 1, ["the right to read and write In, Out", "Exchange now"]),
        ("OSError: [Errno 28] No space left on device", 5, ["Make room", "The queue has given up after 5"]),
        (
            "ValueError: <b>",
            1,
            ["ValueError: &lt;b&gt;", "The log has the whole error", "Nothing is half done"],
        ),
    ],
)
def test_what_to_do_about_a_run_that_failed(
    alice: Client, error: str, attempts: int, told: list[str]
) -> None:
    run = exchange("TOTARA")
    NightlyRun.objects.filter(pk=run.pk).update(state="failed", error=error, attempts=attempts)
    page = alice.get(of(run)).content.decode()
    for text in told:
        assert text in page
    assert "Files that came" not in page


def test_what_failed_and_was_done_by_a_later_run_asks_for_nothing(alice: Client, night: date) -> None:
    later = exchange("TOTARA")
    failed = NightlyRun.objects.create(
        organisation=later.organisation, job="exchange", subject="TOTARA", state="failed", error="OSError: x",
        business_date=night - timedelta(days=1), started_at=later.started_at, finished_at=later.started_at,
    )  # fmt: skip
    page = alice.get(of(failed)).content.decode()
    assert "There is nothing to do" in page
    assert f'href="{of(later)}"' in page


def test_a_run_whose_worker_is_gone_is_shown_as_failed(alice: Client) -> None:
    run = exchange("TOTARA")
    NightlyRun.objects.filter(pk=run.pk).update(
        state="running", worker="elsewhere/1/1", lease_until=timezone.now()
    )
    assert "ended without a word" in alice.get(of(run)).content.decode()


@pytest.mark.scoped
def test_rejected_lines_are_linked_for_whoever_may_see_lines(
    request: pytest.FixtureRequest, client: Client
) -> None:
    with everywhere("a test's own data"):
        request.getfixturevalue("night")
        somebody: Somebody = request.getfixturevalue("somebody")
        ours, theirs = exchange("TOTARA"), exchange("LEARN")
        client.force_login(somebody("helper", "901", URP.SUPPORT))
    answer = client.get(of(ours))
    assert any(row["kinds"][2] for row in answer.context["files_in"])
    assert not any(row["rejected_url"] for row in answer.context["files_in"])
    assert client.get(of(theirs)).status_code == 404


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        ({}, []),
        ({"events": 12345, "hash": "ab"}, [("Events", "12,345"), ("Hash", "ab")]),
        (
            {"people_changed": 2, "counts": {"I100": 1000}},
            [("People changed", "2"), ("Counts", "I100 1,000")],
        ),
        (
            {"counts": {"PRA": {"added": 1, "stale": 2}, "CMA": {"added": 3}}},
            [("Counts", "PRA: added 1, stale 2; CMA: added 3")],
        ),
        ({"what": "FIRE-1", "replays": [3, 4]}, [("What", "FIRE-1"), ("Replays", "3, 4")]),
    ],
)
def test_any_jobs_summary_in_words(summary: dict[str, Any], words: list[tuple[str, str]]) -> None:
    assert list(in_words(summary)) == words
