"""Which pages there are, and that the admin's own log-in is not one of them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse


@pytest.mark.django_db
def test_the_admin_has_no_log_in_of_its_own(client: Client) -> None:
    response = client.get("/admin/login/?next=/admin/people/person/")
    assert (response.status_code, response.headers["Location"]) == (
        302,
        "/log-in/?next=/admin/people/person/",
    )
    User.objects.create_superuser("alice", password="correct horse battery staple")
    form = {"username": "alice", "password": "correct horse battery staple"}
    assert client.post("/admin/login/", form).status_code == 302
    assert client.get("/admin/").status_code == 302


@pytest.mark.django_db
def test_nobody_is_sent_to_another_site(client: Client) -> None:
    User.objects.create_superuser("alice", password="correct horse battery staple")
    form = {"login": "alice", "password": "correct horse battery staple", "next": "https://evil.example/"}
    assert client.post(reverse("account_login"), form).headers["Location"] == "/admin/"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["signup/", "email/", "confirm-email/", "code/", "2fa/"])
def test_what_is_not_wanted_does_not_exist(client: Client, path: str) -> None:
    assert client.get(f"/log-in/{path}").status_code == 404


@pytest.mark.django_db
def test_an_account_without_a_password_gives_itself_none(client: Client) -> None:
    client.force_login(User.objects.create_superuser("alice"))
    assert client.get(reverse("account_set_password")).status_code == 403


@pytest.mark.django_db
def test_secrets_have_no_page_in_the_console() -> None:
    from allauth.mfa.models import Authenticator
    from django.contrib import admin

    from login.models import Session

    assert not {Authenticator, Session} & admin.site._registry.keys()


@pytest.mark.django_db
def test_forms_say_what_they_want_and_what_is_wrong(client: Client) -> None:
    page = client.post(reverse("account_login"), {"login": "", "password": "x"}).content.decode()
    assert '<label for="id_login">User name</label>' in page
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_login_error"' in page
    assert '<a href="#id_login">' in page
    assert "<title>Error: Log in" in page
