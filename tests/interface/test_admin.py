"""A connection's form: what is changed on it is stored, and what a night moves meanwhile is not turned back."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from interface.models import Connection
from tests.interface.outbound.staff import Staff


@pytest.fixture
def alice(client: Client, exchange_root: None, db: None) -> Client:
    client.force_login(User.objects.create_superuser("alice"))
    return client


def filled(page: Any) -> dict[str, Any]:
    """What a browser would send back of the form as it is."""
    form = page.context["adminform"].form
    values = {field.html_name: field.value() for field in form}
    values |= {field.html_initial_name: field.value() for field in form if field.field.show_hidden_initial}
    return {name: "" if value is None else value for name, value in values.items()}


def test_what_a_night_moves_meanwhile_is_not_turned_back(
    alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = reverse("admin:interface_connection_change", args=[Staff().connection.pk])
    page = alice.get(url)
    assert 'name="initial-next_inbound"' in page.content.decode()
    # The page is open, and once more after it was sent back.
    Connection.objects.update(next_inbound=7, next_outbound=4)
    monkeypatch.setattr(
        Connection, "clean", lambda one: Connection.objects.update(next_outbound=5, full_file_wanted="asked")
    )
    alice.post(url, filled(page) | {"supplier": "Kite", "live_on": "2026-01-05"})
    stored = Connection.objects.get()
    assert (stored.supplier, stored.next_inbound, stored.next_outbound) == ("Kite", 7, 5)
    assert stored.full_file_wanted == "asked"
    alice.post(url, filled(alice.get(url)) | {"next_inbound": "12", "live_on": "2026-01-05"})
    assert Connection.objects.get().next_inbound == 12
