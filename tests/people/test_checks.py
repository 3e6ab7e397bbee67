"""The check of the application's role on PostgreSQL speaks for each way around row-level security."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from django.core.checks import run_checks

from tests.conftest import Installation
from tests.postgres import MATCHING, OWNER, ROLE, as_superuser

pytestmark = pytest.mark.requires("postgresql")

UNFIT = "cstf_unfit"


@pytest.fixture
def unfit_role() -> Iterator[str]:
    """A role to be given what the application's must not have."""
    with as_superuser(os.environ["DATABASE_URL"]) as connection:
        connection.execute(f"CREATE ROLE {UNFIT} LOGIN")
        yield UNFIT
        connection.execute(f"DROP OWNED BY {UNFIT}")
        connection.execute(f"DROP ROLE {UNFIT}")


def test_the_application_s_role_passes(db: None) -> None:
    assert [one for one in run_checks(databases=["default"]) if one.id == "people.E001"] == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (f"ALTER ROLE {UNFIT} SUPERUSER", "is a superuser"),
        (f"ALTER ROLE {UNFIT} BYPASSRLS", "has BYPASSRLS"),
        (f"ALTER ROLE {UNFIT} CREATEROLE", "has CREATEROLE"),
        (f"GRANT {OWNER} TO {UNFIT}", "owns the database or tables in it"),
        (f"GRANT {MATCHING} TO {UNFIT}", f"is a member of {MATCHING}"),
    ],
)
def test_nothing_is_migrated_for_a_role_with_a_way_around(
    installation: Installation, unfit_role: str, given: str, said: str
) -> None:
    with as_superuser(os.environ["DATABASE_URL"]) as connection:
        connection.execute(given)
    refused = installed_as(installation, unfit_role).manage("migrate")
    assert refused.returncode == 1
    assert "people.E001" in refused.stderr
    assert said in refused.stderr


def test_the_owner_s_own_address_is_no_application_s(installation: Installation) -> None:
    refused = installed_as(installation, OWNER).manage("migrate", DATABASE_OWNER_URL="")
    assert refused.returncode == 1
    assert "owns the database" in refused.stderr


def test_the_role_of_the_matching_has_to_be_the_owner_s_to_give(installation: Installation) -> None:
    with as_superuser(os.environ["DATABASE_URL"]) as connection:
        connection.execute("CREATE ROLE cstf_other_owner LOGIN")
    try:
        other = os.environ["DATABASE_OWNER_URL"].replace(f"://{OWNER}@", "://cstf_other_owner@")
        refused = installation.manage("migrate", DATABASE_OWNER_URL=other)
    finally:
        with as_superuser(os.environ["DATABASE_URL"]) as connection:
            connection.execute("DROP ROLE cstf_other_owner")
    assert refused.returncode == 1
    assert "people.E002" in refused.stderr


def test_a_good_role_is_migrated_and_checked_again(installation: Installation) -> None:
    for command in (["migrate", "--verbosity=0"], ["check", "--database", "default"], ["migrate", "--plan"]):
        done = installation.manage(*command)
        assert done.returncode == 0, done.stderr
    address = installation.environment["DATABASE_URL"]
    with psycopg.connect(address) as connection:
        rows = connection.execute("SELECT count(*) FROM competencies_subject").fetchone()
        assert rows == (11,)
        assert connection.execute("SELECT count(*) FROM people_person").fetchone() == (0,)


def installed_as(installation: Installation, role: str) -> Installation:
    address = installation.environment["DATABASE_URL"].replace(f"://{ROLE}@", f"://{role}@")
    return replace(installation, environment={**installation.environment, "DATABASE_URL": address})
