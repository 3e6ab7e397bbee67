"""Lists name people before they number them, narrow by what holds today, and say on paper by what they are narrowed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Index, Model, UniqueConstraint
from django.test import Client, RequestFactory
from django.urls import reverse

from competencies.models import Competence, CompetencyElement
from competencies.models.element import ElementQuerySet
from cstf_site.console.page import address
from interface.models import InboundRecord, SentPicture
from people.console_admin import SearchedAdmin, SearchedByPerson
from people.models import Assignment, AssignmentVersion, AuditEvent, Organisation, Person, PersonVersion


@pytest.fixture
def alice(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("alice"))
    return client


@pytest.fixture
def staff() -> None:
    """Ngozi has a job, Sam an offer; what they were before is not what they are today."""
    trust = Organisation.objects.create(vpd="911", name="Invented Trust")
    fire = Competence.objects.create(competence_id="1", name="NHS|CSTF|Fire|")
    for number, (name, kind, status) in enumerate(
        (("Ngozi", "EMP", "Career Break"), ("Sam", "APL", "Offer Accepted"))
    ):
        person = Person.objects.create(organisation=trust, person_id=f"77{number}")
        job = Assignment.objects.create(organisation=trust, person=person, assignment_id=f"88{number}")
        for start, end in ((date(2020, 1, 1), date(2020, 12, 31)), (date(2021, 1, 1), None)):
            now, dates = end is None, {"effective_start": start, "effective_end": end}
            PersonVersion.objects.create(
                organisation=trust, person=person, last_name="Achebe", first_name=name if now else "Formerly",
                system_person_type=kind if now else "OTHER", **dates,
            )  # fmt: skip
            AssignmentVersion.objects.create(
                organisation=trust, assignment=job, assignment_type="E" if kind == "EMP" else "A",
                status=status if now else "Interview", **dates,
            )  # fmt: skip
        by_hand = {"source": "LMS", "source_id": 1, "source_reference": "HAND-1"}
        CompetencyElement.objects.create(
            organisation=trust, element_id=str(number), person=person, competence=fire,
            **(by_hand if number else {"source": "GO"}),
        )  # fmt: skip


def test_what_people_uploaded_is_not_counted_among_what_an_lms_sent(alice: Client, staff: None) -> None:
    for source, found in (("GO", ["0"]), ("LMS", []), ("HAND", ["1"]), ("IAT", [])):
        rows = alice.get(f"/admin/competencies/competencyelement/?source={source}").context["cl"].result_list
        assert [row.element_id for row in rows] == found
    assert "Entered by hand" in alice.get("/admin/competencies/competencyelement/?q=1").content.decode()


# SQLite's: the planner of PostgreSQL goes by statistics, which an empty table has none of.
@pytest.mark.once
@pytest.mark.django_db
def test_what_people_entered_has_an_index_that_the_list_uses() -> None:
    rows = CompetencyElement.objects.filter(organisation_id__in=[1])
    assert isinstance(rows, ElementQuerySet)
    plan = rows.of_people().order_by("-pk")[:50].explain()
    assert "USING INDEX element_by_hand (organisation_id=?)" in plan
    assert "TEMP B-TREE" not in plan


def test_a_list_says_that_a_name_has_more_bearers_than_it_looks_at(
    alice: Client, staff: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = [model for model, page in admin.site._registry.items() if isinstance(page, SearchedByPerson)]
    assert len(lists) > 5
    told = "More than 1 people match “Ach”: only the first 1 are looked at."
    for most, expected in ((1, 1), (2, 0)):
        monkeypatch.setattr("people.search.MOST_PERSONS", most)
        monkeypatch.setattr("people.console_admin.MOST_PERSONS", most)
        for model in lists:
            page = alice.get(
                reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist"), {"q": "Ach "}
            )
            assert page.content.decode().count(told) == expected, model
            assert len(page.context["cl"].result_list) <= most


@pytest.mark.parametrize(
    ("taken", "narrowed"),
    [
        ("download?table=persons", "in_scope=none"),
        ("download?table=assignments", "q=Ach"),
        ("export_list?list=people.person", "in_scope=none"),
        ("export_list?list=people.assignment", "q=Ach"),
        ("export_list?list=competencies.competencyelement", "q=Ach"),
    ],
)
def test_a_file_has_all_of_whom_a_list_looks_at_the_first(
    alice: Client, staff: None, monkeypatch: pytest.MonkeyPatch, taken: str, narrowed: str
) -> None:
    """And so it says of nobody that they are not looked at."""
    for of_module in ("people.search", "people.console_admin"):
        monkeypatch.setattr(f"{of_module}.MOST_PERSONS", 1)
    monkeypatch.setattr("people.lists.COUNTED_TO", 0)
    page, _, which = taken.partition("?")
    url = f"{address(page)}?{which}&{narrowed}"
    assert "looked at" not in alice.get(url).content.decode()
    answer: Any = alice.post(url, {"organisation": Organisation.objects.get().pk, "kind": "csv"})
    assert len(b"".join(answer.streaming_content).splitlines()) == 3


def column(model: type[Model], name: object) -> str:
    text = str(name).removeprefix("-")
    return str(getattr(model._meta.get_field(text if text != "pk" else "id"), "attname", text))


def led_by(model: type[Model]) -> set[str]:
    """What some index of the whole table begins with, or has next to the organisation."""
    table = model._meta.proxy_for_model or model
    keys: list[Sequence[str]] = [
        [field.name]
        for field in table._meta.concrete_fields
        if field.primary_key or getattr(field, "db_index", False)
    ]
    for one in (*table._meta.indexes, *table._meta.constraints):
        if isinstance(one, Index | UniqueConstraint) and one.condition is None:
            keys.append(one.fields)
    spelt = [[column(table, name) for name in key] for key in keys]
    return {name for key in spelt for name in key[: 2 if key[0] == "organisation_id" else 1]}


def test_the_longest_lists_offer_no_order_without_an_index(rf: RequestFactory) -> None:
    longest = [
        page
        for model, page in admin.site._registry.items()
        if isinstance(page, SearchedAdmin) or model is AuditEvent
    ]
    assert {CompetencyElement, InboundRecord, SentPicture, Person} < {page.model for page in longest}
    for page in longest:
        order = page.get_ordering(rf.get("/")) or page.model._meta.ordering or ["pk"]
        offered = {column(page.model, name) for name in (order[0], *page.get_sortable_by(rf.get("/")))}
        assert offered <= led_by(page.model), page.model


@pytest.mark.parametrize("path", ["people/assignment/", "competencies/competencyelement/"])
def test_people_are_named_and_their_names_lead_to_them(alice: Client, staff: None, path: str) -> None:
    page = alice.get(f"/admin/{path}").content.decode()
    ngozi = Person.objects.get(person_id="770")
    assert f'<a href="/admin/person/{ngozi.pk}/">Achebe, Ngozi</a>' in page
    assert "Formerly" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("people/person/?system_person_type=EMP", "770"),
        ("people/person/?system_person_type=APL", "771"),
        ("people/person/?system_person_type=OTHER", ""),
        ("people/assignment/?assignment_type=A", "881"),
        ("people/assignment/?status=Career+Break", "880"),
        ("people/assignment/?status=Interview", ""),
        ("people/assignment/?status=of+their+own", ""),
        ("people/application/?assignment_type=E", ""),
    ],
)
def test_by_what_holds_today(alice: Client, staff: None, query: str, found: str) -> None:
    rows = alice.get(f"/admin/{query}").context["cl"].result_list
    assert [str(row) for row in rows] == ([found] if found else [])


def test_on_paper_it_is_said_by_what_a_list_is_narrowed(alice: Client, staff: None) -> None:
    page = alice.get("/admin/people/person/?system_person_type=EMP&q=achebe").content.decode()
    assert "1 persons, narrowed by search “achebe”; person type Employee. Printed" in page
    day = (date(2030, 1, 1) + timedelta(days=1)).isoformat()
    page = alice.get(f"/admin/competencies/competencyelement/?date_to__from={day}").content.decode()
    assert f"narrowed by valid through from {day}. Printed" in page
    assert ", narrowed by" not in alice.get("/admin/people/person/").content.decode()
