"""The console's door: whoever holds a grant in force comes in, and its one autocomplete view shows what they may see.

``GrantedSite`` is the base of the site that the composition root installs.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.models import LogEntry
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from people.audit.refusals import note_refusal
from people.scoped_admin import ScopedAdmin
from roles.holdings import holdings_of

NO_ROLE = (
    "No role is granted to your account today. A role administrator of your organisation can grant one: tell them "
    "the name with which you log in."
)


class GrantedSite(AdminSite):
    """An admin site for those who hold something, whatever `is_staff` says."""

    def has_permission(self, request: HttpRequest) -> bool:
        """An active account with any grant in force, or the superuser, who installs."""
        user = request.user
        return user.is_active and (user.is_superuser or bool(holdings_of(user).organisations))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One page to log in, with all that belongs to it: the admin's own would ask for a password alone."""
        index = reverse("admin:index", current_app=self.name)
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next") or index)
        if not self.has_permission(request):
            note_refusal("no role is granted to the account today")
            raise PermissionDenied(NO_ROLE)
        return HttpResponseRedirect(index)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """The one view behind every choice that is searched for."""
        answer = ScopedAutocomplete.as_view(admin_site=self)(request)
        assert isinstance(answer, HttpResponse)
        return answer

    def get_log_entries(self, request: HttpRequest) -> QuerySet[LogEntry]:
        """Recent actions name rows: a user whose role has ended since is not to read them there."""
        if request.user.is_superuser:
            return super().get_log_entries(request)
        return LogEntry.objects.none()


class ScopedAutocomplete(AutocompleteJsonView):
    """Offers what the form that asks would take, to whoever may fill in that form."""

    def has_perm(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Both ends: the rows offered are seen, the model that asks is written."""
        asking = self._asking()
        writes = asking is not None and (
            asking.has_add_permission(request) or asking.has_change_permission(request)
        )
        return writes and super().has_perm(request, obj)

    def get_queryset(self) -> QuerySet[Any]:
        """Rows of the organisations in which the asking model may be written."""
        asking = self._asking()
        assert asking is not None, "has_perm() has refused it"
        return asking.among_choices(super().get_queryset(), self.request)

    def _asking(self) -> ScopedAdmin | None:
        assert self.admin_site is not None
        page = self.admin_site._registry.get(self.source_field.model)
        return page if isinstance(page, ScopedAdmin) else None
