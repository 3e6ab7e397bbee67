"""The demo's first night with something of everything that a morning may bring, so that no page is tried empty."""

from __future__ import annotations

import importlib
from contextlib import suppress
from datetime import time, timedelta
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from cstf_site.console.exporting import make_export
from cstf_site.demo import build
from cstf_site.demo.accounts import ensure_accounts
from interface.by_hand.actions import check, receive
from interface.by_hand.guard import asks_for_reason
from interface.by_hand.kept_exports import ask, fail
from interface.by_hand.sheets.row import Kind
from interface.by_hand.tables import TABLES
from interface.extract.actions import load_extract
from interface.extract.report import ExtractHeldError
from interface.models import Advice, Connection, FileCalendar, OutboundHold
from people.dates import london_today
from people.models import NightlyRun, Organisation, Person, PersonVersion
from roles.models import NotificationRecipient
from tests.cstf_site.mended import replayed_and_undone

ADMIN = "admin"


def first_night(folder: Path, sizes: dict[str, int]) -> None:
    """Load, exchange, and make the few troubles that the demo's own night does not have."""
    tonight = london_today()
    with patch.dict(build.SIZES, sizes):
        build.load_demo(by="test", on=tonight, folder=folder)
    call_command("exchange", date=tonight, stdout=StringIO())
    replayed_and_undone()
    _advise()
    ensure_accounts(password="not used", by=User.objects.create_superuser(ADMIN))
    _upload()
    _exports()
    learn = Connection.objects.select_related("organisation").get(organisation__vpd="901")
    OutboundHold.objects.create(
        organisation=learn.organisation, connection=learn, kind="GOC", business_date=tonight, population=100,
        changed=80, deleted=0, held_at=timezone.now(),
    )  # fmt: skip
    _held_load(folder)
    FileCalendar.objects.update_or_create(
        connection=learn,
        defaults={
            "organisation": learn.organisation, "since": tonight - timedelta(days=3), "by_time": time(0, 1),
            "weekdays": [1, 2, 3, 4, 5, 6, 7], "grace_minutes": 0,
        },
    )  # fmt: skip
    NightlyRun.objects.filter(organisation__vpd="902", job="exchange").update(
        state="failed", error="No space left on device: Out could not be written."
    )
    NotificationRecipient.objects.create(
        organisation=Organisation.objects.get(vpd="901"), role="iat", email="team@learn.example"
    )


def _upload() -> None:
    """Half of the people are to be called otherwise, and one row is not in order."""
    people = PersonVersion.objects.filter(organisation__vpd="901").select_related("person").order_by("person")
    rows = [f"901,{one.person},{one.effective_start},Invented,EMP" for one in people[: people.count() // 2]]
    sheet = "\n".join(["vpd,person_id,effective_start,last_name,system_person_type", *rows, "901,,,,EMP"])
    upload = receive(
        [sheet.encode()], name="persons.csv", table=TABLES["persons"],
        organisation=Organisation.objects.get(vpd="901"), by=User.objects.get(username="hr"),
    )  # fmt: skip
    check(upload.pk)
    upload.refresh_from_db()
    assert asks_for_reason(upload)


def _exports() -> None:
    """One is ready, one failed, one waits for the queue."""
    admin = User.objects.get(username=ADMIN)
    made, failed, _ = (
        ask(listed=f"people.{listed}", narrowed="", kind=Kind.CSV, rows=6000, by=admin)
        for listed in ("person", "position", "assignment")
    )
    make_export(made.pk)
    fail(failed, "The file could not be written: make it again.")


def _held_load(folder: Path) -> None:
    """The staff record says that a third of the people are gone; and a later file waits behind that."""
    present = Person.objects.present().filter(organisation__vpd="901").order_by("person_id")
    leavers = [f"PRD~{one.person_id}" for one in present[: present.count() // 3]]
    for number, lines in enumerate((leavers, leavers[:1]), 1):
        path = folder / f"GO_901_GDW_GOC_20991231_{number:08}.DAT"
        created = (timezone.localtime() + timedelta(minutes=number)).strftime("%Y%m%d %H%M%S")
        header = f"HDR~{path.name}~{created}~901~00000000 000000~{created}~01"
        path.write_text("\n".join([header, *lines, f"TRL~{len(lines) + 2}", ""]))
        with suppress(ExtractHeldError):
            load_extract(path, by="test")


def _advise() -> None:
    """A test before may have emptied the database, and with it what the migrations had loaded."""
    if not Advice.objects.exists():
        initial = importlib.import_module("interface.migrations.0004_fill_failures_and_advice")
        names = ("position", "trouble", "turn_to", "text", "codes")
        Advice.objects.bulk_create(Advice(**dict(zip(names, one, strict=True))) for one in initial.ADVICE)
