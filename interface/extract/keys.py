"""A list of thousands of keys as one parameter of a query: thousands of parameters cost more than the answer."""

import json
from collections.abc import Collection

from django.db import connection
from django.db.models.expressions import RawSQL


def any_text(keys: Collection[str]) -> RawSQL:
    """For ``field__in=any_text(keys)`` on a column of text."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::text[])", [list(keys)])
    return _in_json(list(keys))


def any_key(keys: Collection[int]) -> RawSQL:
    """For ``field__in=any_key(keys)`` on a key."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [list(keys)])
    return _in_json(list(keys))


def _in_json(keys: list[str] | list[int]) -> RawSQL:
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(keys)])
