"""To the provider and back."""

from __future__ import annotations

from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from login.single_sign_on.adapter import refusal
from login.single_sign_on.conversation import Conversation
from login.single_sign_on.keys import BadKeyError, public_keys
from login.single_sign_on.sources import Source, source_named


@require_POST
@login_not_required
def start(request: HttpRequest, source_id: str) -> HttpResponse:
    """Off to the provider, by a page that leads there.

    No redirect: the browser would hold every address that a form's answer is sent on to, the provider's own
    detours too, against the content security policy. The page needs no exception from it, and no script.
    """
    source = _source_or_404(source_id)
    provider = get_adapter(request).get_provider(request, source_id)
    try:
        onward = provider.redirect(request, AuthProcess.LOGIN, next_url=get_next_redirect_url(request))
    except (RequestException, OAuth2Error) as problem:
        return refusal(request, source, problem=problem)
    context = {"source": source, "address": onward["Location"]}
    return render(request, "login/single_sign_on_way.html", context)


@require_GET
@login_not_required
def back(request: HttpRequest, source_id: str) -> HttpResponse:
    """Somebody comes back with an answer, which allauth's view takes through the adapter's questions."""
    source = _source_or_404(source_id)
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(Conversation(request, source_id))(request)
    except (RequestException, OAuth2Error) as problem:
        # allauth asks the provider for its description before it begins to catch.
        return refusal(request, source, problem=problem)
    return answer


@require_GET
@login_not_required
def our_keys(request: HttpRequest, source_id: str) -> HttpResponse:
    """The public half of the key by which a provider knows us."""
    source = _source_or_404(source_id)
    if source.key_file is None:
        raise Http404
    try:
        return JsonResponse(public_keys(source))
    except BadKeyError:
        raise Http404 from None


def _source_or_404(source_id: str) -> Source:
    source = source_named(source_id)
    if source is None:
        raise Http404
    return source
