"""The provider's addresses: allauth's, the token endpoint with what allauth lacks, and a door for the tests."""

import json
import time
from typing import Any

import jwt
import requests
from allauth.idp.oidc import views as theirs
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Client
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

SECRET = "a secret between two servers"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# What the tests have asked for: which lie to tell, where the client's keys are, what else is claimed.
state: dict[str, Any] = {}
seen_assertions: set[str] = set()


class Adapter(DefaultOIDCAdapter):  # type: ignore[misc]  # allauth has no types
    def populate_id_token(self, id_token: dict[str, Any], client: Any, scopes: Any, **kwargs: Any) -> None:
        id_token.update(state.get("claims", {}))


@csrf_exempt
def door(request: HttpRequest) -> HttpResponse:
    """A test says what it wants; what it does not name is as it should be."""
    state.clear()
    state.update(json.loads(request.body))
    addresses = "\n".join(state.get("back", []))
    if addresses:
        Client.objects.update(redirect_uris=addresses)
    return JsonResponse({"assertions": len(seen_assertions)})


def configuration(request: HttpRequest) -> HttpResponse:
    found = json.loads(theirs.configuration(request).content)
    found["token_endpoint_auth_methods_supported"].append("private_key_jwt")
    return JsonResponse({**found, **state.get("configuration", {})})


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    if "client_assertion" in request.POST:
        problem = check_assertion(request)
        if problem:
            return JsonResponse({"error": "invalid_client", "error_description": problem}, status=401)
        # allauth knows clients by their secret: what the signature has proved is said in its words.
        changed = request.POST.copy()
        changed["client_secret"] = SECRET
        request.POST = changed  # type: ignore[assignment]  # an immutable one, later again
    elif request.POST.get("client_id") == "cstf-signing":
        return JsonResponse({"error": "invalid_client", "error_description": "no assertion"}, status=401)
    answer: HttpResponse = theirs.token(request)
    if answer.status_code != 200 or "lie" not in state:
        return answer
    return JsonResponse(lie(json.loads(answer.content)))


def check_assertion(request: HttpRequest) -> str:
    """What is wrong with it; empty where nothing is (RFC 7523 §3)."""
    if request.POST.get("client_assertion_type") != ASSERTION or "client_secret" in request.POST:
        return "not an assertion alone"
    text = request.POST["client_assertion"]
    keys = requests.get(state["keys_at"], timeout=10).json() if "keys_at" in state else state["keys"]
    kid = jwt.get_unverified_header(text)["kid"]
    (key,) = [key for key in jwt.PyJWKSet.from_dict(keys).keys if key.key_id == kid]
    try:
        claims = jwt.decode(
            text,
            key,
            algorithms=[state.get("algorithm", "RS256")],
            audience=request.build_absolute_uri(),
            issuer="cstf-signing",
            options={"require": ["iss", "sub", "aud", "exp", "jti"]},
        )
    except jwt.PyJWTError as problem:
        return str(problem)
    if claims["sub"] != "cstf-signing" or claims["exp"] > time.time() + 300:
        return "not for this client, or for too long"
    if claims["jti"] in seen_assertions:
        return "used before"
    seen_assertions.add(claims["jti"])
    return ""


def lie(answer: dict[str, Any]) -> dict[str, Any]:
    header = jwt.get_unverified_header(answer["id_token"])
    claims = jwt.decode(answer["id_token"], options={"verify_signature": False})
    key: Any = getattr(settings, "IDP_OIDC_PRIVATE_KEY")  # noqa: B009  (the product has no such setting)
    algorithm = "RS256"
    kind = state["lie"]
    if kind == "signature":
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    elif kind == "none":
        key, algorithm = None, "none"
    elif kind == "expired":
        claims["exp"] = claims["iat"] = int(time.time()) - 3600
    else:
        claims[kind] = "somebody else's"
    return {
        **answer,
        "id_token": jwt.encode(claims, key, algorithm=algorithm, headers={"kid": header["kid"]}),
    }


urlpatterns = [
    path("door", door),
    path(".well-known/openid-configuration", configuration),
    path("identity/o/api/token", token),
    path("accounts/", include("allauth.account.urls")),
    path("", include("allauth.idp.urls")),
]
