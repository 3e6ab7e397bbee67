"""Long lists are made into files by the queue, for whoever asked, by the rights that they have when it begins."""

from __future__ import annotations

from functools import partial
from typing import Final

from django.db import OperationalError, transaction
from django_q.tasks import async_task
from xlsxwriter.exceptions import XlsxWriterException

from cstf_site.console.listed import NarrowedWronglyError, NotOfferedError, list_of, request_of
from cstf_site.console.narrowing import for_the_audit
from cstf_site.middleware import scope_of
from cstf_site.streaming import as_a_request
from interface.by_hand import kept_exports as exports
from interface.by_hand import storage
from interface.by_hand.downloads import NothingToTakeError, TooManyRowsError
from interface.by_hand.exports import telling, write_list
from interface.by_hand.list_columns import columns_of
from interface.by_hand.sheets.row import Kind
from interface.models import Export
from people.audit.context import Channel, acting
from people.statement_time import took_too_long
from people.tenancy import EVERYWHERE, narrowed_to

_WITHDRAWN: Final = (
    "Your role does not let you take this list away any more, so no file was made. Whoever looks after access can "
    "change that."
)
_WRONGLY: Final = (
    "The list cannot be narrowed so any more: open it, narrow it anew, and export it from there."
)
_NOTHING: Final = (
    "When its turn came, the list showed no row that you may take away: look at it, then export it."
)
_TOO_MANY: Final = "When its turn came, the list had more than {:,} rows: narrow it, then export it."
_NO_ROOM: Final = (
    "The file could not be written: the server's disk may be full. Tell whoever runs the installation, then make it "
    "again."
)
_TOO_LONG: Final = "The database gave it up, for it took too long: narrow the list, then export it."
_STOPPED: Final = (
    "It was stopped by an error in the program. Tell whoever runs the installation, then make it again."
)


def make_soon(export: Export) -> None:
    """By the queue, once this transaction is committed."""
    transaction.on_commit(lambda: async_task("cstf_site.console.exporting.make_export", export.pk))


def make_export(key: int) -> str:
    """What the queue calls. Delivered twice, the second finds it done, or in other hands."""
    export = exports.claim(key)
    if export is None:
        return "done already, in other hands, or discarded"
    try:
        _make(export)
    except (NotOfferedError, NarrowedWronglyError, NothingToTakeError, TooManyRowsError) as refusal:
        exports.fail(export, _told(refusal))
    except exports.NotOursError:
        storage.forget(export.token)
        return "discarded, or in other hands"
    except BaseException as error:
        exports.fail(export, _told(error))
        raise
    return Export.objects.filter(pk=key).values_list("state", flat=True).first() or "discarded"


def _make(export: Export) -> None:
    """In the scope of who asked, as it is now: one reading transaction, as of a request's."""
    exports.tell_progress(export, 0)
    request = request_of(export.user, export.narrowed)
    who = acting(by=export.user.get_username(), channel=Channel.RUN, key=str(export))
    with scope_of(request), who, as_a_request():
        listed = list_of(request, export.listed, narrowed=request.GET)
        with narrowed_to(listed.taken):
            columns, kind = columns_of(listed.changelist), Kind(export.kind)
            with storage.writing(exports.file_of(export)) as file:
                taken = write_list(
                    listed.rows(),
                    columns,
                    kind=kind,
                    file=file,
                    tell=partial(exports.tell_progress, export),
                )
        told = telling(columns, kind, for_the_audit(listed.changelist))
        exports.keep(export, taken, of_all=listed.taken is EVERYWHERE, told=told)


def _told(error: BaseException) -> str:
    """Why there is no file, and what to do, for whoever waits for it."""
    match error:
        case NotOfferedError():
            return _WITHDRAWN
        case NarrowedWronglyError():
            return _WRONGLY
        case NothingToTakeError():
            return _NOTHING
        case TooManyRowsError():
            return _TOO_MANY.format(error.args[0])
        case OSError() | XlsxWriterException():
            return _NO_ROOM
        case OperationalError() if took_too_long(error):
            return _TOO_LONG
    return _STOPPED
