"""The pages on grants and recipients, as a role administrator uses them."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from people.dates import london_today
from people.models import AuditEvent, Organisation
from roles.actions import grant
from roles.models import Grant, NotificationRecipient
from roles.urps import URP

LIST = "/admin/roles/grant/"
ADD = "/admin/roles/grant/add/"


@pytest.fixture
def dora(alice: User, northmoor: Organisation, southmoor: Organisation, client: Client) -> Client:
    """Role administrator of Northmoor, auditor of Southmoor."""
    dora = User.objects.create_user("dora")
    for urp in (URP.ROLE_ADMINISTRATION, URP.HR_ADMINISTRATION):
        grant(user=dora, organisation=northmoor, urp=urp, reason="appointed", by=alice)
    grant(user=dora, organisation=southmoor, urp=URP.AUDITOR, reason="the yearly audit", by=alice)
    client.force_login(dora)
    return client


def wanted(organisation: Organisation, **changes: object) -> dict[str, object]:
    form = {
        "account": "bob",
        "organisation": organisation.pk,
        "urp": "hr",
        "starts_on": london_today().isoformat(),
        "ends_on": "",
        "reason": "new in post",
    }
    return {**form, **changes}


def test_a_grant_is_made(dora: Client, bob: User, northmoor: Organisation) -> None:
    page = dora.get(ADD).content.decode()
    assert "911 Northmoor" in page
    assert "922 Southmoor" not in page
    assert dora.post(ADD, wanted(northmoor)).status_code == 302
    given = Grant.objects.get(user=bob)
    assert (str(given), given.granted_by) == ("911 HR Administration", "dora")
    listed = dora.get("/admin/roles/grant/").content.decode()
    assert "911 HR Administration" in listed
    assert "bob" in listed
    shown = dora.get(f"/admin/roles/grant/{given.pk}/change/").content.decode()
    assert "new in post" in shown
    assert 'name="_save"' not in shown


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"account": "nobody"}, "No open account has this name"),
        ({"urp": "auditor"}, "nobody grants more than they hold"),
        ({"starts_on": "2020-01-01"}, "has passed"),
        ({"reason": ""}, "This field is required"),
        ({"account": "dora"}, "Nobody grants to themselves"),
    ],
)
def test_what_is_refused_is_said_on_the_form(
    dora: Client, bob: User, northmoor: Organisation, changes: dict[str, object], sentence: str
) -> None:
    before = Grant.objects.count()
    response = dora.post(ADD, wanted(northmoor, **changes))
    assert sentence in response.content.decode()
    assert Grant.objects.count() == before


def test_not_in_the_other_organisation(dora: Client, bob: User, southmoor: Organisation) -> None:
    assert "Select a valid choice" in dora.post(ADD, wanted(southmoor)).content.decode()
    assert not Grant.objects.filter(user=bob).exists()


def test_ended_from_the_list_where_that_is_allowed(
    dora: Client, alice: User, bob: User, northmoor: Organisation, southmoor: Organisation
) -> None:
    here, there = (
        grant(user=bob, organisation=one, urp=URP.SUPPORT, reason="x", by=alice)
        for one in (northmoor, southmoor)
    )
    chosen: dict[str, object] = {"action": "end_now", "_selected_action": [here.pk, there.pk]}
    assert "write beside the action why" in dora.post(LIST, chosen, follow=True).content.decode()
    assert not Grant.objects.filter(ended_at__isnull=False).exists()
    chosen["reason"] = "moved on"
    text = dora.post(LIST, chosen, follow=True).content.decode()
    assert "1 ended at" in text
    assert "Not done for 1 of the rows chosen" in text
    here.refresh_from_db()
    there.refresh_from_db()
    assert (here.ended_by, here.end_reason) == ("dora", "moved on")
    assert there.ended_at is None


def test_deleting_takes_a_reason(dora: Client, northmoor: Organisation, southmoor: Organisation) -> None:
    address = "/admin/roles/notificationrecipient/"
    one, two, three = (
        NotificationRecipient.objects.create(organisation=northmoor, role="iat", email=f"{name}@example.org")
        for name in ("one", "two", "three")
    )
    theirs = NotificationRecipient.objects.create(organisation=southmoor, role="iat", email="a@example.org")
    single, chosen = {"post": "yes"}, {"post": "yes", "action": "delete_selected"}
    keys = {"_selected_action": [two.pk, three.pk]}
    assert "write why" in dora.post(f"{address}{one.pk}/delete/", single, follow=True).content.decode()
    assert "write why" in dora.post(address, {**chosen, **keys}, follow=True).content.decode()
    assert dora.post(f"{address}{theirs.pk}/delete/", single).status_code in {403, 404}
    assert NotificationRecipient.objects.count() == 4
    dora.post(f"{address}{one.pk}/delete/", {**single, "reason": "has left"})
    dora.post(address, {**chosen, **keys, "reason": "all have"})
    assert list(NotificationRecipient.objects.all()) == [theirs]
    gone = AuditEvent.objects.filter(verb="deleted").order_by("id").values_list("reason", flat=True)
    assert list(gone) == ["has left", "all have", "all have"]


def test_recipients_are_kept_in_the_own_organisation(
    dora: Client, northmoor: Organisation, southmoor: Organisation
) -> None:
    address = "/admin/roles/notificationrecipient/add/"
    form: dict[str, object] = {"role": "iat", "email": "team@northmoor.example"}
    assert dora.post(address, {**form, "organisation": northmoor.pk}).status_code == 302
    assert NotificationRecipient.objects.get().organisation == northmoor
    assert "valid choice" in dora.post(address, {**form, "organisation": southmoor.pk}).content.decode()
    wrong = {**form, "organisation": northmoor.pk, "email": "team"}
    assert "Enter a valid email address" in dora.post(address, wrong).content.decode()
    assert NotificationRecipient.objects.count() == 1
