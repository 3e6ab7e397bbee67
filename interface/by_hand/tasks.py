"""What the task queue does with uploads: large ones are checked and applied. At night old ones are cleared away."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django_q.tasks import async_task

from interface.by_hand import actions, kept_exports
from interface.models import Upload
from people.tenancy import everywhere, within


def check_upload(key: int) -> str:
    """Delivered twice, the second finds it done, or in other hands."""
    return _in_scope(key, actions.check)


def apply_upload(key: int) -> str:
    """As ``check_upload``."""
    return _in_scope(key, actions.apply)


def _in_scope(key: int, verb: Callable[[int], None]) -> str:
    with everywhere("a task names its upload by key"):
        organisation = Upload.objects.filter(pk=key).values_list("organisation_id", flat=True).first()
    if organisation is None:
        return "cleared away"
    with within(organisation):
        verb(key)
        return Upload.objects.values_list("state", flat=True).get(pk=key)


def check_soon(upload: Upload) -> None:
    """Small uploads are checked now; large ones by the queue, once this transaction is committed."""
    if upload.is_large:
        transaction.on_commit(lambda: async_task("interface.by_hand.tasks.check_upload", upload.pk))
    else:
        actions.check(upload.pk)


def apply_soon(upload: Upload) -> None:
    """As ``check_soon``."""
    if upload.is_large:
        transaction.on_commit(lambda: async_task("interface.by_hand.tasks.apply_upload", upload.pk))
    else:
        actions.apply(upload.pk)


def clear_away_tonight() -> int:
    """Of all organisations; how many uploads and exports there were."""
    with everywhere("old uploads and exports of every organisation are cleared away"):
        return kept_exports.clear_away() + actions.clear_away()
