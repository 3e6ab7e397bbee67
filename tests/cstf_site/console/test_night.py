"""A night as a picture: its numbers are the files' own, its links lead to as many rows, and only to one's own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from interface.models import Connection, InboundFile
from people.tenancy import everywhere
from roles.urps import URP
from tests.cstf_site.conftest import Somebody

URL = "/admin/exchange/night/"
MOST_QUERIES = 22


def codes_of(context: Any) -> list[dict[str, Any]]:
    """Of all kinds of answer; what was rejected comes first."""
    assert [kind["words"] for kind in context["answers"]] == ["Rejected", "With a warning", "Done"]
    for kind in context["answers"]:
        assert sum(row["count"] for row in kind["codes"]) == kind["count"]
    return [row for kind in context["answers"] for row in kind["codes"]]


def test_of_all_connections_and_of_one(night: date, client: Client) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    with CaptureQueriesContext(database) as queries:
        answer = client.get(URL)
    assert len(queries) <= MOST_QUERIES
    tonight = answer.context["night"]
    files = InboundFile.objects.filter(business_date=night)
    assert (tonight.on, tonight.files_in) == (night, files.count())
    assert tonight.records == sum(sum(file.counts.values()) for file in files)
    for row in codes_of(answer.context):
        assert client.get(row["url"]).context["cl"].result_count == row["count"], row["code"]
    page = answer.content.decode()
    for row in answer.context["rows"]:
        one = client.get(row["url"]).context
        assert one["night"].records == row["night"].records
        assert f">{row['night'].lines_sent:,}</td>" in page
        assert str(row["connection"]) in page
        if codes := codes_of(one):
            link = codes[0]
            assert client.get(link["url"]).context["cl"].result_count == link["count"]


def test_a_night_in_which_nothing_happened(night: date, client: Client) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    before = (night - timedelta(days=1)).isoformat()
    assert "Nothing happened in this night" in client.get(URL, {"on": before}).content.decode()
    assert client.get(URL, {"on": "yesterday"}).context["night"].on == night
    assert client.get(URL, {"connection": "many"}).status_code == 404


@pytest.mark.scoped
def test_lines_are_linked_for_who_may_read_them_and_nights_are_one_s_own(
    request: pytest.FixtureRequest, client: Client
) -> None:
    with everywhere("a test's own data"):
        request.getfixturevalue("night")
        somebody: Somebody = request.getfixturevalue("somebody")
        client.force_login(somebody("bob", "901", URP.SUPPORT))
        theirs = Connection.objects.filter(organisation__vpd="902")[0]
    answer = client.get(URL)
    assert "902/" not in answer.content.decode()
    assert codes_of(answer.context)
    assert not any(row["url"] for row in codes_of(answer.context))
    assert client.get(URL, {"connection": str(theirs.pk)}).status_code == 404
