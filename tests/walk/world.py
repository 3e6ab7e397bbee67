"""Two organisations in which every text of every scoped model is a canary, and one account for each way to look.

Rows are made of the models themselves, so that a new model is in the walk as soon as it exists: each starts as the
sound row that tests/constraints knows and gets canaries wherever there is room. A canary names its organisation
and says whether its field is personal data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.forms.models import model_to_dict
from django.test import Client

from interface.models import Export
from interface.outbound.packing import Entry, pack
from people.models import AuditEvent, Organisation
from people.privacy import Privacy
from roles.actions import grant
from roles.urps import URP
from tests.constraints.rows import SOUND

OURS, THEIRS = "911", "922"
NOW = datetime(2026, 11, 3, 21, tzinfo=UTC)
# What the canaries of a row would break, and what its page needs to be a page of that model.
SPECIAL: dict[str, dict[str, Any]] = {
    "people.nightlyrun": {"lease_until": None},
    "people.assignmentversion": {"assignment_type": "A"},
    "people.person": {"removed_at": None},
    "people.assignment": {"removed_at": None},
    "interface.outboundfile": {"answers": None},
    # Who uploaded completions by hand: this file is an LMS's.
    "interface.inboundfile": {"added": None, "uploaded_by": ""},
    "interface.upload": {"ended_at": None},
    "interface.export": {"listed": "interface.connection", "state": "ready", "taken": {}},
    "interface.extracthold": {"settled_at": None},
    "interface.foreseenchange": {
        "file": None,
        "before": lambda vpd: [["Last name", f"{mark(vpd, 'p')}-before"]],
        "after": lambda vpd: [["Last name", f"{mark(vpd, 'p')}-after"]],
    },
    # Far behind what the world's own grants leave behind; about something that is no person.
    "people.auditevent": {"sequence": 10**6, "record_type": "interface.connection", "blanked_at": None},
    "interface.connection": {"sub_type": "CST"},
    "interface.filecalendar": {"weekdays": [1, 2]},
    "interface.sentpicture": {"records": lambda vpd: pack({("PRA", f"ZQ{vpd}P-KEY"): Entry(1, 1)})},
}
Model = type[models.Model]
# Theirs by another key than an organisation: here an account of the organisation has one.
OF_ACCOUNTS: list[Model] = [Export]


def scoped_models() -> list[Model]:
    """Every model whose rows belong to an organisation, proxies left out."""
    return [
        model
        for model in apps.get_models()
        if any(
            one.attname == "organisation_id" and not one.primary_key for one in model._meta.concrete_fields
        )
    ]


def models_with_pages() -> dict[str, Model]:
    """By name, those whose keys stand in the console's own addresses: what belongs to accounts is among them."""
    return {str(model._meta.model_name): model for model in [*scoped_models(), *OF_ACCOUNTS]}


def mark(vpd: str, kind: Privacy | str = "") -> str:
    """How canaries begin: of an organisation, or of its personal (``p``) or technical (``t``) data."""
    return f"zq{vpd}" + ({"": "", Privacy.TECHNICAL: "t"}.get(kind, "p"))


def canary(vpd: str, model: Model, one: models.Field[Any, Any]) -> str:
    """As long as the column takes; told apart by model and field where there is room."""
    kind = getattr(model, "privacy", {}).get(one.name, Privacy.TECHNICAL)
    text = f"{mark(vpd, kind)}-{model._meta.model_name}-{one.name}"
    text = f"{text}@walk.example" if "email" in one.name else text
    if one.name in {"code", "key"} or "_id" in one.name:
        text = text.upper()
    return text[: one.max_length] if one.max_length else text


def has_room(one: models.Field[Any, Any]) -> bool:
    """A free text that a canary fits into."""
    texts = isinstance(one, models.CharField | models.TextField)
    return texts and not one.choices and (one.max_length is None or one.max_length > len(mark(OURS)) + 1)


