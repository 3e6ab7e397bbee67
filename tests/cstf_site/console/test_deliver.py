"""Rejected records are corrected in their download, put into In from the console, and accepted."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from cstf_site.console.page import address
from interface.models import Connection, InboundFile
from people.tenancy import everywhere
from roles.urps import URP
from tests.cstf_site.conftest import Somebody


def corrected(text: str) -> str:
    """Of what was rejected, the line without a last name, with one."""
    header, *lines, _, _ = text.split("\n")
    line = next(one for one in lines if "NONAME" in one).split("~")
    line[4] = "Somebody"
    return "\n".join([header, "~".join(line), "TRL~3", ""])


def test_from_the_rejected_records_to_their_answer(night: date, client: Client) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    file = next(one for one in InboundFile.objects.filter(organisation__vpd="902", number=1))
    url = address("inbound_file", inboundfile=file.pk)
    put = address("deliver", connection=file.connection_id)
    assert put in client.get(url).content.decode()
    assert put in client.get(address("connection", connection=file.connection_id)).content.decode()
    download = client.get(url, {"download": "rejected"})
    name = download.headers["Content-Disposition"].partition('filename="')[2].rstrip('"')
    assert name in client.get(put).content.decode()
    text = corrected(download.getvalue().decode(file.connection.encoding))
    sent = SimpleUploadedFile(name, text.encode(file.connection.encoding))
    told = client.post(put, {"file": sent}, follow=True).content.decode()
    assert f"{name} lies in In: it is taken in at the next exchange." in told
    again = client.post(put, {"file": SimpleUploadedFile(name, b"x")}).content.decode()
    assert "waits in In already" in again
    call_command("exchange", date=night + timedelta(days=1), stdout=StringIO())
    taken = InboundFile.objects.get(name=name, state="answered")
    assert (taken.records, taken.succeeded, taken.warned) == (1, 1, 1)


def test_what_is_no_file_of_an_lms_is_refused_in_words(
    night: date, client: Client, settings: Settings
) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    url = address("deliver", connection=Connection.objects.all()[0].pk)
    refused = client.post(url, {"file": SimpleUploadedFile("notes.txt", b"x")}).content.decode()
    assert "is not the name of a file that an LMS sends" in refused
    assert "This field is required" in client.post(url).content.decode()
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    large = SimpleUploadedFile("notes.txt", b"x" * 1024 * 1200)
    assert "is larger than 1 MB" in client.post(url, {"file": large}).content.decode()


@pytest.mark.scoped
@pytest.mark.parametrize(
    ("urp", "own", "theirs"),
    [(URP.INTERFACE_ADMINISTRATION, 200, 404), (URP.LEARNING_ADMINISTRATION, 403, 403)],
)
def test_who_may(request: pytest.FixtureRequest, client: Client, urp: URP, own: int, theirs: int) -> None:
    with everywhere("a test's own data"):
        request.getfixturevalue("night")
        somebody: Somebody = request.getfixturevalue("somebody")
        client.force_login(somebody("bob", "901", urp))
        keys = dict(Connection.objects.values_list("organisation__vpd", "pk"))
    assert client.get(address("deliver", connection=keys["901"])).status_code == own
    assert client.get(address("deliver", connection=keys["902"])).status_code == theirs
    page = client.get(address("connection", connection=keys["901"])).content.decode()
    assert ("Put a file into In" in page) is (own == 200)
