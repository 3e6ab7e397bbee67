"""What the console's pages owe the audit: whatever is added, changed or deleted on one, by whichever form.

Django's admin saves through a handful of methods, whether the form, the list's own fields, an inline or an action
asked for it. They are taken here, so that no page can forget one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from people.audit.actions import record_many
from people.audit.changes import change_of, deletion_of
from people.audit.events import Event
from people.audit.states import doomed, stored_state

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class AuditedAdmin(ModelAdmin):
    """Every change that is made by way of this page stands in the audit, in its own transaction."""

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

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        with transaction.atomic():
            events = [deletion_of(row) for row in doomed([obj])]
            super().delete_model(request, obj)
            _record(events)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            events = [deletion_of(row) for row in doomed(queryset)]
            super().delete_queryset(request, queryset)
            _record(events)


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
