"""An outbound file: whom it carried, how much of that is known, and who is told."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cstf_site.console.page import address
from interface.models import CarriedPerson, OutboundFile
from people.tenancy import everywhere
from roles.urps import URP
from tests.cstf_site.conftest import Somebody

LIST = reverse("admin:interface_carriedperson_changelist")
# Session, user, roles, the navigation, and the list's own few.
MOST_QUERIES = 15


def page_of(file: OutboundFile) -> str:
    return reverse("admin:interface_outboundfile_change", args=[file.pk])


def full_file(vpd: str) -> OutboundFile:
    return OutboundFile.objects.get(kind="GOF", organisation__vpd=vpd)


def test_whom_a_file_carried(night: date, client: Client) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    file = full_file("901")
    carried = CarriedPerson.objects.filter(file=file)
    link = re.search(
        rf'href="({LIST}\?file={file.pk})">(\d+) people</a>', client.get(page_of(file)).content.decode()
    )
    assert link is not None
    assert int(link[2]) == file.counts["PRA"] == carried.count()
    with CaptureQueriesContext(database) as queries:
        answer = client.get(link[1])
    assert len(queries) <= MOST_QUERIES
    page, listed = answer.content.decode(), answer.context["cl"]
    assert listed.result_count == carried.count()
    assert f'Carried by <a href="{page_of(file)}">{file}</a> (full file of' in page
    assert "from before" not in page
    one = listed.result_list[7]
    assert f'<a href="{address("person", person=one.person_id)}">' in page
    found = client.get(LIST, {"file": file.pk, "q": one.person.person_id}).context["cl"].result_list
    assert [row.pk for row in found] == [one.pk]
    query = f"?list=interface.carriedperson&file={file.pk}"
    export = client.post(address("export_list") + query, {"kind": "csv"})
    rows = list(csv.reader(io.StringIO(export.getvalue().decode("utf-8-sig"))))
    assert rows[0] == ["Person", "Person ID", "Records", "Deletes"]
    assert {row[1] for row in rows[1:]} == set(carried.values_list("person__person_id", flat=True))


def test_a_file_from_before_says_how_much_of_it_is_known(night: date, client: Client) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    file = full_file("902")
    last = CarriedPerson.objects.filter(file=file).latest("pk")
    lines = sum(count for kind, count in file.counts.items() if kind != "CDA")
    told = f"Of its {lines:,} lines about people it is known of {lines - last.records:,} whom they are about"
    last.delete()
    assert told in client.get(page_of(file)).content.decode()
    assert told in client.get(LIST, {"file": file.pk}).content.decode()
    CarriedPerson.objects.filter(file=file).delete()
    assert (
        f"Of its {lines:,} lines about people it is known of 0" in client.get(page_of(file)).content.decode()
    )


@pytest.mark.scoped
def test_whom_a_file_carried_is_told_to_whoever_may_see_it(
    request: pytest.FixtureRequest, client: Client
) -> None:
    with everywhere("a test's own data"):
        request.getfixturevalue("night")
        somebody: Somebody = request.getfixturevalue("somebody")
        ours, theirs = full_file("901"), full_file("902")
        answer = OutboundFile.objects.filter(organisation__vpd="901", number=None)[0]
        helper, learner = (
            somebody("helper", "901", URP.SUPPORT),
            somebody("learner", "901", URP.LEARNING_ADMINISTRATION),
        )
    client.force_login(helper)
    assert "hom it carried" not in client.get(page_of(ours)).content.decode()
    assert client.get(LIST, {"file": ours.pk}).status_code == 403
    client.force_login(learner)
    assert "hom it carried" in client.get(page_of(ours)).content.decode()
    # An answer is about the lines of the file that it answers.
    assert "hom it carried" not in client.get(page_of(answer)).content.decode()
    for asked in (theirs.pk, 10**12, "nonsense"):
        page = client.get(LIST, {"file": asked})
        assert page.context["cl"].result_count == 0
        assert "Carried by" not in page.content.decode()
        assert theirs.name not in page.content.decode()
