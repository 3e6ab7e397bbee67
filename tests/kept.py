"""What many tests begin with: made once, and put down again for each of them, which is many times quicker.

A test's rows are undone when it ends, so those to begin with are kept in memory, and its folder beside it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import pytest
from django.apps import apps
from django.db import models

APPS = ("people", "competencies", "interface", "roles")
Rows = list[tuple[type[models.Model], list[models.Model]]]


class Beginning(NamedTuple):
    """All rows of ours, and what lies in the exchange folder."""

    rows: Rows
    folder: Path


_KEPT: dict[str, Beginning] = {}


def begin_with(name: str, make: Callable[[], None], *, folder: Path, keeping: pytest.TempPathFactory) -> None:
    """The database and the folder, which is empty, hold what ``make`` puts into them."""
    if name not in _KEPT:
        make()
        _KEPT[name] = Beginning(_all_rows(), keeping.mktemp(name) / "folder")
        shutil.copytree(folder, _KEPT[name].folder)
        return
    _put_down(_KEPT[name].rows)
    shutil.copytree(_KEPT[name].folder, folder, dirs_exist_ok=True)


def _all_rows() -> Rows:
    return [(model, list(model._base_manager.all())) for model in in_order(APPS)]


def _put_down(rows: Rows) -> None:
    for model, _ in reversed(rows):
        # What the migrations load: it may have other keys by now. There are tables that nobody may delete from.
        if (there := model._base_manager.all()).exists():
            there._raw_delete(using="default")
    for model, some in rows:
        model._base_manager.bulk_create(some)


def in_order(labels: Iterable[str]) -> list[type[models.Model]]:
    """What tests fill of these apps, each after those it points at."""
    found = [model for label in labels for model in apps.get_app_config(label).get_models()]
    ordered: list[type[models.Model]] = []
    while found:
        model = next(one for one in found if not _points_at(one) & {*found} - {one})
        found.remove(model)
        if not model._meta.proxy:
            ordered.append(model)
    return ordered


def _points_at(model: type[models.Model]) -> set[type[models.Model]]:
    return {field.related_model for field in model._meta.fields if isinstance(field.related_model, type)}
