"""What somebody tries who wants in, or elsewhere than allowed: each attempt comes to nothing."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from login.models import Session
from people.models import AuditEvent
from tests.login.queue import work_off

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"
ELSEWHERE = "https://evil.example/"


@pytest.fixture
def alice() -> User:
    from django.core.cache import cache

    cache.clear()
    return User.objects.create_superuser("alice", "alice@example.org", PASSWORD)


def log_in(client: Client, **headers: str) -> str:
    """Where the answer leads; nowhere where it is the page again."""
    answer = client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD}, **headers)  # type: ignore[arg-type]  # as WSGI calls them
    return str(answer.headers.get("Location", ""))


# --- From where ---------------------------------------------------------------------------------------


def address_noted() -> str:
    return AuditEvent.objects.filter(verb="logged in").latest("id").address


def test_an_address_that_somebody_claims_is_not_believed(alice: User, client: Client) -> None:
    log_in(client, REMOTE_ADDR="10.0.0.7", HTTP_X_FORWARDED_FOR="1.2.3.4", HTTP_X_REAL_IP="1.2.3.4")
    assert address_noted() == "10.0.0.7"


def test_behind_a_proxy_what_the_proxy_adds_is_believed_and_no_more(
    alice: User, client: Client, settings: Settings
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    log_in(client, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="1.2.3.4, 10.0.0.7")
    assert address_noted() == "10.0.0.7"


@pytest.mark.parametrize("claimed", ["<script>", "1.2.3.4:99999", "', DROP TABLE", "a" * 500, ","])
def test_no_address_at_all_breaks_nothing(
    alice: User, client: Client, settings: Settings, claimed: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert client.get("/admin/", HTTP_X_FORWARDED_FOR=claimed).status_code in {302, 400}
    assert client.get("/admin/", REMOTE_ADDR="").status_code == 302


# --- Sessions -----------------------------------------------------------------------------------------


def test_a_session_that_somebody_planted_is_not_the_one_that_is_logged_in(
    alice: User, client: Client
) -> None:
    client.get("/log-in/?next=/admin/")
    planted = client.session
    planted["marked"] = "by the attacker"
    planted.save()
    client.cookies["sessionid"] = planted.session_key or ""
    assert log_in(client) == "/admin/"
    assert client.cookies["sessionid"].value != planted.session_key
    attacker = Client()
    attacker.cookies["sessionid"] = planted.session_key or ""
    assert attacker.get("/admin/").status_code == 302
    assert not Session.objects.filter(session_key=planted.session_key).exists()


def test_a_session_key_that_somebody_made_up_is_not_taken(alice: User, client: Client) -> None:
    client.cookies["sessionid"] = "a" * 32
    assert log_in(client) == "/admin/"
    assert client.cookies["sessionid"].value != "a" * 32


# --- Hosts and ways on --------------------------------------------------------------------------------


def test_another_host_s_name_gets_into_no_page_and_no_mail(alice: User, client: Client) -> None:
    form = {"email": alice.email}
    for headers in ({"host": "evil.example"}, {"x-forwarded-host": "evil.example"}):
        answer = client.post(reverse("account_reset_password"), form, headers=headers)
        assert b"evil.example" not in answer.content
    assert not any("evil.example" in str(message.body) for message in mail.outbox)


@pytest.mark.parametrize("where", [ELSEWHERE, "//evil.example/", r"\\evil.example", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere(alice: User, client: Client, where: str) -> None:
    assert log_in(client) == "/admin/"
    leads = [
        client.get("/admin/login/", {"next": where}),
        client.post(f"{reverse('account_reauthenticate')}?next={where}", {"password": PASSWORD}),
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": where}),
        client.post(reverse("account_logout"), {"next": where}),
    ]
    leads.append(
        client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD, "next": where})
    )
    for answer in leads:
        to = str(answer.headers.get("Location", "/"))
        assert urlsplit(to).netloc in {"", "testserver"}, to
        assert urlsplit(to).scheme in {"", "http"}
        assert to.startswith("/")
        assert not to.startswith("//")


def test_a_path_that_looks_like_a_host_leads_nowhere(alice: User, client: Client) -> None:
    answer = client.get("//evil.example/admin/")
    asked = parse_qs(urlsplit(str(answer.headers.get("Location", ""))).query)
    assert not any(one.startswith("//") for one in asked.get("next", []))


def test_nobody_writes_what_the_queue_is_to_run(alice: User, client: Client) -> None:
    """A schedule names a function: whoever could write one would run anything on the server."""
    from django_q.models import Schedule

    client.force_login(alice)
    schedule = Schedule.objects.create(name="x", func="login.tasks.clear_away_tonight")
    form = {"name": "x", "func": "os.system", "args": "('true',)", "schedule_type": "O", "repeats": "-1"}
    assert client.get("/admin/django_q/schedule/").status_code == 200
    assert client.get(f"/admin/django_q/schedule/{schedule.pk}/change/").status_code == 200
    for address in ("add/", f"{schedule.pk}/change/", f"{schedule.pk}/delete/"):
        assert client.post(f"/admin/django_q/schedule/{address}", form).status_code == 403
    assert list(Schedule.objects.values_list("func", flat=True)) == ["login.tasks.clear_away_tonight"]


def test_a_task_that_failed_is_started_again_and_that_is_told(alice: User, client: Client) -> None:
    from django_q.models import Failure, OrmQ

    client.force_login(alice)
    now = timezone.now()
    failed = Failure.objects.create(
        id="a" * 32, name="x", func="login.tasks.clear_away_tonight", started=now, stopped=now, success=False
    )
    chosen = {"action": "start_again", "_selected_action": [failed.pk]}
    assert client.post("/admin/django_q/failure/", chosen).status_code == 302
    assert OrmQ.objects.count() == 1
    assert not Failure.objects.exists()
    told = AuditEvent.objects.get(verb="started again")
    assert (told.actor, told.record_type, told.record_key) == ("alice", "django_q.failure", "a" * 32)


# --- Who has an account -------------------------------------------------------------------------------


def test_log_in_works_as_long_and_says_the_same_whether_there_is_an_account_or_not(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time is hashing: it is counted, not measured."""
    User.objects.create_user("closed", password=PASSWORD, is_active=False)
    User.objects.create_user("without")  # logs in elsewhere
    made: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        made.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    seen = set()
    for name in ("alice", "closed", "without", "nobody"):
        made.clear()
        answer = Client().post(reverse("account_login"), {"login": name, "password": "wrong"})
        page = answer.content.decode().replace(name, "…")
        seen.add((answer.status_code, len(made), "not correct" in page))
    assert seen == {(200, 1, True)}


def test_a_forgotten_password_says_the_same_whether_there_is_an_account_or_not(
    alice: User, client: Client
) -> None:
    pages = []
    for email in (alice.email, "nobody@example.org"):
        answer = Client().post(reverse("account_reset_password"), {"email": email}, follow=True)
        pages.append((answer.redirect_chain, answer.content.decode().replace(email, "…")))
    assert pages[0] == pages[1]
    assert len(work_off()) == 1
    assert len(mail.outbox) == 1
