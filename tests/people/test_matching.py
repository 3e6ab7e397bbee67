"""Who may be the person a transfer is about: told to the releasing organisation, and to nobody else."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from people.matching import Candidate, Wanted, match_candidates
from people.models import Organisation, Person, PersonVersion
from people.tenancy import OutOfScopeError, everywhere, within

pytestmark = [pytest.mark.django_db, pytest.mark.scoped]

ON = date(2026, 11, 3)
BORN = date(1987, 4, 12)
ACHEBE = Wanted("QQ 12 34 56 A", BORN, "Achebe")


def organisation(vpd: str) -> Organisation:
    with everywhere("the test's own cast"):
        return Organisation.objects.create(vpd=vpd, name=vpd)


def person(
    at: Organisation,
    last_name: str,
    *,
    ni: str = "QQ123456A",
    born: date | None = BORN,
    start: date = date(2020, 1, 1),
    version_of: Person | None = None,
) -> Person:
    with everywhere("the test's own cast"):
        who = version_of or Person.objects.create(organisation=at, person_id=str(Person.objects.count() + 1))
        PersonVersion.objects.create(
            organisation=at, person=who, effective_start=start, last_name=last_name, ni_number=ni,
            date_of_birth=born, system_person_type="EX_EMP",
        )  # fmt: skip
    return who


def found(at: Organisation, wanted: Wanted = ACHEBE) -> list[Candidate]:
    with within(at):
        return match_candidates(at, wanted, on=ON)


@pytest.mark.parametrize(
    ("last_name", "ni", "born", "agrees"),
    [
        ("Achebe", "QQ123456A", BORN, (True, True, True)),
        (" achebe ", "qq 123456 a", BORN, (True, True, True)),
        ("Okoro", "QQ123456A", BORN, (True, True, False)),
        ("Okoro", "QQ123456A", None, (True, False, False)),
        ("ACHEBE", "", BORN, (False, True, True)),
        ("Achebe", "", date(1987, 4, 13), None),
        ("Okoro", "", BORN, None),
        ("Achebe", "", None, None),
    ],
)
def test_a_number_or_a_birthday_with_a_name(
    last_name: str, ni: str, born: date | None, agrees: tuple[bool, bool, bool] | None
) -> None:
    releasing = organisation("901")
    who = person(releasing, last_name, ni=ni, born=born)
    assert found(releasing) == ([] if agrees is None else [Candidate(who.pk, *agrees)])
    assert [one.is_exact for one in found(releasing)] == ([] if agrees is None else [all(agrees)])


def test_who_has_no_number_is_not_whoever_has_none_either() -> None:
    releasing = organisation("901")
    person(releasing, "Other", ni="", born=date(1999, 1, 1))
    assert found(releasing, Wanted(" ", BORN, "Achebe")) == []
    assert found(releasing, Wanted("", None, "")) == []


def test_as_they_were_last_by_that_day() -> None:
    releasing = organisation("901")
    who = person(releasing, "Maiden")
    person(releasing, "Achebe", start=date(2024, 1, 1), version_of=who)
    person(releasing, "Future", start=date(2027, 1, 1), version_of=who)
    assert found(releasing) == [Candidate(who.pk, True, True, True)]


def test_whom_the_staff_record_deleted_is_no_candidate() -> None:
    releasing = organisation("901")
    who = person(releasing, "Achebe")
    with within(releasing):
        Person.objects.filter(pk=who.pk).update(removed_at="2026-01-01T00:00Z")
    assert found(releasing) == []


def test_candidates_are_the_releasing_side_s_alone() -> None:
    releasing, asking = organisation("901"), organisation("902")
    theirs, _ = person(releasing, "Achebe"), person(asking, "Achebe")
    assert [one.person for one in found(releasing)] == [theirs.pk]
    for scope in (within(asking), within(releasing, asking), within(), everywhere("a test")):
        with scope, pytest.raises(OutOfScopeError):
            match_candidates(releasing, ACHEBE, on=ON)


@pytest.mark.requires("postgresql")
def test_the_server_refuses_whoever_is_not_the_releasing_side() -> None:
    releasing, asking = organisation("901"), organisation("902")
    person(releasing, "Achebe")
    ask = "SELECT * FROM cstf_match_candidates(%s, %s, 'QQ123456A', %s, 'ACHEBE')"
    for scope in (within(asking), within(releasing, asking), within(), everywhere("a test")):
        with (
            scope,
            pytest.raises(DatabaseError, match="releasing"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(ask, [releasing.pk, ON, BORN])


@pytest.mark.requires("postgresql")
def test_the_role_of_the_matching_can_do_nothing_else() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'cstf_matching'"
        )
        assert cursor.fetchall() == [(False, False, False)]
        cursor.execute(
            "SELECT DISTINCT attrelid::regclass::text, privilege_type "
            "FROM pg_attribute, aclexplode(attacl) WHERE grantee = 'cstf_matching'::regrole "
            "UNION SELECT oid::regclass::text, privilege_type "
            "FROM pg_class, aclexplode(relacl) WHERE grantee = 'cstf_matching'::regrole ORDER BY 1"
        )
        assert cursor.fetchall() == [("people_person", "SELECT"), ("people_personversion", "SELECT")]
        cursor.execute("SELECT proname FROM pg_proc WHERE proowner = 'cstf_matching'::regrole AND prosecdef")
        assert cursor.fetchall() == [("cstf_match_candidates",)]
