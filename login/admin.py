"""Accounts in the console. allauth's own pages are taken away: one of them shows the secrets of second factors.
So is Django's on groups, which give nothing here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from login.actions import end_sessions, reset_second_factor
from login.enrolment import InUseError, make_link, send_link
from login.forms import AccountForm, GivenPasswordForm
from people.audit.context import acting
from people.audit.pages import NO_REASON, AuditedAdmin, ReasonForm, reason_given

if TYPE_CHECKING:
    UserAdmin = DjangoUserAdmin[User]
else:
    UserAdmin = DjangoUserAdmin

for model in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken, User, Group):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(User)
class AccountAdmin(AuditedAdmin, UserAdmin):
    """Django's page for accounts; closing one logs it out everywhere.

    Permissions come from grants alone, so that the page offers none, nor groups.
    """

    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        (
            "Access",
            {
                "fields": ("is_active", "is_superuser", "reason"),
                "description": "What an account may do is granted as URPs.",
            },
        ),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    list_display = ("username", "email", "first_name", "last_name", "is_active", "is_superuser")
    list_filter = ("is_active", "is_superuser")
    filter_horizontal = ()
    form = AccountForm
    change_password_form = GivenPasswordForm
    action_form = ReasonForm
    actions = ("make_enrolment_link", "take_second_factor")

    @admin.action(description="Make a link to enter a new account by", permissions=["change"])
    def make_enrolment_link(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """E-mailed where there is an address; shown once, to be handed over, where there is none."""
        for user in queryset:
            try:
                address = make_link(user=user, request=request, by=request.user.get_username())
            except InUseError:
                self.message_user(
                    request, f"No link was made for {user}: the account is closed or in use.", messages.ERROR
                )
                continue
            if user.email:
                send_link(user=user, address=address)
                self.message_user(request, f"The link for {user} was sent to {user.email}.")
            else:
                said = f"Hand this to {user} by a safe way. It works once, for an hour: {address}"
                self.message_user(request, said, messages.WARNING)

    @admin.action(description="Take the second factor away: it is lost", permissions=["change"])
    def take_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Whoever asks for it must have been recognised by another way, which the reason says."""
        reason = reason_given(request)
        if not reason:
            self.message_user(request, NO_REASON, messages.ERROR)
            return
        with acting(reason=reason):
            for user in queryset:
                count = reset_second_factor(user=user, by=request.user.get_username())
                said = f"{user}: {count} factors taken away; the next log-in sets up a new one."
                self.message_user(request, said)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The reason that the form asks for stands with the change."""
        with acting(reason=reason_given(request) or None):
            return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """What is taken from an account ends its sessions: all of it, or the superuser's powers."""
        super().save_model(request, obj, form, change)
        assert isinstance(obj, User)
        taken = not obj.is_active or ("is_superuser" in form.changed_data and not obj.is_superuser)
        if change and taken:
            end_sessions(user=obj, by=request.user.get_username())
