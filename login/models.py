"""A session that says whose it is, so that all sessions of an account can be ended at once.

Django's own table keeps the account inside the signed blob: finding somebody's sessions there means decoding
every row of the table.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from people.privacy import classify


class Session(AbstractBaseSession):
    """One browser's session; `user` is null until the last step of the log-in is passed."""

    privacy: Final = classify(technical="session_key session_data expire_date user")

    # No constraint in the database: a request may still save its session while somebody deletes the account.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        db_constraint=False,
        related_name="log_in_sessions",
    )

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "session"
        verbose_name_plural = "sessions"

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        """Django asks for it when it saves a session by way of the manager."""
        from login.sessions import SessionStore

        return SessionStore


class UsedCode(models.Model):
    """A code that let somebody in, kept while it would still be valid: whoever read it over a shoulder is refused."""

    privacy: Final = classify(technical="id user code used_at")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=32)
    used_at = models.DateTimeField()

    class Meta:
        verbose_name = "used code"
        verbose_name_plural = "used codes"
        constraints = [models.UniqueConstraint(fields=["user", "code"], name="a_code_is_good_for_once")]

    def __str__(self) -> str:
        return f"a code of account {self.user_id}"
