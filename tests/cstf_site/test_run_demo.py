"""What `make run` says before it starts anything."""

import socket

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from pytest_django import Settings

from cstf_site.management.commands.run_demo import LOGIN, PASSWORD, ensure_login


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
