"""Which providers this installation believes, as the settings have it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

OIDC: Final = "oidc"
CIS2: Final = "cis2"

# What a provider cannot do without; one that is half set is named by a system check and not offered.
NEEDED: Final = {
    OIDC: ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"),
    CIS2: ("CIS2_ISSUER", "CIS2_CLIENT_ID", "CIS2_KEY_FILE", "CIS2_KEY_ID"),
}


@dataclass(frozen=True, slots=True)
class Source:
    """One provider: where it is, who we are to it, and which of its claims names an account of ours."""

    id: str
    name: str
    issuer: str
    client_id: str
    scopes: tuple[str, ...]
    account_claim: str
    account_field: str
    is_second_factor: bool
    acr_values: tuple[str, ...] = ()
    client_secret: str = ""
    key_file: Path | None = None
    key_id: str = ""
    key_algorithm: str = ""

    @property
    def discovery(self) -> str:
        """Where it describes itself."""
        return f"{self.issuer}/.well-known/openid-configuration"


def sources() -> list[Source]:
    """The providers that are set up wholly, in the order in which they are offered."""
    makers = {OIDC: _oidc, CIS2: _cis2}
    return [makers[id]() for id, needed in NEEDED.items() if all(getattr(settings, name) for name in needed)]


def source_named(id: str) -> Source | None:
    """None where there is none, or where it is half set."""
    return next((source for source in sources() if source.id == id), None)


def _oidc() -> Source:
    return Source(
        id=OIDC,
        name=settings.OIDC_NAME,
        issuer=settings.OIDC_ISSUER,
        client_id=settings.OIDC_CLIENT_ID,
        client_secret=settings.OIDC_CLIENT_SECRET,
        scopes=("openid", "profile", "email"),
        account_claim=settings.OIDC_ACCOUNT_CLAIM,
        account_field=settings.OIDC_ACCOUNT_FIELD.lower(),
        is_second_factor=settings.OIDC_IS_SECOND_FACTOR,
    )


def _cis2() -> Source:
    return Source(
        id=CIS2,
        name=settings.CIS2_NAME,
        issuer=settings.CIS2_ISSUER,
        client_id=settings.CIS2_CLIENT_ID,
        key_file=settings.CIS2_KEY_FILE,
        key_id=settings.CIS2_KEY_ID,
        key_algorithm=settings.CIS2_KEY_ALGORITHM,
        acr_values=tuple(settings.CIS2_ACR_VALUES),
        scopes=tuple(settings.CIS2_SCOPES),
        account_claim=settings.CIS2_ACCOUNT_CLAIM,
        account_field=settings.CIS2_ACCOUNT_FIELD.lower(),
        is_second_factor=settings.CIS2_IS_SECOND_FACTOR,
    )
