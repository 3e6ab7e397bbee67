"""allauth's forms, where ours are stricter: guessing codes is counted, and fields say what they want."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.forms import LoginForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from login.actions import password_given, use_up
from login.events import Kind, happened
from login.lockout import count_failure, refuse_if_locked
from people.audit.context import current

if TYPE_CHECKING:
    BaseAccountForm = UserChangeForm[User]
    BaseGivenPasswordForm = AdminPasswordChangeForm[User]
else:
    BaseAccountForm = UserChangeForm
    BaseGivenPasswordForm = AdminPasswordChangeForm


class LogInForm(LoginForm):
    """Asks for the user name as its label says it; placeholders vanish when somebody types."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "User name"
        self.fields["login"].widget.attrs.update(autocapitalize="none", spellcheck="false")
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            field.help_text = ""


class GuessesCounted:
    """A code is six digits: without a count it is guessed in an afternoon."""

    user: Any

    def clean_code(self) -> str:
        refuse_if_locked(context.request, self.user)
        try:
            code: str = super().clean_code()  # type: ignore[misc]  # the form beside which this stands has it
            if not use_up(code="".join(code.split())[:32], user=self.user):
                raise ValidationError("Incorrect code.")
        except ValidationError:
            count_failure(context.request, self.user)
            happened(Kind.FAILED, user=self.user, request=context.request, detail="(wrong code)")
            raise
        return code


class CodeForm(GuessesCounted, AuthenticateForm):
    """The second step of the log-in."""


class AccountForm(BaseAccountForm):
    """An account's page. Closing one, and giving or taking the superuser's powers, takes a reason."""

    reason = forms.CharField(
        label="Why",
        max_length=500,
        required=False,
        help_text="For closing an account, or the superuser's powers.",
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        closed = "is_active" in self.changed_data and not data.get("is_active")
        if (closed or "is_superuser" in self.changed_data) and not data.get("reason", "").strip():
            self.add_error("reason", "Say why: this cannot be explained later otherwise.")
        return data


class GivenPasswordForm(BaseGivenPasswordForm):
    """An administrator's, on the page of an account."""

    @transaction.atomic
    def save(self, commit: bool = True) -> User:
        user = super().save(commit)
        password_given(user=user, by=current().by)
        return user


class CodeAgainForm(GuessesCounted, ReauthenticateForm):
    """Before the account's own settings change."""
