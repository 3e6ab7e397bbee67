"""Whose views are written down: asked once for all that one page shows of an organisation."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from people.audit.watching import VIEWED, note_views
from people.models import AuditEvent, Organisation, Person
from roles.actions import grant
from roles.urps import URP


def test_a_page_of_people_asks_once(alice: User, bob: User, northmoor: Organisation) -> None:
    grant(user=bob, organisation=northmoor, urp=URP.AUDITOR, reason="the yearly audit", by=alice)
    people = [Person.objects.create(organisation=northmoor, person_id=str(number)) for number in range(5)]
    with CaptureQueriesContext(database) as queries:
        note_views(people, bob)
    assert sum("roles_grant" in query["sql"] for query in queries) == 1
    assert AuditEvent.objects.filter(verb=VIEWED, actor="").count() == 5
