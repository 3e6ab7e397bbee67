"""What somebody holds today: which permission in which organisations. Asked once a request, of one query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model

from people.dates import london_today
from people.models import Organisation
from people.tenancy import everywhere
from roles.models import Grant
from roles.urps import PERMISSIONS, URP

Account = AbstractBaseUser | AnonymousUser
_KEPT = "_holdings"


@dataclass(frozen=True, slots=True)
class Holdings:
    """Permission → keys of the organisations in which it is held."""

    by_permission: Mapping[str, frozenset[int]]
    organisations: frozenset[int]
    # The last day of the grant that ran out last.
    ran_out_on: date | None = None

    @classmethod
    def of(cls, grants: Iterable[tuple[int, str]], *, ran_out_on: date | None = None) -> Holdings:
        """From (organisation, URP) pairs in force."""
        found: dict[str, set[int]] = {}
        pairs = list(grants)
        for organisation, urp in pairs:
            for permission in PERMISSIONS[URP(urp)]:
                found.setdefault(permission, set()).add(organisation)
        held = {permission: frozenset(organisations) for permission, organisations in found.items()}
        return cls(held, frozenset(organisation for organisation, _ in pairs), ran_out_on)

    def where(self, permission: str) -> frozenset[int]:
        """The organisations in which the permission is held."""
        return self.by_permission.get(permission, frozenset())

    def allow(self, permission: str, obj: Any = None) -> bool:
        """Anywhere, or in the organisation to which ``obj`` belongs.

        What belongs to no organisation (the framework, a national competence) may be seen by whoever may see its kind
        anywhere, and changed by nobody here: it is everybody's.
        """
        held = self.where(permission)
        if obj is None:
            return bool(held)
        organisation = organisation_of(obj)
        if organisation is None:
            return bool(held) and permission.partition(".")[2].startswith("view_")
        return organisation in held

    def sight(self, model: type[Model]) -> frozenset[int]:
        """The organisations whose rows of this model may be seen (``people.tenancy.seeing``)."""
        return self.where(f"{model._meta.app_label}.view_{model._meta.model_name}")

    def covers(self, urp: str, organisation: int) -> bool:
        """Whether all that the URP gives is held in the organisation: then it may be passed on."""
        return all(organisation in self.where(permission) for permission in PERMISSIONS[URP(urp)])


NOTHING = Holdings({}, frozenset())


def organisation_of(obj: Any) -> int | None:
    """The key of the organisation to which a row belongs; None for one that is of none."""
    if isinstance(obj, Organisation):
        return obj.pk
    organisation: int | None = getattr(obj, "organisation_id", None)
    return organisation


def holdings_of(user: Account) -> Holdings:
    """What the account holds today. Kept on the object, which is one request's."""
    if not user.is_active or user.pk is None:
        return NOTHING
    kept: Holdings | None = getattr(user, _KEPT, None)
    if kept is None:
        today = london_today()
        with everywhere("what an account holds is what the scope is made of"):
            begun = Grant.objects.begun(on=today).filter(user=user.pk).order_by()
            grants = list(begun.values_list("organisation_id", "urp", "ends_on"))
        in_force = [(organisation, urp) for organisation, urp, end in grants if end is None or end >= today]
        over = [end for _, _, end in grants if end is not None and end < today]
        kept = Holdings.of(in_force, ran_out_on=max(over, default=None))
        setattr(user, _KEPT, kept)
    return kept
