"""A response that is streamed is made after its request is over: it takes the request's scope along.

Exports of many rows are. On PostgreSQL the whole stream is one transaction of its own, as the request was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from contextvars import Context, copy_context
from typing import Any, Final

from django.db import connection, transaction
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse

_END: Final = object()


def keep_scope(response: HttpResponseBase) -> None:
    """Whatever the response streams later is made in the scope in force now."""
    if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
        parts: Iterator[Any] = iter(response.streaming_content)  # type: ignore[arg-type]  # we serve WSGI: no async
        response.streaming_content = _streamed(copy_context(), parts)


def _streamed(context: Context, parts: Iterator[Any]) -> Iterator[Any]:
    """Each part is made inside the context, which is left before it is handed on: nothing leaks into the server."""
    with as_a_request():
        while (part := context.run(next, parts, _END)) is not _END:
            yield part


def as_a_request() -> AbstractContextManager[None]:
    """As for requests: on SQLite a long download would be a writer."""
    return transaction.atomic() if connection.settings_dict["ATOMIC_REQUESTS"] else nullcontext()
