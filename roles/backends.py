"""Permissions come from grants in force, and from nothing else. First among the authentication backends.

It does not only allow: what no grant gives, it refuses for all backends after it, so that `is_staff`, groups and
permissions of an account by itself give nothing.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied

from roles.holdings import Account, holdings_of


class GrantBackend:
    """``user.has_perm(permission, obj)``: in the organisation of ``obj``, or anywhere without one.

    Django never asks for an active superuser, who may do everything: the account for installation.
    """

    def authenticate(self, request: Any = None, **credentials: Any) -> None:
        """Nobody logs in by a grant."""

    def has_perm(self, user_obj: Account, perm: str, obj: Any = None) -> bool:
        """True, or no for everybody's part."""
        return holdings_of(user_obj).allow(perm, obj) or _no()

    def has_module_perms(self, user_obj: Account, app_label: str) -> bool:
        """Whether anything of the app is held anywhere."""
        held = holdings_of(user_obj).by_permission
        return any(permission.startswith(f"{app_label}.") for permission in held) or _no()


def _no() -> NoReturn:
    """How a backend says that those after it are not to be asked."""
    raise PermissionDenied
