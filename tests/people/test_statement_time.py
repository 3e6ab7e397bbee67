"""How long PostgreSQL works at one statement: told with the statement, for whoever said so, and gone afterwards."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from people.postgresql.owner import as_owner
from people.statement_time import at_most, took_too_long
from people.tenancy import everywhere, within

pytestmark = [pytest.mark.requires("postgresql"), pytest.mark.scoped, pytest.mark.django_db(transaction=True)]

TOLD = "SELECT current_setting('statement_timeout')"


def told() -> str:
    with connection.cursor() as cursor:
        cursor.execute(TOLD)
        return str(cursor.fetchone()[0])


def told_in_pieces() -> str:
    with connection.chunked_cursor() as cursor:
        cursor.execute(TOLD)
        return str(cursor.fetchone()[0])


def told_by_copy() -> str:
    with connection.cursor() as cursor, cursor.copy(f"COPY ({TOLD}) TO STDOUT") as copy:
        [(answer,)] = copy.rows()
        return str(answer)


def told_in_a_pipeline() -> str:
    connection.ensure_connection()
    with connection.connection.pipeline():
        return str(connection.connection.execute(TOLD).fetchone()[0])


@pytest.mark.parametrize("ask", [told, told_in_pieces, told_by_copy, told_in_a_pipeline])
def test_whichever_way_it_is_asked(ask: Callable[[], str]) -> None:
    for _ in range(2):
        with everywhere("a test"), at_most(7):
            assert ask() == "7s"
            with transaction.atomic():
                assert ask() == "7s"
                assert told() == "7s"
        assert ask() == "0"


def test_it_follows_the_code_through_scopes_and_rollbacks() -> None:
    with transaction.atomic(), at_most(7):
        with within(1), transaction.atomic():
            assert told() == "7s"
            with at_most(0):
                assert told() == "0"
            transaction.set_rollback(True)
        assert told() == "7s"
        with at_most(8):
            assert told() == "8s"
        assert told() == "7s"
    assert told() == "0"
    assert psycopg.ClientCursor(connection.connection).execute(TOLD).fetchone() == ("0",)


def test_the_owner_is_not_hurried() -> None:
    with at_most(7), as_owner():
        assert told() == "0"


def test_what_took_too_long_is_known_by_its_error() -> None:
    with at_most(1), connection.cursor() as cursor:
        with pytest.raises(OperationalError) as given_up:
            cursor.execute("SELECT pg_sleep(60)")
        assert took_too_long(given_up.value)
    assert not took_too_long(OperationalError("the server is gone"))
    assert not took_too_long(LookupError())
