"""What proves somebody and what does not, token by token."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from login.single_sign_on.tokens import UnprovedError, nonce_of, verify

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
KEYS = {
    "keys": [
        {**RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "kid": "one", "use": "sig", "alg": "RS256"},
        {**ECAlgorithm.to_jwk(CURVE.public_key(), as_dict=True), "kid": "two"},
    ]
}
ISSUER = "https://login.example.org"


def token(key: Any = KEY, *, algorithm: str = "RS256", kid: str | None = "one", **changed: Any) -> str:
    """`exp` counts from now."""
    now = int(time.time())
    good = {"iss": ISSUER, "sub": "1", "aud": "client", "iat": now, "exp": 3600, "nonce": "n", **changed}
    claims = {name: value for name, value in good.items() if value is not None}
    if "exp" in claims:
        claims["exp"] += now
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid} if kid else None)


def read(text: str, **changed: Any) -> dict[str, Any]:
    asked = {"keys": KEYS, "issuer": ISSUER, "client_id": "client", "nonce": "n", **changed}
    return verify(text, **asked)


@pytest.mark.parametrize(
    "make",
    [
        lambda: token(),
        lambda: token(CURVE, algorithm="ES256", kid="two"),
        lambda: token(aud=["client", "another"]),
        lambda: token(azp="client"),
        lambda: token(exp=-30),  # our clock may be a little fast
    ],
)
def test_proved(make: Callable[[], str]) -> None:
    assert read(make())["sub"] == "1"


@pytest.mark.parametrize(
    "make",
    [
        lambda: token(OTHER),
        lambda: token(OTHER, kid="three"),
        lambda: token(kid=None),  # two keys, and none named
        lambda: token("a secret of 32 characters or more", algorithm="HS256"),
        lambda: token(None, algorithm="none"),
        lambda: token(iss="https://login.example.org.evil.example"),
        lambda: token(aud="another"),
        lambda: token(aud=None),
        lambda: token(azp="another"),
        lambda: token(exp=-120),
        lambda: token(exp=None),
        lambda: token(iat=None),
        lambda: token(sub=None),
        lambda: token(nonce="m"),
        lambda: token(nonce=None),
        lambda: token()[:-8],
        lambda: "",
        lambda: "a.b.c",
    ],
)
def test_not_proved(make: Callable[[], str]) -> None:
    with pytest.raises(UnprovedError):
        read(make())


@pytest.mark.parametrize(
    "keys", [{}, {"keys": []}, {"keys": "none"}, {"keys": [{"kty": "RSA", "kid": "one"}]}]
)
def test_keys_that_are_none(keys: dict[str, Any]) -> None:
    with pytest.raises(UnprovedError):
        read(token(), keys=keys)


def test_strength() -> None:
    assert read(token(acr="AAL2"), acr_values=("AAL3", "AAL2"))
    with pytest.raises(UnprovedError, match="strong"):
        read(token(), acr_values=("AAL3",))


@given(st.text())
def test_nonsense_is_never_a_bug(text: str) -> None:
    with pytest.raises(UnprovedError):
        read(text)


@given(st.text(), st.text())
def test_a_nonce_for_each_state(one: str, other: str) -> None:
    assert (nonce_of(one) == nonce_of(other)) == (one == other)
