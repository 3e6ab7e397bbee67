"""The table of URPs fits the product, and the checks say where it would not."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.checks import CheckMessage, run_checks

from roles import checks, urps
from roles.models import NotificationRole
from roles.urps import INSTALLATION, PERMISSIONS, URP, shown


def found() -> set[str | None]:
    return {message.id for message in run_checks(tags=["roles"])}


def test_the_table_is_sound() -> None:
    messages: list[CheckMessage] = run_checks(tags=["roles"])
    assert not messages
    assert PERMISSIONS.keys() == set(URP)


@pytest.mark.django_db
def test_the_permissions_are_those_that_django_made() -> None:
    made = {
        f"{one.content_type.app_label}.{one.codename}"
        for one in Permission.objects.select_related("content_type")
    }
    assert frozenset().union(*PERMISSIONS.values()) <= made
    assert made <= checks.existing_permissions().keys()


@pytest.mark.parametrize(
    ("urp", "permission", "code"),
    [
        (URP.AUDITOR, "people.view_persn", "roles.E001"),
        (URP.SUPPORT, "interface.release_outbundhold", "roles.E001"),
        (URP.HR_ADMINISTRATION, "roles.end_grant", "roles.E002"),
        (URP.AUDITOR, "interface.release_inboundfile", "roles.E003"),
        (URP.SUPPORT, "people.view_person", "roles.E004"),
        (URP.SUPPORT, "interface.view_inboundrecord", "roles.E004"),
        (URP.SUPPORT, "interface.view_sentpicture", "roles.E004"),
        (URP.SUPPORT, "roles.view_notificationrecipient", "roles.E004"),
    ],
)
def test_a_slip_is_found(urp: URP, permission: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table = {**PERMISSIONS, urp: PERMISSIONS[urp] | {permission}}
    monkeypatch.setattr(checks, "PERMISSIONS", table)
    assert found() == {code}


def test_a_page_that_is_nobodys_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    without = {urp: permissions - {"people.view_nightlyrun"} for urp, permissions in PERMISSIONS.items()}
    monkeypatch.setattr(checks, "PERMISSIONS", without)
    assert found() == {"roles.E005"}


def test_what_is_for_installation_alone_is_there_and_has_its_reason() -> None:
    registered = {model._meta.label_lower for model in admin.site._registry}
    assert INSTALLATION.keys() <= registered
    assert all(INSTALLATION.values())


def test_shown_as_esr_shows_them() -> None:
    assert shown(URP.LEARNING_ADMINISTRATION, "911") == "911 Learning Administration"
    assert urps.URP.labels == [
        "HR Administration",
        "Learning Administration",
        "IAT Initiation",
        "IAT Approval",
        "Interface Administration",
        "Functional Account Manager",
        "Auditor",
        "Support",
        "Role Administration",
    ]
    assert NotificationRole.labels == [
        "Stat & Mand Compencies Ntf role",
        "Multi-Employer Comp Update role (Competency Profile Changes)",
        "Competency Expiry Notifications",
        "IAT Notifications",
    ]
