"""What goes wrong is told on plain pages: in words, with a way on, and nothing that the strict CSP would block."""

import re

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from cstf_site.urls import urlpatterns as ours

pytestmark = pytest.mark.django_db


def bug(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret of the code")


urlpatterns = [path("bug/", bug), *ours]


@pytest.fixture
def alice(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("alice"))
    client.raise_request_exception = False
    return client


def plain(text: str) -> None:
    assert 'lang="en-gb"' in text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", text)
    assert "Traceback" not in text


def test_what_is_not_there(alice: Client) -> None:
    for url in ("/admin/people/person/1/change/", "/admin/people/person/x/history/", "/nowhere/"):
        response = alice.get(url)
        assert response.status_code == 404
        assert "There is nothing here" in response.content.decode()
        plain(response.content.decode())


def test_what_is_not_allowed(alice: Client) -> None:
    response = alice.get("/admin/people/person/add/")
    assert response.status_code == 403
    assert "You may not do this" in response.content.decode()
    plain(response.content.decode())


def test_what_was_not_understood(alice: Client) -> None:
    response = alice.get("/admin/people/person/?organisation__region__startswith=x")
    assert response.status_code == 400
    assert "was not understood" in response.content.decode()
    plain(response.content.decode())


def test_a_page_that_is_too_old(alice: Client) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/log-in/", {"login": "alice"})
    assert response.status_code == 403
    assert "open for too long" in response.content.decode()
    plain(response.content.decode())


@pytest.mark.urls(__name__)
def test_a_bug_of_ours(alice: Client) -> None:
    response = alice.get("/bug/")
    assert response.status_code == 500
    assert "Something went wrong on our side" in response.content.decode()
    assert "secret" not in response.content.decode()
    plain(response.content.decode())