@dataclass
class Tenant:
    """One organisation with a row of everything."""

    vpd: str
    organisation: Organisation
    rows: dict[Model, models.Model] = field(default_factory=dict)

    def row(self, model: Model) -> models.Model:
        """The organisation's row of the model (or of what all share), made when it is first asked for."""
        model = model._meta.concrete_model or model
        if model is Organisation:
            return self.organisation
        if model not in self.rows:
            self.rows[model] = self._make(model)
        return self.rows[model]

    def _make(self, model: Model) -> models.Model:
        if model is User:
            return User.objects.create_user(f"{mark(self.vpd, Privacy.TECHNICAL)}-account")
        if model not in (*scoped_models(), *OF_ACCOUNTS):
            shared = model._default_manager.first()
            assert shared is not None, f"nothing of {model._meta.label} is there to refer to"
            return shared
        values = {name: value for name, value in SOUND.get(model, {}).items() if not name.endswith("_id")}
        sound = model(
            **{name: value for name, value in values.items() if not isinstance(value, models.Model)}
        )
        for one in model._meta.concrete_fields:
            self._fill(sound, one)
        for name, value in SPECIAL.get(model._meta.label_lower, {}).items():
            setattr(sound, name, value(self.vpd) if callable(value) else value)
        sound.save(force_insert=True)
        return sound

    def _fill(self, row: models.Model, one: models.Field[Any, Any]) -> None:
        if one.name == "organisation_id":  # of an audit event, which has no foreign keys
            setattr(row, one.name, self.organisation.pk)
        elif isinstance(one, models.ForeignKey):
            assert isinstance(one.related_model, type)
            setattr(row, one.name, self.row(one.related_model))
        elif has_room(one):
            setattr(row, one.name, canary(self.vpd, type(row), one))
        elif isinstance(one, models.JSONField):
            text = canary(self.vpd, type(row), one)
            setattr(row, one.name, [text] if isinstance(getattr(row, one.name), list) else {text: 1})
        elif isinstance(one, models.DateTimeField) and getattr(row, one.name) is None:
            setattr(row, one.name, NOW)
        elif isinstance(one, models.DateField) and getattr(row, one.name) is None:
            setattr(row, one.name, NOW.date())

    def state(self) -> dict[str, list[Any]]:
        """All that the database says of the organisation, but for the events that tell who looked."""
        own: dict[str, list[Any]] = {
            "organisation": list(Organisation.objects.filter(pk=self.organisation.pk).values())
        }
        for model in set(scoped_models()) - {AuditEvent}:
            of_it = model._base_manager.filter(organisation_id=self.organisation.pk)
            own[model._meta.label] = list(of_it.order_by("pk").values())
        return own


@dataclass
class World:
    """Both organisations, and the accounts by the name of what they hold."""

    ours: Tenant
    theirs: Tenant
    accounts: dict[str, User]
    clients: dict[str, Client]
    before: dict[str, list[Any]]


# Whoever holds something in theirs too: what they may there is not mixed up with what they may in ours.
MIXED = {
    "learning here, auditor there": (URP.LEARNING_ADMINISTRATION, URP.AUDITOR),
    "interface here, support there": (URP.INTERFACE_ADMINISTRATION, URP.SUPPORT),
}


def build_world() -> World:
    """Call it inside ``everywhere``."""
    accounts = {"superuser": User.objects.create_superuser("alice")}
    alice = accounts["superuser"]
    ours, theirs = (build_tenant(vpd) for vpd in (OURS, THEIRS))
    for urp in URP:
        accounts[urp.label] = User.objects.create_user(f"holder-of-{urp}")
        grant(user=accounts[urp.label], organisation=ours.organisation, urp=urp, reason="walk", by=alice)
    for name, (here, there) in MIXED.items():
        accounts[name] = User.objects.create_user(name)
        grant(user=accounts[name], organisation=ours.organisation, urp=here, reason="walk", by=alice)
        grant(user=accounts[name], organisation=theirs.organisation, urp=there, reason="walk", by=alice)
    clients = {name: Client() for name in accounts}
    for name, client in clients.items():
        client.force_login(accounts[name])
    return World(ours, theirs, accounts, clients, theirs.state())


def build_tenant(vpd: str) -> Tenant:
    """An organisation with a row of every model."""
    texts = {
        one.name: canary(vpd, Organisation, one)
        for one in Organisation._meta.concrete_fields
        if has_room(one)
    }
    tenant = Tenant(vpd, Organisation.objects.create(**{**texts, "vpd": vpd, "ods_code": vpd}))
    for model in (*scoped_models(), *OF_ACCOUNTS):
        row = tenant.row(model)
        LogEntry.objects.create(
            user_id=tenant.row(User).pk,
            content_type=ContentType.objects.get_for_model(model),
            object_id=str(row.pk),
            object_repr=canary(vpd, LogEntry, LogEntry._meta.get_field("object_repr")),
            action_flag=CHANGE,
            change_message=canary(vpd, LogEntry, LogEntry._meta.get_field("change_message")),
        )
    return tenant


def form_of(row: models.Model, **changes: Any) -> dict[str, Any]:
    """What a browser would send for this row; a new row's, where ``changes`` say so."""
    data = {name: "" if value is None else value for name, value in model_to_dict(row).items()}
    return {name: value for name, value in {**data, **changes}.items() if not isinstance(value, list | dict)}
