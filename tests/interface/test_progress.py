"""How far long work has come: told beside its transaction, and gone when it ends."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from interface.progress import Progress, counted, forget_strays, is_heard_of, progress_of, telling
from people.models import NightlyRun, Organisation
from people.runs import running


@pytest.mark.parametrize(
    ("done", "total", "percent"),
    [(0, 0, None), (5, 0, None), (0, 7, 0), (6, 7, 85), (999, 1000, 99), (7, 7, 100), (8, 7, 100)],
)
def test_per_cent(done: int, total: int, percent: int | None) -> None:
    """100 only when all is done, and never more."""
    assert Progress(done, total).percent == percent


@pytest.mark.parametrize("text", ["", "5", "5 ", "five 6", "-1 6", "5 6 7"])
def test_what_is_no_progress_is_none(text: str) -> None:
    assert Progress.told(text) is None


@pytest.fixture
def run(db: None, tmp_path: Path, settings: Settings) -> NightlyRun:
    settings.UPLOAD_ROOT = tmp_path / "uploads"
    organisation = Organisation.objects.create(vpd="901", name="Northmoor")
    with running(
        organisation=organisation, job="a job", subject="", on=date(2026, 11, 26), by_hand=True
    ) as one:
        return one


def test_it_is_told_while_it_lasts(run: NightlyRun) -> None:
    assert progress_of(None) is None
    assert progress_of(run) is None
    with telling(run) as tell:
        assert progress_of(run) == (0, 0)
        further = counted(tell, 10)
        further(4)
        further(3)
        assert progress_of(run) == (7, 10)
    assert progress_of(run) is None


def test_a_worker_that_was_killed_leaves_its_last_word_for_a_while(run: NightlyRun, tmp_path: Path) -> None:
    minutes = timedelta(minutes=2)
    assert not is_heard_of(None, lately=minutes)
    assert not is_heard_of(run, lately=minutes)
    with telling(run):
        assert is_heard_of(run, lately=minutes)
        (word,) = (tmp_path / "uploads" / "progress").iterdir()
        assert forget_strays(older_than=minutes) == 0
        os.utime(word, (0, 0))
        assert not is_heard_of(run, lately=minutes)
        assert forget_strays(older_than=minutes) == 1


def test_nothing_is_left_of_work_that_failed(run: NightlyRun, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), telling(run):
        raise ZeroDivisionError
    assert not list((tmp_path / "uploads" / "progress").iterdir())
