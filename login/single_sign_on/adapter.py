"""Where allauth asks what becomes of somebody who comes from a provider, and of a log-in that failed there."""

from __future__ import annotations

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from requests import RequestException

from login.events import Kind, happened
from login.single_sign_on.accounts import NoAccountError, connect
from login.single_sign_on.sources import Source, source_named, sources


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Providers come from the settings alone, and nobody gets an account by coming from one."""

    def list_apps(
        self, request: HttpRequest | None, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """allauth's own would read a table that is not ours to fill, and whose page would show the secrets."""
        return [
            _app_of(source)
            for source in sources()
            if provider in {None, "single_sign_on", source.id} and client_id in {None, source.client_id}
        ]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Somebody has proved who they are to a provider; now it is seen who that is here."""
        if sociallogin.is_existing:
            return
        source = source_named(sociallogin.account.provider)
        assert source is not None  # the answer came to its address
        try:
            sociallogin.user = connect(sociallogin.account, source=source)
        except NoAccountError as problem:
            name = sociallogin.account.extra_data["name"]
            happened(Kind.REFUSED, username=name, by=source.name, request=request, detail=f"({problem})")
            page = render(request, "login/single_sign_on_unknown.html", {"source": source}, status=403)
            raise ImmediateHttpResponse(page) from problem

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        source = source_named(provider.app.provider_id)
        assert source is not None  # the answer came to its address
        raise ImmediateHttpResponse(refusal(request, source, error=error, problem=exception))


def refusal(
    request: HttpRequest, source: Source, *, error: str | None = None, problem: Exception | None = None
) -> HttpResponse:
    """The page that says what to do now. Why exactly stands in the log: it would help a forger more than a user."""
    if error == AuthError.CANCELLED:
        return render(request, "login/single_sign_on_problem.html", {"source": source, "what": "cancelled"})
    why = problem or request.GET.get("error") or "it answers a request that was not made here, or long ago"
    happened(Kind.REFUSED, by=source.name, request=request, detail=f"({str(why)[:300]!r})")
    if isinstance(problem, RequestException):
        context = {"source": source, "what": "unreachable"}
        return render(request, "login/single_sign_on_problem.html", context, status=503)
    context = {"source": source, "what": "refused"}
    return render(request, "login/single_sign_on_problem.html", context, status=401)


def _app_of(source: Source) -> SocialApp:
    return SocialApp(
        provider="single_sign_on",
        provider_id=source.id,
        name=source.name,
        client_id=source.client_id,
        secret=source.client_secret,
        settings={"server_url": source.discovery},
    )
