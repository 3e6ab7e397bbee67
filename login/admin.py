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
from django.http import HttpRequest

from login.actions import end_sessions
from login.enrolment import InUseError, make_link, send_link
from people.audit.pages import AuditedAdmin

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
                "fields": ("is_active", "is_superuser"),
                "description": "What an account may do is granted as URPs.",
            },
        ),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    list_display = ("username", "email", "first_name", "last_name", "is_active", "is_superuser")
    list_filter = ("is_active", "is_superuser")
    filter_horizontal = ()
    actions = ("make_enrolment_link",)

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

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        assert isinstance(obj, User)
        if change and not obj.is_active:
            end_sessions(user=obj, by=request.user.get_username())
