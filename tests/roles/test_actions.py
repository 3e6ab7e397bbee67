"""Granting and ending: who may, what is refused and in which words."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from login.models import Session
from people.dates import london_today
from people.models import Organisation
from roles.actions import GrantRefusedError, end_grant, grant
from roles.models import Grant
from roles.urps import URP

TODAY = london_today()
DAY = timedelta(days=1)


@pytest.fixture
def dora(alice: User, northmoor: Organisation) -> User:
    """Role and HR administrator of Northmoor."""
    dora = User.objects.create_user("dora")
    for urp in (URP.ROLE_ADMINISTRATION, URP.HR_ADMINISTRATION):
        grant(user=dora, organisation=northmoor, urp=urp, reason="appointed", by=alice)
    return User.objects.get(pk=dora.pk)


def test_within_the_vpd_and_what_is_held(dora: User, bob: User, northmoor: Organisation) -> None:
    given = grant(
        user=bob, organisation=northmoor, urp=URP.HR_ADMINISTRATION, reason=" new in post ", by=dora
    )
    assert str(given) == "911 HR Administration"
    assert (given.granted_by, given.reason, given.starts_on) == ("dora", "new in post", TODAY)
    # IAT Initiation reads the same records: nothing that HR Administration does not hold.
    grant(user=bob, organisation=northmoor, urp=URP.IAT_INITIATION, reason="too", by=dora)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"starts_on": TODAY - DAY}, "has passed"),
        ({"starts_on": TODAY + DAY, "ends_on": TODAY}, "last day lies before the first"),
        ({"reason": "  "}, "Say why"),
        ({"urp": URP.LEARNING_ADMINISTRATION}, "nobody grants more than they hold"),
        ({"urp": URP.AUDITOR}, "nobody grants more than they hold"),
    ],
)
def test_refused(
    dora: User, bob: User, northmoor: Organisation, changes: dict[str, object], sentence: str
) -> None:
    wanted = {"user": bob, "organisation": northmoor, "urp": URP.HR_ADMINISTRATION, "reason": "x"}
    before = Grant.objects.count()
    with pytest.raises(GrantRefusedError, match=sentence):
        grant(**{**wanted, **changes}, by=dora)  # type: ignore[arg-type]  # of many types
    assert Grant.objects.count() == before


def test_not_elsewhere_not_by_others_not_to_oneself(
    dora: User, bob: User, charlie: User, northmoor: Organisation, southmoor: Organisation
) -> None:
    with pytest.raises(GrantRefusedError, match="do not grant in 922"):
        grant(user=bob, organisation=southmoor, urp=URP.HR_ADMINISTRATION, reason="x", by=dora)
    with pytest.raises(GrantRefusedError, match="do not grant in 911"):
        grant(user=bob, organisation=northmoor, urp=URP.SUPPORT, reason="x", by=charlie)
    with pytest.raises(GrantRefusedError, match="to themselves"):
        grant(user=dora, organisation=northmoor, urp=URP.IAT_APPROVAL, reason="x", by=dora)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    bob.refresh_from_db()
    with pytest.raises(GrantRefusedError, match="is closed"):
        grant(user=bob, organisation=northmoor, urp=URP.HR_ADMINISTRATION, reason="x", by=dora)


@pytest.mark.parametrize(
    ("starts", "ends", "taken"), [(0, 9, True), (5, 30, True), (10, None, True), (11, None, False)]
)
def test_not_twice_for_the_same_days(
    alice: User, bob: User, northmoor: Organisation, starts: int, ends: int | None, taken: bool
) -> None:
    urp = URP.SUPPORT
    grant(user=bob, organisation=northmoor, urp=urp, ends_on=TODAY + 10 * DAY, reason="x", by=alice)

    def second() -> Grant:
        return grant(
            user=bob,
            organisation=northmoor,
            urp=urp,
            starts_on=TODAY + starts * DAY,
            ends_on=None if ends is None else TODAY + ends * DAY,
            reason="x",
            by=alice,
        )

    if taken:
        with pytest.raises(GrantRefusedError, match="already in this time"):
            second()
    else:
        assert second().pk


def test_ending_logs_the_account_out(dora: User, bob: User, northmoor: Organisation, client: Client) -> None:
    given = grant(user=bob, organisation=northmoor, urp=URP.HR_ADMINISTRATION, reason="x", by=dora)
    client.force_login(bob)
    assert client.get("/admin/").status_code == 200
    with pytest.raises(GrantRefusedError, match="Say why"):
        end_grant(given, by=dora, reason=" ")
    end_grant(given, by=dora, reason="moved on")
    assert not Session.objects.filter(user=bob).exists()
    assert client.get("/admin/").status_code == 302
    given.refresh_from_db()
    assert (given.ended_by, given.end_reason) == ("dora", "moved on")
    with pytest.raises(GrantRefusedError, match="was ended before"):
        end_grant(given, by=dora, reason="again")
    # And it can be granted anew.
    grant(user=bob, organisation=northmoor, urp=URP.HR_ADMINISTRATION, reason="back", by=dora)


def test_only_a_role_administrator_of_the_vpd_ends(
    alice: User, dora: User, bob: User, southmoor: Organisation
) -> None:
    given = grant(user=bob, organisation=southmoor, urp=URP.SUPPORT, reason="x", by=alice)
    with pytest.raises(GrantRefusedError, match="end no grants in 922"):
        end_grant(given, by=dora, reason="x")
    given.refresh_from_db()
    assert given.ended_at is None
