"""Our own key, where a provider knows us by a signature instead of a secret (`private_key_jwt`, RFC 7523)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import RSAAlgorithm

from login.single_sign_on.sources import Source

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# Only as long as the request is under way: what is read on the way is soon worth nothing.
ASSERTION_SECONDS: Final = 120
LEAST_BITS: Final = 2048


class BadKeyError(Exception):
    """The key file cannot be used; the message says why, and holds nothing of the key."""


def read_key(path: Path) -> RSAPrivateKey:
    """The private key in a PEM file without a pass phrase; raises BadKeyError."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as problem:
        raise BadKeyError(f"cannot be read ({problem.strerror})") from problem
    except (ValueError, TypeError) as problem:
        raise BadKeyError("is not a private key in PEM without a pass phrase") from problem
    if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise BadKeyError(f"is not an RSA key of {LEAST_BITS} bits or more")
    return key


def public_keys(source: Source) -> dict[str, Any]:
    """Our public key as the provider fetches it (a JSON Web Key Set)."""
    assert source.key_file is not None
    key = RSAAlgorithm.to_jwk(read_key(source.key_file).public_key(), as_dict=True)
    return {"keys": [{**key, "kid": source.key_id, "alg": source.key_algorithm, "use": "sig"}]}


def client_assertion(source: Source, *, audience: str) -> dict[str, str]:
    """What a token request carries instead of a secret: a statement that we signed, good for once and for now."""
    # An optional extra (pyproject: cis2); a system check names it where it is missing.
    from authlib.oauth2.rfc7523 import private_key_jwt_sign
    from joserfc.jwk import RSAKey

    assert source.key_file is not None
    read_key(source.key_file)  # says what is wrong with the file, if anything
    signed: str = private_key_jwt_sign(
        RSAKey.import_key(source.key_file.read_bytes()),
        source.client_id,
        audience,
        alg=source.key_algorithm,
        header={"kid": source.key_id, "typ": "JWT"},
        expires_in=ASSERTION_SECONDS,
    )
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}
