"""The list of the audit is as quick with a million events as with ten: what is asked for has an index in its order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.test import Client, RequestFactory

from cstf_site.admin import AuditEventAdmin, events_found
from people.audit.actions import record_many
from people.audit.events import Event
from people.models import AuditEvent, Organisation
from roles.actions import grant
from roles.urps import URP

pytestmark = pytest.mark.django_db
LIST = "/admin/people/auditevent/"


@pytest.fixture
def events() -> list[Organisation]:
    """In each of two organisations: a mapping added by bob, one that bears his name, and a person changed."""
    found = [Organisation.objects.create(vpd=vpd, name=vpd) for vpd in ("911", "922")]
    record_many(
        event
        for one in found
        for event in (
            Event("added", one.pk, "interface.mapping", "7", f"KNITTING {one.vpd}", by="bob"),
            Event("changed", one.pk, "interface.mapping", "8", "bob", by="carol"),
            Event("changed", one.pk, "people.person", "9", f"P{one.vpd}", by="carol"),
        )
    )
    return found


def names(text: str) -> list[tuple[str, str]]:
    found = events_found(AuditEvent.objects.order_by("organisation_id", "sequence"), text)
    return list(found.values_list("verb", "record_name"))


def test_an_event_is_found_by_each_thing_that_the_search_names(events: list[Organisation]) -> None:
    assert names("P922") == [("changed", "P922")]
    assert names(" 9 ") == [("changed", "P911"), ("changed", "P922")]
    assert names("added") == [("added", "KNITTING 911"), ("added", "KNITTING 922")]
    assert names("nobody") == []
    assert len(names("  ")) == 6


def test_what_stands_in_two_columns_is_found_in_both(events: list[Organisation]) -> None:
    both = [("added", "KNITTING 911"), ("changed", "bob"), ("added", "KNITTING 922"), ("changed", "bob")]
    assert names("bob") == both


@pytest.mark.parametrize(
    ("urp", "seen"), [(URP.AUDITOR, ["P911"]), (URP.INTERFACE_ADMINISTRATION, [])], ids=["all", "technical"]
)
def test_the_search_finds_what_the_list_would_show(
    events: list[Organisation], client: Client, urp: URP, seen: list[str]
) -> None:
    dora, alice = User.objects.create_user("dora"), User.objects.create_superuser("alice")
    grant(user=dora, organisation=events[0], urp=urp, reason="x", by=alice)
    client.force_login(dora)

    def shown(**query: str) -> list[str]:
        return [event.record_name for event in client.get(LIST, query).context["cl"].result_list]

    assert shown(q="9") == seen
    assert shown(q="P922") == []
    assert shown(q="bob") == ["bob", "KNITTING 911"]


# SQLite's: the planner of PostgreSQL goes by statistics, which an empty table has none of.
@pytest.mark.once
@pytest.mark.parametrize("column", ["verb", "actor", "channel", "record_type", "record_key", "record_name"])
@pytest.mark.parametrize("scope", [{}, {"organisation_id__in": [1, 2]}], ids=["all", "two"])
def test_no_event_is_read_that_is_not_shown(column: str, scope: dict[str, Any]) -> None:
    rows = AuditEvent.objects.filter(**{column: "x"}, **scope).order_by("-organisation_id", "-sequence")
    plan = rows[:50].explain()
    assert f"USING INDEX audit_by_{column.removesuffix('_key')} ({column}=?" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.once
def test_what_lies_between_two_days_is_read_in_its_order(rf: RequestFactory) -> None:
    order = AuditEventAdmin(AuditEvent, site).get_ordering(rf.get(LIST, {"at__from": "2026-11-03"}))
    assert order == ("organisation_id", "-at", "-sequence")
    rows = AuditEvent.objects.filter(organisation_id__in=[1, 2], at__gte=datetime(2026, 11, 3, tzinfo=UTC))
    plan = rows.order_by(*order)[:50].explain()
    assert "USING INDEX audit_by_time (organisation_id=? AND at>?)" in plan
    # Of one moment, that is.
    assert plan.count("TEMP B-TREE") == plan.count("TEMP B-TREE FOR RIGHT PART OF ORDER BY")
