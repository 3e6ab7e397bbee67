"""Long lists: counted in time, and narrowed by dates that may be typed wrongly."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from people import lists
from people.console_admin import LedgerAdmin
from people.lists import CappedPaginator, DateRangeFilter, LargePaginator, by_presence
from people.models import NightlyRun, Organisation, Person


@pytest.fixture
def northmoor(db: None) -> Organisation:
    return Organisation.objects.create(vpd="901", name="Northmoor")


@pytest.mark.parametrize(
    ("rows", "count", "capped"), [(3, 3, False), (5, 5, False), (6, 5, True), (0, 0, False)]
)
def test_counting_stops(
    northmoor: Organisation, monkeypatch: pytest.MonkeyPatch, rows: int, count: int, capped: bool
) -> None:
    monkeypatch.setattr(lists, "COUNTED_TO", 5)
    Person.objects.bulk_create(Person(organisation=northmoor, person_id=str(n)) for n in range(rows))
    paginator = CappedPaginator(Person.objects.order_by("pk").select_related("organisation"), 2)
    with CaptureQueriesContext(database) as queries:
        assert (paginator.count, paginator.is_capped) == (count, capped)
    (asked,) = queries
    assert "LIMIT 6" in asked["sql"]
    assert "ORDER BY" not in asked["sql"]
    assert "JOIN" not in asked["sql"]


def test_a_large_list_finds_its_rows_before_it_looks_up_what_stands_beside_them(
    northmoor: Organisation,
) -> None:
    Person.objects.bulk_create(Person(organisation=northmoor, person_id=str(n)) for n in range(5))
    rows = Person.objects.order_by("-person_id").select_related("organisation")
    with CaptureQueriesContext(database) as queries:
        page = LargePaginator(rows, 2).page(2)
        assert [(one.person_id, one.organisation.vpd) for one in page] == [("2", "901"), ("1", "901")]
    _, keys, shown = (query["sql"] for query in queries)
    assert ("JOIN" in keys, "LIMIT 2" in keys) == (False, True)
    assert ("JOIN" in shown, "LIMIT" in shown) == (True, False)


def test_nobody_counts_a_ledger_by_an_address() -> None:
    """Every choice of every filter, of a million rows."""
    ledgers = [page for page in admin.site._registry.values() if isinstance(page, LedgerAdmin)]
    assert ledgers
    assert {page.show_facets for page in ledgers} == {admin.ShowFacets.NEVER}


def test_a_plain_list_is_counted_as_it_is() -> None:
    assert CappedPaginator([1, 2, 3], 2).count == 3


class RunsByDate(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    list_filter = (("business_date", DateRangeFilter), ("started_at", DateRangeFilter))


def narrowed(**given: str) -> list[date]:
    request = RequestFactory().get("/", given)
    request.user = User(is_superuser=True, is_active=True)
    page = RunsByDate(NightlyRun, admin.site)
    chosen = page.get_changelist_instance(request).queryset
    return sorted(run.business_date for run in chosen)


@pytest.fixture
def runs(northmoor: Organisation) -> None:
    from datetime import UTC, datetime

    for day in (1, 2, 3):
        NightlyRun.objects.create(
            organisation=northmoor, job="exchange", business_date=date(2026, 7, day), state="done",
            started_at=datetime(2026, 7, day - 1 or 1, 23, 30, tzinfo=UTC),
        )  # fmt: skip


def test_both_ends_are_included(runs: None) -> None:
    assert narrowed(business_date__from="2026-07-02") == [date(2026, 7, 2), date(2026, 7, 3)]
    assert narrowed(business_date__from="2026-07-02", business_date__to="2026-07-02") == [date(2026, 7, 2)]
    assert len(narrowed(business_date__from="", business_date__to="")) == 3


def test_days_of_a_moment_are_londons(runs: None) -> None:
    # 23:30 UTC on 2 July is 00:30 on 3 July in London.
    assert narrowed(started_at__from="2026-07-03") == [date(2026, 7, 3)]


@pytest.mark.parametrize("wrong", ["yesterday", "2026-02-30", "<script>", "2026-7"])
def test_what_is_no_date_narrows_nothing_and_says_so(runs: None, wrong: str) -> None:
    assert len(narrowed(business_date__from=wrong)) == 3
    request = RequestFactory().get("/", {"business_date__from": wrong, "q": "x", "p": "7"})
    request.user = User(is_superuser=True, is_active=True)
    shown = RunsByDate(NightlyRun, admin.site).get_changelist_instance(request)
    form: Any = next(iter(shown.filter_specs[0].choices(shown)))
    assert form["ends"][0]["wrong"]
    # A page's number would lead nowhere in a list that has become shorter.
    assert form["others"] == [("q", "x")]


class OrganisationsByAlignment(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    list_filter = (("cstf_aligned_on", by_presence("Aligned", empty="Not yet", filled="Aligned")),)


def test_whether_a_field_is_filled_is_asked_in_words(northmoor: Organisation) -> None:
    Organisation.objects.filter(pk=northmoor.pk).update(cstf_aligned_on=None)
    request = RequestFactory().get("/", {"cstf_aligned_on__isempty": "1", "_facets": "True"})
    request.user = User(is_superuser=True, is_active=True)
    page = OrganisationsByAlignment(Organisation, admin.site).get_changelist_instance(request)
    assert northmoor in page.queryset
    (filled,) = page.filter_specs
    assert filled.title == "Aligned"
    shown = [
        (str(choice["display"]).partition(" (")[0], choice["selected"]) for choice in filled.choices(page)
    ]
    assert shown == [("All", False), ("Not yet", True), ("Aligned", False)]
    assert all("(" in str(choice["display"]) for choice in list(filled.choices(page))[1:]), "with how many"
