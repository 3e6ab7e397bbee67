"""What `make run` says before it starts anything."""

import socket

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from pytest_django import Settings

from cstf_site.demo.accounts import ACCOUNTS, ensure_accounts
from cstf_site.management.commands.run_demo import LOGIN, PASSWORD, ensure_login
from people.models import Organisation
from roles.actions import end_grant
from roles.models import Grant
from roles.urps import URP


def test_a_login_that_everybody_knows_needs_debug(settings: Settings) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG=on alone"):
        call_command("run_demo")


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "８０００", ""])
def test_a_port_that_is_none_is_refused(settings: Settings, port: str) -> None:
    settings.DEBUG = True
    with pytest.raises(CommandError, match=r"^PORT must be a whole number from 1 to 65535, not"):
        call_command("run_demo", port=port)


def test_a_port_in_use_is_said_before_the_work(settings: Settings) -> None:
    settings.DEBUG = True
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=rf"^PORT {port}: address already in use\. Choose another"):
            call_command("run_demo", port=str(port))


@pytest.mark.django_db
def test_the_login_is_made_once_and_a_changed_password_stays() -> None:
    ensure_login()
    user = get_user_model().objects.get(username=LOGIN)
    assert user.check_password(PASSWORD)
    user.set_password("of my own")
    user.save()
    ensure_login()
    user = get_user_model().objects.get()
    assert user.check_password("of my own")


@pytest.mark.django_db
def test_there_is_an_account_for_each_urp_made_once() -> None:
    for vpd in ("901", "902"):
        Organisation.objects.create(vpd=vpd, name=vpd)
    alice = ensure_login()
    ensure_accounts(password=PASSWORD, by=alice)
    assert set(Grant.objects.values_list("urp", flat=True)) == set(URP)
    support = get_user_model().objects.get(username="support")
    assert support.check_password(PASSWORD)
    assert not support.is_superuser
    grants = Grant.objects.count()
    for given in Grant.objects.filter(user=support):
        end_grant(given, by=alice, reason="a test")
    ensure_accounts(password=PASSWORD, by=alice)
    assert Grant.objects.count() == grants
    assert not Grant.objects.filter(user=support, ended_at__isnull=True).exists()
    assert ACCOUNTS[0].held == "901 HR Administration"
