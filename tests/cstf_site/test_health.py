"""What watches the installation from outside hears whether it is at work, without logging in, and nothing else."""

from datetime import timedelta
from http import HTTPStatus
from unittest import mock

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from django_q.models import Schedule
from pytest_django import Settings

from cstf_site.schedules import ensure_schedules


def heard(client: Client) -> tuple[int, dict[str, str]]:
    answer = client.get("/health/")
    assert answer["Cache-Control"].startswith("max-age=0")
    return answer.status_code, answer.json()


@pytest.mark.django_db
def test_all_is_well(client: Client) -> None:
    ensure_schedules()
    assert heard(client) == (HTTPStatus.OK, {"database": "ok", "queue": "ok"})
    assert "sessionid" not in client.cookies
    assert client.post("/health/").status_code == HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.django_db
def test_nothing_is_scheduled(client: Client) -> None:
    Schedule.objects.all().delete()
    status, told = heard(client)
    assert status == HTTPStatus.SERVICE_UNAVAILABLE
    assert "manage.py schedules" in told["queue"]


@pytest.mark.django_db
def test_the_worker_stands_still(client: Client) -> None:
    (first, *_) = ensure_schedules()
    for minutes, status in ((14, HTTPStatus.OK), (16, HTTPStatus.SERVICE_UNAVAILABLE)):
        due = timezone.now() - timedelta(minutes=minutes)
        Schedule.objects.filter(pk=first.pk).update(next_run=due)
        assert heard(client)[0] == status
    assert "qcluster" in heard(client)[1]["queue"]


@pytest.mark.django_db
def test_the_database_does_not_answer(client: Client) -> None:
    refusing = mock.patch.object(connection, "cursor", side_effect=OperationalError("secret host name"))
    with refusing:
        told = heard(client)
    assert told == (HTTPStatus.SERVICE_UNAVAILABLE, {"database": "does not answer"})


@pytest.mark.django_db
def test_it_answers_on_plain_http_where_all_else_is_sent_to_https(client: Client, settings: Settings) -> None:
    ensure_schedules()
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/log-in/").status_code == HTTPStatus.MOVED_PERMANENTLY
    assert client.get("/health/").status_code == HTTPStatus.OK
