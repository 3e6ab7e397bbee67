"""The provider that allauth finds here by this module's name: OpenID Connect, made strict (`login.single_sign_on`)."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.http import HttpRequest
from django.urls import reverse

from login.single_sign_on.conversation import Conversation
from login.single_sign_on.sources import Source, source_named

# Longer names have no room in allauth's table.
LONGEST_SUBJECT = 191


class SingleSignOnProvider(OpenIDConnectProvider):
    """One of the installation's providers; of what it tells, only the name that we looked for is kept."""

    id = "single_sign_on"
    name = "Single sign-on"
    oauth2_adapter_class = Conversation
    pkce_enabled_default = True
    supports_token_authentication = False

    def get_login_url(self, request: HttpRequest, **query: str) -> str:
        return reverse("single_sign_on", args=[self.app.provider_id])

    def get_scope(self) -> list[str]:
        return sorted(self._source().scopes)

    def extract_uid(self, data: dict[str, Any]) -> str:
        subject = str(data["sub"])
        if len(subject) > LONGEST_SUBJECT:
            raise OAuth2Error("the provider's key for the person is too long")
        return subject

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, str]:
        claim = self._source().account_claim
        if claim == "email" and data.get("email_verified") is False:
            return {"name": ""}
        return {"name": str(data.get(claim) or "")[:254]}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, str]:
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        return []

    def _source(self) -> Source:
        source = source_named(self.app.provider_id)
        assert source is not None  # it was found by this name
        return source


provider_classes = [SingleSignOnProvider]
