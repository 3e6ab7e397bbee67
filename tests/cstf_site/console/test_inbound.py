"""An inbound file and one line of it: what the pages say, what they hand out, and to whom."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from interface.models import InboundFile, InboundRecord, OutboundFile, Replay, ReplayedRecord
from people.models import AuditEvent, NightlyRun
from people.tenancy import everywhere
from roles.urps import URP
from tests.cstf_site.conftest import Somebody

# Session, user, roles, the navigation, and the page's own few.
MOST_QUERIES = 25


def streamed(client: Client, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    return answer.getvalue()


def answered(vpd: str) -> InboundFile:
    """One with rejected lines."""
    files = InboundFile.objects.filter(state="answered", organisation__vpd=vpd).order_by("pk")
    return next(file for file in files if file.failed)


def test_a_file_its_answers_and_its_downloads(night: date, client: Client) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    file = answered("901")
    address = f"/admin/inbound/file/{file.pk}/"
    assert address in client.get("/admin/interface/inboundfile/").content.decode()
    assert address in client.get(f"/admin/interface/inboundfile/{file.pk}/change/").content.decode()
    with CaptureQueriesContext(database) as queries:
        page = client.get(address)
    assert len(queries) <= MOST_QUERIES
    for row in page.context["codes"]:
        listed = client.get(row["url"])
        assert listed.context["cl"].result_count == row["count"], row["code"]
        assert {line.code for line in listed.context["cl"].result_list} == {row["code"]}
        assert f'Lines of <a href="{address}">{file}</a>, 901/' in listed.content.decode()
    confirmation = OutboundFile.objects.get(answers=file)
    answer = client.get(f"/admin/interface/outboundfile/{confirmation.pk}/change/").content.decode()
    assert f'{address}">The file it answers' in answer
    assert f"LFC~{file.name}~ACCEPTED" in streamed(client, f"{address}?download={confirmation.pk}").decode()
    rejected = streamed(client, f"{address}?download=rejected").decode(file.connection.encoding)
    header, *lines, trailer, end = rejected.split("\n")
    number = file.connection.next_inbound
    assert header.startswith(f"HDR~GI_901_CST_LCU_{night:%Y%m%d}_{number:08}.DAT~")
    failed = InboundRecord.objects.filter(file=file, code__startswith="E").order_by("line_number")
    assert lines == list(failed.values_list("raw", flat=True))
    assert (trailer, end) == (f"TRL~{file.failed + 2}", "")
    assert client.get(f"{address}?download=0").status_code == 404
    told = [json.loads(one) for one in downloads(file).values_list("after", flat=True)]
    assert told == [
        {"what": confirmation.name, "rows": confirmation.records},
        {"what": "rejected lines", "rows": len(lines)},
    ]


def test_what_came_right_since_is_told_and_not_taken_home(
    night: date, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    file = answered("901")
    address, records = f"/admin/inbound/file/{file.pk}/", "/admin/interface/inboundrecord/"
    one, *others = failed = list(InboundRecord.objects.filter(file=file, code__startswith="E"))
    made = Replay.objects.create(
        organisation_id=file.organisation_id, file=file, ordinal=1, business_date=night, replayed_by="alice",
        replayed_at=timezone.now(),
    )  # fmt: skip

    def settle(*lines: InboundRecord) -> None:
        ReplayedRecord.objects.bulk_create(
            ReplayedRecord(
                organisation_id=file.organisation_id, replay=made, file=file, code="I100",
                line_number=line.line_number,
            )
            for line in lines
        )  # fmt: skip

    settle(one)
    page = client.get(address)
    assert "1 came right since" in page.content.decode()
    open_ones = client.get(page.context["open_url"])
    assert open_ones.context["cl"].result_count == len(others) == page.context["still_open"]
    with CaptureQueriesContext(database) as queries:
        listed = client.get(f"{records}?file__id__exact={file.pk}&code=rejected")
    assert listed.context["cl"].result_count == len(failed)
    assert "Came right in a replay" in listed.content.decode()
    assert len(queries) <= MOST_QUERIES
    assert client.get(f"{records}?since=right").context["cl"].result_count == 1
    # Of the latest alone, but of all that one file holds or a search finds.
    monkeypatch.setattr("interface.filters.LOOKED_AT", 1)
    still_open = f"{records}?since=open"
    assert client.get(still_open).context["cl"].result_count <= 1
    assert client.get(f"{still_open}&file__id__exact={file.pk}").context["cl"].result_count == len(others)
    assert client.get(f"{still_open}&q={others[-1].source_reference}").context["cl"].result_count >= 1
    settle(*others)
    page = client.get(address)
    assert (page.context["tone"], page.context["any_rejected"]) == ("good", False)
    assert "There is nothing to do." in page.content.decode()
    run = NightlyRun.objects.get(subject=file.connection.code)
    waiting = client.get(f"/admin/exchange/run/{run.pk}/").context["waiting"]
    assert file.name not in {row["name"] for row in waiting}


def downloads(file: InboundFile) -> QuerySet[AuditEvent]:
    """What the audit says of lines taken home."""
    found = AuditEvent.objects.filter(verb="exported", record_key=str(file.pk))
    return found.filter(record_type="interface.inboundfile").order_by("id")


@pytest.mark.parametrize("state", ["held", "refused"])
def test_a_file_that_was_not_taken_says_what_to_do(night: date, client: Client, state: str) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    file = InboundFile.objects.filter(state=state)[0]
    page = client.get(f"/admin/inbound/file/{file.pk}/")
    assert file.code in page.content.decode()
    assert "put it into In</a> here" in page.content.decode()
    assert page.context["advice"] is not None


@pytest.mark.scoped
@pytest.mark.parametrize(("urp", "lines"), [(URP.LEARNING_ADMINISTRATION, 200), (URP.SUPPORT, 403)])
def test_lines_are_for_who_may_read_them_in_their_own_organisation(
    request: pytest.FixtureRequest, client: Client, urp: URP, lines: int
) -> None:
    with everywhere("a test's own data"):
        request.getfixturevalue("night")
        somebody: Somebody = request.getfixturevalue("somebody")
        client.force_login(somebody("bob", "901", urp))
        ours, theirs = answered("901"), answered("902")
        our_line, their_line = (file.lines.all()[0].pk for file in (ours, theirs))
    assert client.get(f"/admin/inbound/file/{ours.pk}/").status_code == 200
    download = client.get(f"/admin/inbound/file/{ours.pk}/?download=rejected")
    assert download.status_code == lines
    if lines == 200:
        assert b"TRL~" in download.getvalue()
    assert client.get(f"/admin/inbound/record/{our_line}/").status_code == lines
    assert client.get(f"/admin/inbound/file/{theirs.pk}/?download=rejected").status_code == 404
    assert client.get(f"/admin/inbound/record/{their_line}/").status_code == (404 if lines == 200 else 403)


def test_what_waits_is_decided_on_its_own_page(night: date, client: Client) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    held = InboundFile.objects.get(state="held")
    address = f"/admin/inbound/file/{held.pk}/"
    assert "Undo it" not in client.get(address).content.decode()
    assert "This field is required" in client.post(address, {"reason": ""}).content.decode()
    told = client.post(address, {"reason": "Number 3 was never made."}, follow=True).content.decode()
    assert "will be taken in at the next exchange" in told
    assert "alice passed over the missing numbers" in told
    assert "Ask the LMS's supplier" not in told
    assert "put it into In</a> here" not in told
    assert "is not held" in client.post(address, {"reason": "again"}, follow=True).content.decode()
    InboundFile.objects.filter(pk=held.pk).update(state="quarantined")
    assert "will be tried again" in client.post(address, follow=True).content.decode()
    assert client.post(f"/admin/inbound/file/{answered('901').pk}/").status_code == 403


@pytest.mark.scoped
def test_who_may_not_let_a_file_through_is_not_asked(request: pytest.FixtureRequest, client: Client) -> None:
    with everywhere("a test's own data"):
        request.getfixturevalue("night")
        somebody: Somebody = request.getfixturevalue("somebody")
        client.force_login(somebody("bob", "901", URP.LEARNING_ADMINISTRATION))
        address = f"/admin/inbound/file/{InboundFile.objects.get(state='held').pk}/"
    assert "Pass over the missing numbers</button>" not in client.get(address).content.decode()
    assert client.post(address, {"reason": "I say so."}).status_code == 403
