"""The console's pages on grants and on the recipients of notification roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from people.audit.pages import NO_REASON, ReasonForm, reason_given
from people.audit.refusals import note_refusal
from people.console_admin import ConsoleAdmin, OrganisationFilter
from people.dates import london_today
from people.models import Organisation
from roles.actions import GrantRefusedError, end_grant, grant, refusals
from roles.models import Grant, NotificationRecipient

if TYPE_CHECKING:
    GrantModelForm = forms.ModelForm[Grant]
else:
    GrantModelForm = forms.ModelForm


WANTED = ("organisation", "urp", "starts_on", "ends_on", "reason")


class GrantForm(GrantModelForm):
    """Asks for the account by its name: a list of accounts would show who works elsewhere."""

    by: User
    account = forms.CharField(
        label="Account", max_length=150, help_text="The name with which they log in, in full."
    )

    class Meta:
        model = Grant
        fields = WANTED

    def clean_account(self) -> User:
        """An account that is open."""
        name = self.cleaned_data["account"].strip()
        account = User.objects.filter(username=name, is_active=True).first()
        if account is None:
            raise forms.ValidationError(
                "No open account has this name. Is it spelled as they type it to log in?"
            )
        return account

    def clean(self) -> dict[str, Any]:
        """What the verb would refuse is said beside the form, all of it at once."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            wanted = Grant(user=data["account"], **{name: data[name] for name in WANTED})
            for refusal in refusals(wanted, by=self.by):
                note_refusal(f"a grant: {refusal}")
                self.add_error(None, refusal)
        return data


class InForceFilter(admin.SimpleListFilter):
    """In force today, to come, or over."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", "In force"), ("later", "To come"), ("over", "Over")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Grant]) -> QuerySet[Grant]:
        today = london_today()
        chosen = {
            "now": Q(ended_at__isnull=True, starts_on__lte=today)
            & (Q(ends_on__isnull=True) | Q(ends_on__gte=today)),
            "later": Q(ended_at__isnull=True, starts_on__gt=today),
            "over": Q(ended_at__isnull=False) | Q(ends_on__lt=today),
        }
        return queryset.filter(chosen.get(str(self.value()), Q()))


@admin.register(Grant)
class GrantAdmin(ConsoleAdmin):
    """Made and ended by the verbs; never changed."""

    list_display = ("urp_in_vpd", "user", "starts_on", "ends_on", "in_force", "granted_by", "ended_at")
    list_filter = (OrganisationFilter, InForceFilter, "urp")
    list_select_related = ("organisation", "user")
    search_fields = ("=user__username", "reason")
    search_help_text = "The name with which somebody logs in, or a word of the reason"
    action_form = ReasonForm
    actions = ("end_now",)
    form = GrantForm

    @admin.display(description="URP", ordering="organisation")
    def urp_in_vpd(self, given: Grant) -> str:
        return str(given)

    @admin.display(description="in force", boolean=True)
    def in_force(self, given: Grant) -> bool:
        return given.is_in_force(on=london_today())

    def get_fields(self, request: HttpRequest, obj: Grant | None = None) -> Any:
        """A grant that stands shows all there is to tell of it."""
        if obj is None:
            return ("account", *WANTED)
        return [field.name for field in Grant._meta.fields if field.name != "id"]

    def get_form(
        self, request: HttpRequest, obj: Grant | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Knows who grants."""
        return type("GrantForm", (super().get_form(request, obj, change, **kwargs),), {"by": request.user})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """From today, in the organisation where there is but one to choose."""
        choices = list(self.among_choices(Organisation.objects.in_scope(), request)[:2])
        only = {"organisation": choices[0].pk} if len(choices) == 1 else {}
        return {"starts_on": london_today(), **only, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """By the verb, which has the last word."""
        assert isinstance(request.user, User)
        assert isinstance(obj, Grant)
        made = grant(
            user=form.cleaned_data["account"],
            organisation=obj.organisation,
            urp=obj.urp,
            starts_on=obj.starts_on,
            ends_on=obj.ends_on,
            reason=obj.reason,
            by=request.user,
        )
        obj.pk = made.pk

    def has_end_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its own permission, by organisation."""
        return request.user.has_perm("roles.end_grant", obj)

    @admin.action(description="End now: the account has to log in again", permissions=["end"])
    def end_now(self, request: HttpRequest, queryset: QuerySet[Grant]) -> None:
        assert isinstance(request.user, User)
        reason, count = reason_given(request), 0
        if not reason:
            messages.error(request, NO_REASON)
            return
        for given in queryset.select_related("organisation", "user"):
            try:
                end_grant(given, by=request.user, reason=reason)
            except GrantRefusedError as refused:
                note_refusal(f"the end of a grant: {refused}", grant=str(given.pk))
                messages.error(request, f"{given.user}, {given}: {refused}")
            else:
                count += 1
        if count:
            messages.success(request, f"{count} ended at {timezone.localtime():%H:%M}.")


@admin.register(NotificationRecipient)
class NotificationRecipientAdmin(ConsoleAdmin):
    list_display = ("role", "email", "organisation")
    list_filter = (OrganisationFilter, "role")
    list_select_related = ("organisation",)
    search_fields = ("email",)
