"""The fixed cast: Alice installs, Bob may a little, Charlie may nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # no settings yet, where this is read first
    from django.contrib.auth.models import User

    from people.models import Organisation


@pytest.fixture
def northmoor(db: None) -> Organisation:
    from people.models import Organisation

    return Organisation.objects.create(vpd="911", name="Northmoor")


@pytest.fixture
def southmoor(db: None) -> Organisation:
    from people.models import Organisation

    return Organisation.objects.create(vpd="922", name="Southmoor")


@pytest.fixture
def alice(db: None, django_user_model: type[User]) -> User:
    return django_user_model.objects.create_superuser("alice")


@pytest.fixture
def bob(db: None, django_user_model: type[User]) -> User:
    return django_user_model.objects.create_user("bob")


@pytest.fixture
def charlie(db: None, django_user_model: type[User]) -> User:
    """Called staff, for what that is worth."""
    return django_user_model.objects.create_user("charlie", is_staff=True)
