"""Secrets that stand in the database, encrypted: a stolen back-up tells none of them without ``SECRET_KEY``."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes


def seal(text: str) -> str:
    """The text for nobody's eyes but this installation's."""
    return _cipher().encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """What was sealed. Raises InvalidToken where it was sealed with a key that is kept no longer."""
    return _cipher().decrypt(sealed.encode()).decode()


def _cipher() -> MultiFernet:
    """The newest key encrypts; older ones still decrypt (SECRET_KEY_FALLBACKS)."""
    return MultiFernet([_fernet(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _fernet(key: str | bytes) -> Fernet:
    # SECRET_KEY is long and random by its own rule: a plain hash, told apart by a label, is enough.
    digest = hashlib.blake2b(force_bytes(key), digest_size=32, person=b"second factor").digest()
    return Fernet(base64.urlsafe_b64encode(digest))
