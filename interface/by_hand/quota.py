"""Stops a file that is larger than any upload may be while it arrives, before it fills a disk."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

# Of a form beside its file.
_REST = 64 * 1024


class QuotaHandler(FileUploadHandler):
    """First among the handlers. What is too large is read to its end and dropped, so that the page can say so."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._size = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Lets it through to the next handler."""
        self._size += len(raw_data)
        if self._size > settings.UPLOAD_MAX_BYTES + _REST:
            assert self.request is not None
            mark_too_large(self.request)
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The others have it."""


def mark_too_large(request: HttpRequest) -> None:
    """What this request sent was dropped."""
    request.META[_MARK] = True


def was_too_large(request: HttpRequest) -> bool:
    """Whether a file of this request was dropped for its size."""
    answer: Any = request.META.get(_MARK, False)
    return bool(answer)


_MARK = "cstf.upload_too_large"
