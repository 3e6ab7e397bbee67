"""The demo after its first night, and people who may do different things in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_django import Settings

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # not before Django has its settings
    from django.test import Client

Somebody = Callable[..., "User"]
Further = Callable[["User", str, str], "User"]


@pytest.fixture
def night(
    exchange_root: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    db: None,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> date:
    """Tonight, in small."""
    from django.core.management import call_command

    from cstf_site.demo.build import SIZES, load_demo
    from people.dates import london_today
    from tests.kept import begin_with

    for vpd, size in (("901", 60), ("902", 30)):
        monkeypatch.setitem(SIZES, vpd, size)
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    tonight = london_today()

    def make() -> None:
        load_demo(by="test", on=tonight, folder=tmp_path)
        call_command("exchange", date=tonight, stdout=StringIO())

    begin_with(f"night of {tonight}", make, folder=exchange_root, keeping=tmp_path_factory)
    return tonight


@pytest.fixture
def somebody(db: None) -> Somebody:
    """Makes an account that holds URPs in the organisation of a VPD."""
    from django.contrib.auth.models import User

    from people.models import Organisation
    from roles.actions import grant

    root = User.objects.create_superuser("root")

    def make(name: str, vpd: str, *urps: str) -> User:
        user = User.objects.create_user(name)
        for urp in urps:
            organisation = Organisation.objects.get(vpd=vpd)
            grant(user=user, organisation=organisation, urp=urp, reason="a test", by=root)
        return user

    return make


@pytest.fixture
def further() -> Further:
    """Grants an account one URP more, in the organisation of a VPD."""

    def make(user: User, vpd: str, urp: str) -> User:
        from django.contrib.auth.models import User as Account

        from people.models import Organisation
        from roles.actions import grant

        trust, root = Organisation.objects.get(vpd=vpd), Account.objects.get(username="root")
        grant(user=user, organisation=trust, urp=urp, reason="a test", by=root)
        return user

    return make


@pytest.fixture
def trusts(db: None) -> None:
    """Each with a connection; 911 maps a course that a spreadsheet would calculate, 922 another."""
    from competencies.models import Competence
    from interface.models import Connection, Mapping
    from people.models import Organisation

    fire = Competence.objects.create(competence_id="1", name="NHS|LOCAL|Fire|")
    for vpd, mapped in (
        ("911", {"course_code": "=1+1"}),
        ("922", {"course_code": "B", "course_version": "-1"}),
    ):
        trust = Organisation.objects.create(vpd=vpd, name=f"Trust {vpd}")
        lms = Connection.objects.create(organisation=trust, code="LEARN")
        expiry = "renewal" if vpd == "911" else "lms"
        Mapping.objects.create(organisation=trust, connection=lms, competence=fire, expiry=expiry, **mapped)


@pytest.fixture
def fam(client: Client, trusts: None, somebody: Somebody, further: Further) -> Client:
    """May take lists of both."""
    from roles.urps import URP

    user = somebody("fam", "911", URP.FUNCTIONAL_ACCOUNT_MANAGER)
    client.force_login(further(user, "922", URP.FUNCTIONAL_ACCOUNT_MANAGER))
    return client
