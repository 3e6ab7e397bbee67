"""The demo's accounts: an invented person for each URP, so that anybody can see what each role sees."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.contrib.auth.models import User

from people.models import Organisation
from people.tenancy import everywhere
from roles.actions import grant
from roles.urps import URP, shown


class DemoAccount(NamedTuple):
    """Somebody invented, and what they hold as (VPD, URP)."""

    username: str
    first_name: str
    last_name: str
    holds: tuple[tuple[str, URP], ...]

    @property
    def held(self) -> str:
        """As ESR shows URPs."""
        return ", ".join(shown(urp, vpd) for vpd, urp in self.holds)


ACCOUNTS: Final = (
    DemoAccount("hr", "Harriet", "Rowntree", (("901", URP.HR_ADMINISTRATION),)),
    DemoAccount("learning", "Leah", "Arnott", (("901", URP.LEARNING_ADMINISTRATION),)),
    DemoAccount("initiation", "Ivo", "Nightingale", (("901", URP.IAT_INITIATION),)),
    DemoAccount("approval", "Amos", "Prewett", (("902", URP.IAT_APPROVAL),)),
    DemoAccount("interface", "Ingrid", "Fairfax", (("901", URP.INTERFACE_ADMINISTRATION),)),
    DemoAccount(
        "fam",
        "Felix",
        "Amberley",
        (("901", URP.FUNCTIONAL_ACCOUNT_MANAGER), ("902", URP.FUNCTIONAL_ACCOUNT_MANAGER)),
    ),
    DemoAccount("auditor", "Audrey", "Dorset", (("901", URP.AUDITOR),)),
    DemoAccount("support", "Silas", "Upton", (("901", URP.SUPPORT), ("902", URP.SUPPORT))),
    # Nobody grants more than they hold: with Role Administration alone there is nothing else to pass on.
    DemoAccount(
        "roles",
        "Rosa",
        "Oldfield",
        (
            ("901", URP.ROLE_ADMINISTRATION),
            ("901", URP.HR_ADMINISTRATION),
            ("901", URP.LEARNING_ADMINISTRATION),
        ),
    ),
)


def ensure_accounts(*, password: str, by: User) -> None:
    """Each account exists; one that is there already, with whatever was granted or taken since, is left as it is."""
    with everywhere("the demo grants roles in its organisations"):
        for account in ACCOUNTS:
            if not User.objects.filter(username=account.username).exists():
                _make(account, password, by)


def _make(account: DemoAccount, password: str, by: User) -> None:
    user = User.objects.create_user(
        account.username, password=password, first_name=account.first_name, last_name=account.last_name
    )
    for vpd, urp in account.holds:
        organisation = Organisation.objects.get(vpd=vpd)
        grant(user=user, organisation=organisation, urp=urp, reason="to show the demo", by=by)
