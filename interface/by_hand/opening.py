"""An upload's file, opened: the bytes that were uploaded, within this installation's limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from interface.by_hand import storage
from interface.by_hand.sheets.limits import Limits
from interface.by_hand.sheets.reading import open_sheet
from interface.by_hand.sheets.row import Sheet
from interface.models import Upload


class UploadFileGoneError(Exception):
    """The bytes that were checked are not there any more."""


def limits() -> Limits:
    """As this installation has them."""
    return Limits(
        size=settings.UPLOAD_MAX_BYTES,
        unpacked=settings.UPLOAD_MAX_UNPACKED_BYTES,
        rows=settings.UPLOAD_MAX_ROWS,
    )


@contextmanager
def opened(upload: Upload) -> Iterator[Sheet]:
    """The file's sheet. Raises UploadFileGoneError where the bytes are not those that were uploaded."""
    try:
        if storage.digest_of(upload.token) != upload.sha256:
            raise UploadFileGoneError
        file = storage.place(upload.token).open("rb")
    except FileNotFoundError:
        raise UploadFileGoneError from None
    with file:
        yield open_sheet(file, upload.file_name, limits())
