"""Permission × organisation on every page of the console: the seam between Django's admin and tenancy.

Django asks "may this user change persons?"; here the question is always "… of which organisation?". The answer comes
from ``user.has_perm(permission, organisation)``, Django's own protocol for permissions on objects: this module knows
nothing of roles. What a page lists, offers, searches, exports, imports and acts on are the rows of the organisations
in which its user holds the very permission that this takes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth import get_permission_codename
from django.core.exceptions import BadRequest, FieldDoesNotExist, PermissionDenied
from django.db.models import Field, Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from people.audit.refusals import note_forged_choices, note_refusal
from people.models import Organisation
from people.tenancy import EVERYWHERE, Scope, current_scope

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

Action = Callable[..., Any]
# Of a key: longer ones fit no column.
_KEY_LENGTH: Final = 18


def organisations_where(allowed: Callable[[Organisation], bool]) -> Scope:
    """Of the organisations in scope those for which ``allowed``; no query is made."""
    scope = current_scope()
    if isinstance(scope, frozenset):
        return frozenset(key for key in scope if allowed(Organisation(pk=key)))
    return frozenset() if scope is None else scope


def of_organisations(rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    """The rows that belong to these organisations, and those that belong to none."""
    if scope is EVERYWHERE:
        return rows
    if rows.model is Organisation:
        return rows.filter(pk__in=scope)
    try:
        field = rows.model._meta.get_field("organisation")
    except FieldDoesNotExist:
        return rows
    theirs = Q(organisation__in=scope)
    return rows.filter(theirs | Q(organisation__isnull=True) if field.null else theirs)


class ByOrganisation:
    """Asks for permission on the row in question, which for an inline is the row of its page."""

    opts: Any

    def may(self, request: HttpRequest, verb: str, obj: Any = None) -> bool:
        """Whether the user holds Django's permission ``verb`` on the model: anywhere, or for this row."""
        codename = get_permission_codename(verb, self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{codename}", obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By the row's organisation."""
        return self.may(request, "view", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By the row's organisation."""
        return self.may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By the row's organisation."""
        return self.may(request, "delete", obj)


class ScopedAdmin(ByOrganisation, ModelAdmin):
    """The base of every page of the console on a model."""

    # --- Which organisations --------------------------------------------------------------------------

    def organisations(self, request: HttpRequest, *verbs: str) -> Scope:
        """Those in which the user holds all of these verbs: Django's, or of this page's ``has_…_permission``."""
        return organisations_where(lambda one: all(self._holds(request, verb, one) for verb in verbs))

    def _holds(self, request: HttpRequest, verb: str, organisation: Organisation) -> bool:
        if verb == "add":  # whose method takes no row
            return self.may(request, verb, organisation)
        answer: bool = getattr(self, f"has_{verb}_permission")(request, organisation)
        return answer

    def _organisations_written(self, request: HttpRequest) -> Scope:
        return organisations_where(
            lambda one: self._holds(request, "add", one) or self._holds(request, "change", one)
        )

    # --- Rows -----------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What may be seen, wherever the page gets its rows: list, form, search, export, autocomplete, history."""
        return of_organisations(super().get_queryset(request), self.organisations(request, "view"))

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """A row that one may not know of answers as one that is not there."""
        raise Http404(f"There is no {opts.verbose_name} with this key.")

    # --- Forms ----------------------------------------------------------------------------------------

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """What a form offers and takes: rows of the organisations in which this model may be written."""
        choices = super().get_field_queryset(db, db_field, request)
        if choices is None:
            choices = db_field.remote_field.model._default_manager.using(db)
        return self.among_choices(choices, request)

    def among_choices(self, rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
        """Those of these rows to which a row that the user may write can refer."""
        return of_organisations(rows, self._organisations_written(request))

    def formfield_for_foreignkey(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """What belongs to no organisation is everybody's: only the superuser makes it."""
        formfield = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[arg-type]  # a ForeignKey
        if (
            formfield is not None
            and db_field.related_model is Organisation
            and current_scope() is not EVERYWHERE
        ):
            formfield.required = True
        return formfield

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """The last word, on the row as it is going to be: its form offered nothing else."""
        if not self.may(request, "change" if change else "add", obj):
            raise PermissionDenied
        super().save_model(request, obj, form, change)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What the address proposes for a new row; what can be no key is no proposal."""
        proposed: dict[str, Any] = super().get_changeform_initial_data(request)
        related = {field.name for field in self.opts.get_fields() if field.is_relation}
        return {
            name: value for name, value in proposed.items() if name not in related or _is_number(str(value))
        }

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """A choice that the form did not offer was forged, or is gone since: the form says so, and the audit too."""
        if request.method == "POST":
            note_forged_choices(context["adminform"].form)
        return super().render_change_form(request, context, *args, **kwargs)

    # --- Actions --------------------------------------------------------------------------------------

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *args: Any) -> Any:
        """What was chosen are keys, of an action that is offered: whatever else was sent, no list had it."""
        if not all(map(_is_number, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise BadRequest("What was chosen are no rows of this list.")
        wanted = set(request.POST.getlist("action")) - {""}
        if not wanted <= self.get_actions(request).keys():
            note_refusal("an action that is not offered")
        return super().response_action(request, queryset, *args)

    def get_actions(self, request: HttpRequest) -> dict[str, tuple[Action, str, str] | None]:
        """Each on the rows of those organisations alone in which the user holds the action's own permission."""
        actions = super().get_actions(request).values()
        return {name: (_within_rights(act), name, text) for act, name, text in filter(None, actions)}


def _within_rights(act: Action) -> Action:
    verbs = getattr(act, "allowed_permissions", ())

    @wraps(act)
    def acted(page: ScopedAdmin, request: HttpRequest, chosen: QuerySet[Any]) -> Any:
        allowed = of_organisations(chosen, page.organisations(request, *verbs))
        seen, count = chosen.count(), allowed.count()
        _refuse(request, seen - count, "your role in their organisation does not allow it")
        if request.POST.get("select_across") in (None, "", "0"):
            sent = len(set(request.POST.getlist(ACTION_CHECKBOX_NAME)))
            _refuse(request, sent - seen, "they are not there, or no longer")
        return act(page, request, allowed) if count else None

    return acted


def _refuse(request: HttpRequest, count: int, why: str) -> None:
    """An action passes over so many of the rows chosen, and says so."""
    if count > 0:
        messages.error(request, f"Not done for {count} of the rows chosen: {why}.")
        note_refusal(f"an action on rows chosen: {why}", rows=count)


def _is_number(text: str) -> bool:
    """Fit to be compared with a key: every model of the console has numbers for keys."""
    return text.isascii() and text.isdecimal() and len(text) <= _KEY_LENGTH
