"""Courses that wait are shown with what they may mean, mapped, and what failed for them is decided again."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from competencies.models import Competence
from cstf_site.console.page import address
from interface.actions import pause
from interface.models import Connection, Mapping, OpenFailure, OutboundFile
from interface.questions.mapping import unmapped_courses
from people.models import AuditEvent
from people.tenancy import everywhere
from roles.urps import URP
from tests.cstf_site.conftest import Somebody

PAGES = ("connection_mapping", "map_course", "replay_course")
MOST_QUERIES = 22


def waiting() -> tuple[Connection, str]:
    """A connection with a course that is not mapped."""
    failure = OpenFailure.objects.filter(code="E320").exclude(course_code="")
    found = failure.select_related("connection__organisation").first()
    assert found is not None
    return found.connection, found.course_code


@pytest.fixture
def alice(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("alice"))
    return client


def test_a_course_is_mapped_and_what_failed_is_decided_again(night: date, alice: Client) -> None:
    connection, course = waiting()
    page = alice.get(address("connection_mapping", connection=connection.pk)).content.decode()
    assert course in page
    (first, *_) = unmapped_courses(connection)
    chosen = Competence.objects.cstf().in_force(on=night)[:2]
    form = alice.get(address("map_course", connection=connection.pk), {"course": first.course_code})
    assert f'value="{first.course_code}"' in form.content.decode()
    near = {one.key for one in first.suggested}
    given = {
        "course": first.course_code, "version": first.course_version, "direction": "both", "expiry": "renewal",
        "nearest": [one.pk for one in chosen if one.pk in near],
        "others": [one.pk for one in chosen if one.pk not in near],
    }  # fmt: skip
    answer = alice.post(address("map_course", connection=connection.pk), given, follow=True)
    assert "now gives 2 competences" in answer.content.decode()
    assert Mapping.objects.filter(connection=connection, course_code=first.course_code).count() == 2
    assert AuditEvent.objects.filter(verb="mapped", actor="alice").count() == 2
    again = alice.post(address("map_course", connection=connection.pk), given)
    assert "is mapped to these competences already" in again.content.decode()

    url = address("replay_course", connection=connection.pk)
    assert first.course_code in alice.get(url).content.decode()
    course_given = {"course": first.course_code, "version": first.course_version}
    told = alice.post(url, course_given, follow=True).content.decode()
    supplement = OutboundFile.objects.get(kind="LCS")
    assert f"/interface/outboundfile/{supplement.pk}/change/" in told
    assert "was decided again" in told
    assert "no record got another answer" in alice.post(url, course_given, follow=True).content.decode()


def test_what_a_verb_refuses_is_told(night: date, alice: Client) -> None:
    connection, course = waiting()
    nothing = alice.post(
        address("map_course", connection=connection.pk),
        {"course": course, "direction": "both", "expiry": "renewal"},
    )
    assert "Choose at least one competence" in nothing.content.decode()
    pause(connection, by="alice", reason="The LMS is moved.")
    refused = alice.post(address("replay_course", connection=connection.pk), {"course": course}, follow=True)
    assert "paused by alice: The LMS is moved." in refused.content.decode()
    assert not OutboundFile.objects.filter(kind="LCS").exists()


def test_few_queries(night: date, alice: Client) -> None:
    connection, _ = waiting()
    for url in (address("mapping"), *(address(name, connection=connection.pk) for name in PAGES)):
        with CaptureQueriesContext(database) as queries:
            assert alice.get(url).status_code == 200, url
        assert len(queries) <= MOST_QUERIES, url


@pytest.mark.scoped
def test_another_organisations_courses_do_not_exist(request: pytest.FixtureRequest, client: Client) -> None:
    with everywhere("a test's own data"):
        request.getfixturevalue("night")
        somebody: Somebody = request.getfixturevalue("somebody")
        client.force_login(somebody("bob", "901", URP.LEARNING_ADMINISTRATION))
        theirs = Connection.objects.filter(organisation__vpd="902")[0]
        ours = Connection.objects.filter(organisation__vpd="901")[0]
    for name in PAGES:
        assert client.get(address(name, connection=ours.pk)).status_code == 200, name
        assert client.get(address(name, connection=theirs.pk)).status_code == 404, name
        assert client.post(address(name, connection=theirs.pk), {"course": "X"}).status_code in (404, 405), (
            name
        )
    page = client.get(address("mapping")).content.decode()
    assert str(theirs.code) not in page or "902/" not in page
