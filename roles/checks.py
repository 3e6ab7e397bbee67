"""System checks: the table of URPs fits the models and the pages that there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.contrib import admin
from django.core.checks import CheckMessage, Error, register

from people.privacy import Privacy
from roles.urps import CHANGES_NOTHING, EXPORT, INSTALLATION, PERMISSIONS, WITHOUT_PERSONAL_DATA


def existing_permissions() -> dict[str, Any]:
    """Every permission that the installed models declare, with its model."""
    found: dict[str, Any] = {}
    for model in apps.get_models():
        names = [f"{verb}_{model._meta.model_name}" for verb in model._meta.default_permissions]
        names += [codename for codename, _ in model._meta.permissions]
        found |= {f"{model._meta.app_label}.{name}": model for name in names}
    return found


@register("roles")
def urps(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """No permission of the table is a slip of the pen, and each URP keeps to what it promises."""
    return [*_unknown(), *_blind(), *_changing(), *_personal()]


@register("roles")
def pages(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every page of the console is somebody's."""
    seen = frozenset[str]().union(*PERMISSIONS.values())
    hint = "Add its view permission to a URP in roles/urps.py, or name it under INSTALLATION there."
    return [
        Error(f"No URP shows {model._meta.label}.", hint=hint, id="roles.E005")
        for model in admin.site._registry
        if f"{model._meta.app_label}.view_{model._meta.model_name}" not in seen
        and model._meta.label_lower not in INSTALLATION
    ]


def _unknown() -> Iterator[CheckMessage]:
    known = existing_permissions()
    for urp, permissions in PERMISSIONS.items():
        for permission in sorted(permissions - known.keys()):
            yield Error(f"{urp.label}: there is no permission {permission}.", id="roles.E001")


def _blind() -> Iterator[CheckMessage]:
    """Whoever may do something to rows may see them."""
    known = existing_permissions()
    for urp, permissions in PERMISSIONS.items():
        for permission in sorted(permissions & known.keys()):
            meta = known[permission]._meta
            if f"{meta.app_label}.view_{meta.model_name}" not in permissions:
                yield Error(f"{urp.label} has {permission} without seeing {meta.label}.", id="roles.E002")


def _changing() -> Iterator[CheckMessage]:
    for urp in CHANGES_NOTHING:
        for permission in sorted(PERMISSIONS[urp]):
            if ".view_" not in permission and permission not in EXPORT:
                yield Error(f"{urp.label} changes nothing, but has {permission}.", id="roles.E003")


def _personal() -> Iterator[CheckMessage]:
    known = existing_permissions()
    for urp in WITHOUT_PERSONAL_DATA:
        for permission in sorted(PERMISSIONS[urp] & known.keys()):
            fields: dict[str, Privacy] = getattr(known[permission], "privacy", {})
            if any(kind is not Privacy.TECHNICAL for kind in fields.values()):
                text = f"{urp.label} sees no personal data, but has {permission}."
                yield Error(text, id="roles.E004")
