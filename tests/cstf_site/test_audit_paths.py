"""No path misses: whatever changes a row, by a page, an upload, a verb or a file, leaves its event.

What somebody does by SQL leaves none (docs/audit.md); that the audit is safe from it is shown by its own tests.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cstf_site.setup import TABLES
from interface.by_hand.tables import TABLES as BY_HAND
from interface.models import Connection, InboundFile, InboundRecord, OutboundFile
from people.audit.pages import AuditedAdmin
from people.audit.verification import verify
from people.models import AuditEvent, Organisation, Person
from people.resources import TableResource
from roles.actions import grant
from roles.urps import URP
from tests.cstf_site.test_admin_pages import act, address, alice, one_of_each

__all__ = ["alice", "one_of_each"]
pytestmark = pytest.mark.django_db

# Pages of other packages on what is no record of ours.
ELSEWHERE = {"admin"}


def newest() -> AuditEvent:
    event = AuditEvent.objects.first()
    assert event is not None
    return event


def test_every_page_of_ours_is_audited() -> None:
    missed = {
        model._meta.label
        for model, page in admin.site._registry.items()
        if model._meta.app_label not in ELSEWHERE and not isinstance(page, AuditedAdmin)
    }
    assert not missed


def test_every_table_that_is_uploaded_is_audited() -> None:
    assert all(issubclass(resource, TableResource) for resource in TABLES.values())
    by_hand = [table.resource for table in BY_HAND.values() if table.resource is not None]
    assert all(issubclass(resource, TableResource) for resource in by_hand)


@pytest.fixture
def trust(db: None) -> Organisation:
    return Organisation.objects.create(vpd="277", name="Northmoor")


def fields_of(page: str) -> dict[str, str]:
    return {"vpd": "277", "name": page, "ods_code": "", "region": "", "cstf_aligned_on": ""}


def test_a_form_tells_who_where_and_what_differs(alice: Client, trust: Organisation) -> None:
    alice.post(address(Organisation, "change", trust.pk), fields_of("Southmoor"), REMOTE_ADDR="10.0.0.7")
    event = newest()
    assert (event.verb, event.actor, event.address, event.channel) == (
        "changed",
        "alice",
        "10.0.0.7",
        "console",
    )
    assert event.changes() == [("name", "Northmoor", "Southmoor")]
    assert event.channel_key == address(Organisation, "change", trust.pk)
    count = AuditEvent.objects.count()
    alice.post(address(Organisation, "change", trust.pk), fields_of("Southmoor"))
    assert AuditEvent.objects.count() == count


def test_an_addition_and_its_history(alice: Client, db: None) -> None:
    alice.post(address(Organisation, "add"), fields_of("Northmoor"))
    added = Organisation.objects.get()
    assert (newest().verb, newest().organisation_id) == ("added", added.pk)
    page = alice.get(address(Organisation, "history", added.pk)).content.decode()
    assert "alice" in page
    assert "name: – → Northmoor" in page


def test_an_upload_names_its_file_and_a_preview_leaves_nothing(alice: Client, trust: Organisation) -> None:
    content = b"vpd,position_id,name\n277,1,Porter\n277,2,Nurse\n"
    file = SimpleUploadedFile("positions.csv", content, "text/csv")
    count = AuditEvent.objects.count()
    form = {"organisation": trust.pk, "file": file}
    page = alice.post(f"{reverse('admin:files_by_hand')}?table=positions", form, follow=True)
    assert AuditEvent.objects.count() == count
    alice.post(page.request["PATH_INFO"], {"do": "confirm", "outcome": page.context["upload"].outcome})
    events = AuditEvent.objects.filter(channel="upload").order_by("id")
    assert [(one.verb, one.channel_key, one.actor) for one in events] == [
        ("added", "positions.csv", "alice"),
        ("added", "positions.csv", "alice"),
    ]
    assert (newest().verb, json.loads(newest().after)["counts"]) == ("uploaded", {"added": 2})


def test_a_download_is_counted(alice: Client, trust: Organisation) -> None:
    form = {"organisation": trust.pk, "kind": "csv"}
    answer: Any = alice.post(f"{reverse('admin:download')}?table=organisations", form)
    # Read to its end, as a browser does: that closes its file.
    assert b"277" in b"".join(answer.streaming_content)
    assert (newest().verb, newest().record_type) == ("exported", "people.organisation")
    assert json.loads(newest().after) == {
        "rows": 1,
        "columns": ["vpd", "ods_code", "name", "region", "cstf_aligned_on", "auto_iat"],
        "what": "organisations.csv",
    }


def test_verbs_files_and_grants_of_a_whole_night(one_of_each: None, alice: Client) -> None:
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert {"added", "staff record loaded", "lines decided", "file rendered", "granted"} <= verbs
    learn = Connection.objects.get(code="LEARN")
    act(alice, learn, "ask_for_full_file")
    assert newest().verb == "full file asked for"
    held = InboundFile.objects.get(state="held")
    act(alice, held, "pass_over_the_gap", reason="never made")
    assert (newest().verb, newest().reason) == ("gap passed over", "never made")
    file = OutboundFile.objects.filter(kind="GOF").first()
    assert file is not None
    act(alice, file, "publish_again")
    assert (newest().verb, newest().record_name) == ("published again", file.name)
    assert [report.fault for report in verify()] == [None] * 3


def test_the_chain_vouches_for_the_lines_of_a_file(night: date) -> None:
    line = InboundRecord.objects.order_by("pk").first()
    assert line is not None
    faults = []
    for change in ({"code": "E999"}, {"raw": "LUA~forged"}, {"message": "forged"}):
        InboundRecord.objects.filter(pk=line.pk).update(**change)
        faults += [report.fault for report in verify() if report.fault]
        InboundRecord.objects.filter(pk=line.pk).update(code=line.code, raw=line.raw, message=line.message)
    assert [fault.kind for fault in faults] == ["changed"] * 3
    InboundRecord.objects.filter(pk=line.pk).delete()
    assert any(report.fault and "are not as they" not in report.fault.text for report in verify())


@pytest.mark.parametrize(("urp", "noted"), [(URP.AUDITOR, True), (URP.HR_ADMINISTRATION, False)])
def test_looking_at_a_person_is_noted_of_those_who_only_look(
    night: date, alice: Client, client: Client, urp: URP, noted: bool
) -> None:
    carol = User.objects.create_user("carol")
    person = Person.objects.filter(organisation__vpd="901").first()
    assert person is not None
    root = User.objects.get(username="alice")
    grant(user=carol, organisation=person.organisation, urp=urp, reason="a test", by=root)
    browser = Client()
    browser.force_login(carol)
    assert browser.get(address(Person, "change", person.pk)).status_code == 200
    seen = AuditEvent.objects.filter(verb="viewed", actor="carol", record_name=person.person_id)
    assert seen.exists() is noted
