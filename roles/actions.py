"""Granting a URP, and ending a grant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from login.actions import end_sessions
from people.audit.actions import gathering, record
from people.audit.states import state_of
from people.dates import london_today, written
from people.models import Organisation
from roles.holdings import holdings_of
from roles.models import Grant
from roles.urps import shown


class GrantRefusedError(ValueError):
    """The grant is not made, or not ended; the text says why, for whoever asked."""


@transaction.atomic
def grant(
    *,
    user: User,
    organisation: Organisation,
    urp: str,
    reason: str,
    by: User,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Grant:
    """``user`` holds the URP in the organisation, from today or a later day. Raises GrantRefusedError."""
    made = Grant(
        user=user,
        organisation=organisation,
        urp=urp,
        starts_on=starts_on or london_today(),
        ends_on=ends_on,
        reason=reason.strip(),
        granted_at=timezone.now(),
        granted_by=by.get_username(),
    )
    # Two people granting the same at once: the second sees the first.
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    for refusal in refusals(made, by=by):
        raise GrantRefusedError(refusal)
    made.save(force_insert=True)
    told = state_of(made) | {"whose": user.get_username()}
    record(verb="granted", about=made, after=told, reason=made.reason, by=made.granted_by)
    return made


def refusals(wanted: Grant, *, by: User) -> Iterator[str]:
    """Why ``by`` may not make this grant: a sentence for each reason, none where it may be made."""
    name = shown(wanted.urp, wanted.organisation.vpd)
    today = london_today()
    if wanted.starts_on < today:
        yield f"A grant begins today or later: {written(wanted.starts_on)} has passed."
    if wanted.ends_on is not None and wanted.ends_on < wanted.starts_on:
        yield "The last day lies before the first."
    if not wanted.reason:
        yield "Say why: a grant without a reason cannot be explained later."
    if not wanted.user.is_active:
        yield f"The account {wanted.user} is closed."
    if not by.is_superuser:
        yield from _beyond(wanted, by, name)
    overlapping = Grant.objects.not_over(on=wanted.starts_on).filter(
        Q() if wanted.ends_on is None else Q(starts_on__lte=wanted.ends_on),
        user=wanted.user,
        organisation=wanted.organisation,
        urp=wanted.urp,
    )
    if overlapping.exists():
        yield f"{wanted.user} holds {name} already in this time."


def _beyond(wanted: Grant, by: User, name: str) -> Iterator[str]:
    if wanted.user == by:
        yield "Nobody grants to themselves: ask another role administrator."
    if not by.has_perm("roles.add_grant", wanted.organisation):
        yield f"You do not grant in {wanted.organisation.vpd}: that takes Role Administration there."
    elif not holdings_of(by).covers(wanted.urp, wanted.organisation.pk):
        yield f"{name} gives more than you hold in {wanted.organisation.vpd}: nobody grants more than they hold."


@gathering()
def end_grant(given: Grant, *, by: User, reason: str) -> None:
    """The grant gives nothing from now on, and its account has to log in again. Raises GrantRefusedError."""
    why = reason.strip()[:200]
    if not why:
        raise GrantRefusedError("Say why: an end without a reason cannot be explained later.")
    if not by.has_perm("roles.end_grant", given.organisation):
        raise GrantRefusedError(
            f"You end no grants in {given.organisation.vpd}: that takes Role Administration there."
        )
    ended = Grant.objects.filter(pk=given.pk, ended_at__isnull=True).update(
        ended_at=timezone.now(), ended_by=by.get_username(), end_reason=why
    )
    if not ended:
        raise GrantRefusedError("This grant was ended before.")
    given.refresh_from_db()
    ending = {"ended_at": given.ended_at, "whose": given.user.get_username()}
    record(verb="grant ended", about=given, after=ending, reason=given.end_reason, by=given.ended_by)
    end_sessions(user=given.user, by=by.get_username())
