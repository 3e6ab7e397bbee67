"""What the console's pages owe the audit: whatever is added, changed or deleted on one, by whichever form.

Django's admin saves through a handful of methods, whether the form, the list's own fields, an inline or an action
asked for it. They are taken here, so that no page can forget one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from people.audit.actions import record_many
from people.audit.changes import change_of, deletion_of
from people.audit.context import acting, current
from people.audit.events import Event, organisation_of
from people.audit.states import doomed, stored_state
from people.audit.watching import note_view
from people.models.audit import AuditEvent
from people.tenancy import everywhere

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


NO_REASON = "Nothing was done: write beside the action why, then choose it again."
# Of one record's history; the list of the audit shows all.
_SHOWN = 200


class AuditedAdmin(ModelAdmin):
    """Every change that is made by way of this page stands in the audit, in its own transaction."""

    # Of a page whose rows are no person's record, whatever they tell.
    views_are_noted = True

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Shown to somebody who only looks, a person's record says so."""
        if obj is not None and self.views_are_noted and request.method == "GET":
            note_view(obj, request.user)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What the audit tells of this record, the newest first, to whoever may see the record."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404(f"There is no {self.opts.verbose_name} with this key.")
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        events = history_of(row)
        context = {
            **self.admin_site.each_context(request),
            "title": f"History: {row}",
            "events": events,
            "is_cut": len(events) == _SHOWN,
            "audit": _in_the_audit(request, row),
            "object": row,
            "opts": self.opts,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/audit_history.html", context)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:  # type: ignore[override]  # nothing is made
        """Django's own log is not kept: it knows no bulk path, forgets nothing and could be rewritten."""

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:  # type: ignore[override]  # as above
        """See above."""

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:  # type: ignore[override]  # as above
        """See above."""

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Notes what is stored before it is overwritten. A page that saves by a verb, which records, notes nothing."""
        form.stored_before = stored_state(obj) if change else {}
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Here all is saved that one form holds, what it ties many to many too."""
        super().save_related(request, form, formsets, change)
        before = getattr(form, "stored_before", None)
        if before is not None:
            _record([change_of(form.instance, before=before, after=stored_state(form.instance))])

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        before = {row.pk: stored_state(row) for row in _touched(formset)}
        super().save_formset(request, form, formset, change)
        saved = [
            *getattr(formset, "new_objects", ()),
            *(row for row, _ in getattr(formset, "changed_objects", ())),
        ]
        changes = [change_of(row, before=before.get(row.pk, {}), after=stored_state(row)) for row in saved]
        gone = [deletion_of(row) for row in getattr(formset, "deleted_objects", ())]
        _record([*changes, *gone])

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """A deletion is not taken back: it takes a reason, of whoever may delete the row at all."""
        return _with_reason(
            request, lambda: super(AuditedAdmin, self).delete_view(request, object_id, extra_context)
        )

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *args: Any) -> Any:
        """What is written beside an action is the reason of all that it does."""
        return _with_reason(
            request, lambda: super(AuditedAdmin, self).response_action(request, queryset, *args)
        )

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        _need_reason()
        with transaction.atomic():
            events = [deletion_of(row) for row in doomed([obj])]
            super().delete_model(request, obj)
            _record(events)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        _need_reason()
        with transaction.atomic():
            events = [deletion_of(row) for row in doomed(queryset)]
            super().delete_queryset(request, queryset)
            _record(events)


class ReasonMissingError(Exception):
    """Something is not done before somebody says why."""


def _need_reason() -> None:
    if not current().reason:
        raise ReasonMissingError


def _with_reason(request: HttpRequest, view: Callable[[], Any]) -> Any:
    """The view's answer; where it wants for a reason, the same page again, which says so."""
    try:
        with acting(reason=reason_given(request) or None):
            return view()
    except ReasonMissingError:
        messages.error(request, "Nothing was deleted: write why, then delete again.")
        return HttpResponseRedirect(request.get_full_path())


def _in_the_audit(request: HttpRequest, row: Model) -> str:
    """Where the audit lists the record's events, for whoever may see that list."""
    if not request.user.has_perm("people.view_auditevent"):
        return ""
    query = urlencode({"record_type": row._meta.label_lower, "record_key": row.pk})
    return f"{reverse('admin:people_auditevent_changelist')}?{query}"


def history_of(row: Model) -> list[AuditEvent]:
    """The newest of its events. Whoever sees the record may see them, whichever events they see otherwise."""
    with everywhere("the record itself was asked for within the scope"):
        events = AuditEvent.objects.filter(record_type=row._meta.label_lower, record_key=str(row.pk))
        return list(events.filter(organisation_id=organisation_of(row)).order_by("-id")[:_SHOWN])


def _touched(formset: Any) -> Iterable[Model]:
    """The stored rows that an inline's forms may change or delete."""
    return [
        one.instance for one in formset.initial_forms if one.instance.pk is not None and one.has_changed()
    ]


def _record(events: Iterable[Event | None]) -> None:
    record_many(event for event in events if event is not None)


class ReasonForm(ActionForm):
    """Beside the choice of an action, room for its reason. Grave actions do nothing without one."""

    reason = forms.CharField(label="Why:", required=False, max_length=500)


def reason_given(request: HttpRequest) -> str:
    """What was written beside the action."""
    return request.POST.get("reason", "").strip()[:500]
