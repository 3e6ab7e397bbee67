"""`manage.py verify_audit`: what an operator or a schedule reads of the chains."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from people.audit.actions import record_many
from people.audit.events import Event
from people.models import AuditHead, Organisation


@pytest.fixture
def trust(db: None) -> Organisation:
    trust = Organisation.objects.create(vpd="277", name="Northmoor")
    record_many([Event("a", trust.pk), Event("b", trust.pk), Event("c")])
    return trust


def verify(**options: Any) -> str:
    out = StringIO()
    call_command("verify_audit", stdout=out, **options)
    return out.getvalue()


@pytest.mark.django_db
def test_nothing_was_done_yet() -> None:
    assert verify() == "No events yet.\n"


def test_each_chain_has_its_line(trust: Organisation) -> None:
    assert verify() == "Installation: 1 events, sound\nVPD 277: 2 events, sound\n"
    assert verify(vpd="277") == "VPD 277: 2 events, sound\n"
    (chain,) = json.loads(verify(vpd="277", json=True))
    assert (chain["vpd"], chain["events"], chain["sound"], chain["fault"]) == ("277", 2, True, None)


def test_a_broken_chain_is_refused_by_name(trust: Organisation) -> None:
    AuditHead.objects.filter(pk=trust.pk).update(sequence=1)
    with pytest.raises(CommandError, match=r"^VPD 277: the end of the chain is noted with another hash"):
        verify()
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_audit", json=True, stdout=out)
    assert [chain["sound"] for chain in json.loads(out.getvalue())] == [True, False]


def test_what_an_earlier_run_printed_is_compared(trust: Organisation, tmp_path: Path) -> None:
    noted = tmp_path / "noted.json"
    noted.write_text(verify(json=True))
    record_many([Event("d", trust.pk)])
    assert "sound" in verify(known=noted)
    changed = json.loads(noted.read_text())
    changed[1]["hash"] = "0" * 64
    noted.write_text(json.dumps(changed))
    with pytest.raises(CommandError, match="another than the one noted earlier"):
        verify(known=noted)


def test_what_makes_no_sense_is_refused(trust: Organisation, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is no organisation here"):
        verify(vpd="999")
    with pytest.raises(CommandError, match="No such file"):
        verify(known=tmp_path / "nothing.json")
    (tmp_path / "noted.json").write_text("{}[")
    with pytest.raises(CommandError, match="is not what verify_audit --json prints"):
        verify(known=tmp_path / "noted.json")
