"""The provider in its own process, an installation that believes it, and a person who goes back and forth."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

SECRET = "a secret between two servers"
HERE = Path(__file__).parent


class Provider:
    """The running provider, as the tests reach it."""

    def __init__(self, address: str) -> None:
        self.address = address

    def ask(self, **wishes: Any) -> int:
        """From now on it is as the test wishes; returns how many client assertions it has accepted."""
        back = wishes.pop("back", [f"http://testserver/log-in/with/{id}/back/" for id in ("oidc", "cis2")])
        answer = requests.post(f"{self.address}/door", json={"back": back, **wishes}, timeout=20)
        answer.raise_for_status()
        count: int = answer.json()["assertions"]
        return count


@pytest.fixture(scope="session")
def running_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    process = subprocess.Popen(
        [sys.executable, str(HERE / "provider" / "serve.py"), str(tmp_path_factory.mktemp("provider"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdin
    assert process.stdout
    port = process.stdout.readline().strip()
    assert port, "the provider did not start"
    yield Provider(f"http://127.0.0.1:{port}")
    process.stdin.close()
    process.wait(timeout=20)
    process.stdout.close()


@pytest.fixture
def provider(running_provider: Provider) -> Provider:
    running_provider.ask()
    return running_provider


@pytest.fixture
def by_secret(provider: Provider, settings: Settings) -> Provider:
    """The installation logs people in by way of it, as at Entra ID."""
    settings.OIDC_NAME = "Northmoor"
    settings.OIDC_ISSUER = provider.address
    settings.OIDC_CLIENT_ID = "cstf"
    settings.OIDC_CLIENT_SECRET = SECRET
    return provider


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


@pytest.fixture
def by_signature(provider: Provider, settings: Settings, key_file: Path) -> Provider:
    """The installation logs people in by way of it, as at NHS CIS2."""
    settings.CIS2_ISSUER = provider.address
    settings.CIS2_CLIENT_ID = "cstf-signing"
    settings.CIS2_KEY_FILE = key_file
    settings.CIS2_KEY_ID = "key-1"
    settings.CIS2_ACCOUNT_CLAIM = "preferred_username"
    return provider


class _Form(HTMLParser):
    """The fields of the page's last form that has any, as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self.fields = []
        elif tag == "input" and found.get("name") and ("checked" in found or found["type"] != "checkbox"):
            self.fields.append((str(found["name"]), found.get("value") or ""))


class Person:
    """Somebody with a browser: our side by Django's test client, the provider's by HTTP."""

    def __init__(self, client: Client, name: str) -> None:
        self.client, self.name = client, name
        self.outside = requests.Session()

    def start(self, id: str = "oidc", **form: str) -> str:
        """Presses the button; returns the address at the provider to which the page leads."""
        page = self.client.post(f"/log-in/with/{id}/", form)
        assert page.status_code == 200, page.content
        address: str = page.context["address"]
        return address

    def agree(self, address: str, *, action: str = "grant") -> str:
        """Logs in at the provider and answers its question; returns the address back to us."""
        page = self.outside.get(address, timeout=20)
        fields = dict(_Form(page.text).fields)
        sent = {**fields, "login": self.name, "password": self.name}
        page = self.outside.post(page.url, data=sent, timeout=20)
        assert "Authorize" in page.text, page.text
        answer = self.outside.post(
            urljoin(page.url, "/identity/o/authorize"),
            data=[*_Form(page.text).fields, ("action", action)],
            allow_redirects=False,
            timeout=20,
        )
        return answer.headers["Location"]

    def come_back(self, address: str) -> HttpResponse:
        parts = urlsplit(address)
        answer: HttpResponse = self.client.get(f"{parts.path}?{parts.query}")  # type: ignore[assignment]  # the client's own kind
        return answer

    def log_in(self, id: str = "oidc", **form: str) -> HttpResponse:
        return self.come_back(self.agree(self.start(id, **form)))


@pytest.fixture
def alice_outside(client: Client) -> Person:
    return Person(client, "alice")
