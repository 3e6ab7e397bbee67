"""Every field of every model is classified: a new column of personal data cannot slip in unconsidered."""

import pytest
from django.apps import apps
from django.db import models

from people.privacy import NOT_PERSONAL, Privacy, classify

OURS = ("people", "login", "roles", "competencies", "interface")
MODELS = [model for app in OURS for model in apps.get_app_config(app).get_models()]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_field_is_classified(model: type[models.Model]) -> None:
    assert hasattr(model, "privacy"), f"{model._meta.label} says nothing of personal data"
    if model.privacy is NOT_PERSONAL:
        assert not any(field.name == "person" for field in model._meta.fields)
        return
    fields = {field.name for field in model._meta.concrete_fields}
    assert fields == set(model.privacy), f"{model._meta.label}: classify exactly these fields"


def test_a_class_that_does_not_exist_is_refused() -> None:
    assert classify(contact="email") == {"email": Privacy.CONTACT}
    with pytest.raises(ValueError, match="secret"):
        classify(secret="field")
