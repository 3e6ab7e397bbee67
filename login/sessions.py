"""SESSION_ENGINE: Django's database sessions, in a table that says whose they are."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from login.models import Session


class SessionStore(DatabaseStore):
    """As Django's. A session deleted meanwhile is not written back by a request still under way."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session = super().create_model_instance(data)
        assert isinstance(session, Session)
        key = data.get(SESSION_KEY)
        session.user_id = None if key is None else get_user_model()._meta.pk.to_python(key)
        return session
