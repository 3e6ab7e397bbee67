"""Whether an ID token is what it says: signature, issuer, audience, time, nonce, assurance. Values in, claims out.

allauth itself believes a token without its signature where it came over TLS, and sends no nonce.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import jwt

# What is signed with a secret (HS…) or not at all ("none") could be made by others than the provider.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
# Clocks of two organisations differ a little.
LEEWAY_SECONDS: Final = 60

Claims = dict[str, Any]


class UnprovedError(Exception):
    """The token does not prove who it is about."""


def nonce_of(state: str) -> str:
    """The nonce that belongs to a state: the answer to one request proves nothing in another."""
    return hashlib.sha256(f"nonce {state}".encode()).hexdigest()


def verify(
    token: str,
    *,
    keys: dict[str, Any],
    issuer: str,
    client_id: str,
    nonce: str,
    acr_values: tuple[str, ...] = (),
) -> Claims:
    """The claims of a token that proves them; raises UnprovedError."""
    try:
        claims: Claims = jwt.decode(
            token,
            key=_key_of(token, keys),
            algorithms=list(ALGORITHMS),
            issuer=issuer,
            audience=client_id,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError, KeyError) as problem:
        raise UnprovedError(f"the ID token is not valid: {problem}") from problem
    if claims.get("nonce") != nonce:
        raise UnprovedError("the ID token answers another request (nonce)")
    if claims.get("azp", client_id) != client_id:
        raise UnprovedError("the ID token was made for another client (azp)")
    if acr_values and claims.get("acr") not in acr_values:
        raise UnprovedError(f"the log-in was not strong enough (acr {claims.get('acr')!r})")
    return claims


def _key_of(token: str, keys: dict[str, Any]) -> jwt.PyJWK:
    """The provider's key that the token names; the only one there is where it names none."""
    kid = jwt.get_unverified_header(token).get("kid")
    found = [
        key
        for key in jwt.PyJWKSet.from_dict(keys).keys
        if key.public_key_use in {None, "sig"} and kid in {None, key.key_id}
    ]
    if len(found) != 1:
        raise UnprovedError(f"the provider publishes {len(found)} keys {kid!r}")
    return found[0]
