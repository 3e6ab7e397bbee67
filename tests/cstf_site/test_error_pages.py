"""What goes wrong is told in words, with a way on, in the console's frame; nothing that the strict CSP would block."""

import re

import pytest
from allauth.core.internal.ratelimit import respond_429
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from cstf_site import urls

pytestmark = pytest.mark.django_db


def bug(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret of the code")


def slow(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(60)")
    return HttpResponse()


urlpatterns = [
    path("admin/bug/", bug),
    path("admin/slow/", slow),
    path("admin/often/", respond_429),
    *urls.urlpatterns,
]
handler400, handler403, handler404 = urls.handler400, urls.handler403, urls.handler404
handler429, handler500 = urls.handler429, urls.handler500


@pytest.fixture
def alice(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("alice"))
    client.raise_request_exception = False
    return client


def plain(text: str) -> None:
    assert 'lang="en-gb"' in text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", text)
    assert "Traceback" not in text


def framed(text: str) -> None:
    """In the console's look, with what leads on from here."""
    plain(text)
    assert 'aria-label="Console"' in text
    assert "Log out" in text


def test_what_is_not_there(alice: Client) -> None:
    for url in ("/admin/people/person/1/change/", "/admin/people/person/x/history/", "/nowhere/"):
        response = alice.get(url)
        assert response.status_code == 404
        assert "There is nothing here" in response.content.decode()
        framed(response.content.decode())


def test_what_is_not_allowed(alice: Client) -> None:
    response = alice.get("/admin/people/person/add/")
    assert response.status_code == 403
    assert "You may not do this" in response.content.decode()
    framed(response.content.decode())


def test_what_was_not_understood(alice: Client) -> None:
    response = alice.get("/admin/people/person/?organisation__region__startswith=x")
    assert response.status_code == 400
    assert "was not understood" in response.content.decode()
    framed(response.content.decode())


def test_a_page_that_is_too_old(alice: Client) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/log-in/", {"login": "alice"})
    assert response.status_code == 403
    assert "open for too long" in response.content.decode()
    plain(response.content.decode())


@pytest.mark.urls(__name__)
def test_a_bug_of_ours(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for show in (framed, plain):
        response = alice.get("/admin/bug/")
        assert response.status_code == 500
        assert "Something went wrong on our side" in response.content.decode()
        assert "secret" not in response.content.decode()
        show(response.content.decode())
        # The next time the frame fails, too.
        monkeypatch.setattr("cstf_site.console.site.ConsoleSite.each_context", bug)


@pytest.mark.urls(__name__)
@pytest.mark.requires("postgresql")
def test_what_takes_too_long(alice: Client, settings: Settings) -> None:
    settings.CONSOLE_STATEMENT_SECONDS = 1
    response = alice.get("/admin/slow/")
    assert response.status_code == 503
    assert "at one step of it for 1 second," in response.content.decode()
    framed(response.content.decode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        assert cursor.fetchone() == ("0",)


@pytest.mark.urls(__name__)
def test_what_is_asked_for_too_often(alice: Client) -> None:
    for client, show in ((alice, framed), (Client(), plain)):
        response = client.get("/admin/often/")
        assert response.status_code == 429
        assert "too often" in response.content.decode()
        show(response.content.decode())


def test_more_than_a_form_may_hold(alice: Client, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 2
    response = alice.post("/admin/people/person/", dict.fromkeys("abcd", "x"))
    assert response.status_code == 413
    assert "more than a form may hold" in response.content.decode()
    plain(response.content.decode())


def test_a_form_that_is_too_old_and_a_role_that_is_none(alice: Client) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get())
    response = client.post("/admin/people/person/", {})
    assert response.status_code == 403
    framed(response.content.decode())
    client.force_login(User.objects.create_user("nobody"))
    response = client.get("/admin/login/")
    assert response.status_code == 403
    assert "No role is granted" in response.content.decode()
    assert 'aria-label="Console"' not in response.content.decode()
