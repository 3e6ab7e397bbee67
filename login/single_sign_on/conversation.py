"""What is said between us and a provider: allauth's words, with the proofs that it leaves out."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import build_absolute_uri
from django.http import HttpRequest
from django.urls import reverse

from login.single_sign_on.keys import BadKeyError, client_assertion
from login.single_sign_on.sources import Source, source_named
from login.single_sign_on.tokens import Claims, UnprovedError, nonce_of, verify

NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


class Client(OAuth2Client):
    """Sends a nonce that belongs to the state, and signs the token request where there is a key to sign with."""

    source: Source

    def get_redirect_url(self, authorization_url: str, scope: list[str], extra_params: dict[str, str]) -> str:
        extra = {**extra_params, "nonce": nonce_of(self.state)}
        if self.source.acr_values:
            extra["acr_values"] = " ".join(self.source.acr_values)
        address: str = super().get_redirect_url(authorization_url, scope, extra)
        return address

    def get_access_token(
        self, code: str, pkce_code_verifier: str | None = None, extra_data: dict[str, str] | None = None
    ) -> dict[str, Any]:
        extra = dict(extra_data or {})
        try:
            if self.source.key_file:
                extra |= client_assertion(self.source, audience=self.access_token_url)
            found: dict[str, Any] = super().get_access_token(code, pkce_code_verifier, extra)
        except BadKeyError as problem:
            raise OAuth2Error(f"the key file {problem}") from problem
        except KeyError as problem:
            raise OAuth2Error("the answer to the token request has no content type") from problem
        return found


class Conversation(OpenIDConnectOAuth2Adapter):
    """One log-in's talk with one provider."""

    client_class = Client

    @cached_property
    def source(self) -> Source:
        source = source_named(self.provider_id)
        if source is None:
            raise SocialApp.DoesNotExist
        return source

    @cached_property
    def openid_config(self) -> dict[str, Any]:
        """How the provider describes itself. It has to be the one we mean: its issuer is ours, letter by letter."""
        found = _fetch(self.source.discovery)
        missing = [name for name in NEEDED if not isinstance(found.get(name), str)]
        if missing:
            raise OAuth2Error(f"the provider's description has no {', '.join(missing)}")
        if found["issuer"].rstrip("/") != self.source.issuer:
            raise OAuth2Error(f"the provider calls itself {found['issuer']!r}, not {self.source.issuer!r}")
        return found

    @property
    def basic_auth(self) -> bool:
        basic: bool = not self.source.key_file and super().basic_auth
        return basic

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        address: str = build_absolute_uri(request, reverse("single_sign_on_back", args=[self.provider_id]))
        return address

    def get_client(self, request: HttpRequest, app: SocialApp) -> Client:
        client: Client = super().get_client(request, app)
        client.source = self.source
        return client

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **answer: Any
    ) -> SocialLogin:
        """Whoever the ID token proves; raises OAuth2Error."""
        try:
            claims = self._claims(request, answer["response"])
        except (UnprovedError, BadKeyError) as problem:
            raise OAuth2Error(str(problem)) from problem
        if self.source.account_claim not in claims and "userinfo_endpoint" in self.openid_config:
            claims = self._more(claims, token)
        return self.get_provider().sociallogin_from_response(request, claims)

    def _claims(self, request: HttpRequest, answer: dict[str, Any]) -> Claims:
        return verify(
            str(answer.get("id_token") or ""),
            keys=_fetch(self.openid_config["jwks_uri"]),
            issuer=self.openid_config["issuer"],
            client_id=self.source.client_id,
            # allauth has taken this state out of the session: it was ours, and is good for once.
            nonce=nonce_of(request.GET["state"]),
            acr_values=self.source.acr_values,
        )

    def _more(self, claims: Claims, token: SocialToken) -> Claims:
        """Some providers tell little in the token and the rest on request, about the same person."""
        found = self._fetch_user_info(token.token)
        if not isinstance(found, dict) or found.get("sub") != claims["sub"]:
            raise OAuth2Error("the provider tells about somebody else than it logged in")
        return {**found, **claims}


def _fetch(address: str) -> dict[str, Any]:
    with get_adapter().get_requests_session() as session:
        response = session.get(address)
        response.raise_for_status()
        found = response.json()
    if not isinstance(found, dict):
        raise OAuth2Error(f"{address} does not answer with an object")
    return found
