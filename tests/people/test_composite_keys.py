"""No row can point into another organisation: a composite key holds each relation, or a reason and the nightly look."""

from __future__ import annotations

from django.apps import apps

from interface.orphans import unguarded
from people.constraints import CompositeForeignKey
from people.models import Organisation
from people.rowsecurity import is_scoped

# Volume tables afford one key (promises, "known ways to fail"): these relations are looked up every night instead.
WITHOUT_KEY = {
    "interface.CarriedPerson.file": "written by the run of that very file, a thousand people a statement",
    "interface.InboundRecord.file": "written by the run of that very file, a thousand lines a statement",
    "interface.OpenFailure.connection": "written with the line's own record; its file has the key",
    "interface.ReplayedRecord.file": "written by the replay of that very file",
    "interface.SentPicture.connection": "written by the connection's own run; its person has the key",
    "interface.SentPicture.last_file": "written by the run of that very file, the same connection's",
}


def relations() -> dict[str, bool]:
    """Every relation from a scoped model to a scoped model, and whether a composite key holds it."""
    return {
        f"{model._meta.label}.{field.name}": any(
            {"organisation", field.name} == set(one.fields)
            for one in model._meta.constraints
            if isinstance(one, CompositeForeignKey)
        )
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy and is_scoped(model)
        for field in model._meta.concrete_fields
        if field.related_model not in (None, Organisation) and is_scoped(field.related_model)
    }


def test_every_relation_has_its_composite_key_or_a_reason() -> None:
    found = relations()
    assert {name for name, is_held in found.items() if not is_held} == WITHOUT_KEY.keys()
    assert len(found) > 10


def test_what_has_no_key_is_looked_up_every_night() -> None:
    looked_up = {f"{model._meta.label}.{field.name}" for model, field in unguarded()}
    assert WITHOUT_KEY.keys() <= looked_up
