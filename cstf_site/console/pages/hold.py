"""An outbound file that is held back (promises P12): what it would do, and a person's yes with its reason."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property

from cstf_site.console.mass import shares
from cstf_site.console.of_rows import OfOutboundHold
from cstf_site.console.page import address, console_page
from interface.outbound.actions import release_hold
from interface.outbound.guard import HoldSettledError
from interface.questions.held import would_change, would_delete
from interface.scope import why_not
from people.audit.watching import note_views
from people.dates import london_today
from people.models import Person
from people.names import names_of
from people.tenancy import within

RELEASE: Final = "interface.release_outboundhold"
SHOWN: Final = 10


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label="Why the file is to go out as it is", max_length=200)


@console_page(
    name="hold", path="exchange/hold/<int:outboundhold>/", title="A file held back",
    permission="interface.view_outboundhold",
)  # fmt: skip
class HoldView(OfOutboundHold):
    """The counts of the night that held it; and, of people whom the user may see, who would be deleted or changed."""

    template_name = "console/hold.html"
    form: ReasonForm | None = None

    def title(self) -> str:
        return f"Held back: {self.hold.get_kind_display().lower()} of {self.hold.connection}"

    def crumbs(self) -> list[tuple[str, str]]:
        return [("Outbound holds", reverse("admin:interface_outboundhold_changelist"))]

    @cached_property
    def may_see_people(self) -> bool:
        """Names are personal data; counts are not."""
        return self.request.user.has_perm("people.view_person", self.hold)

    def content(self) -> dict[str, Any]:
        hold = self.hold
        content = {
            "hold": hold,
            "shares": shares(hold.population, changed=hold.changed, gone=hold.deleted),
            "form": self.form or ReasonForm(),
            "may_release": self.request.user.has_perm(RELEASE, hold),
            "may_see_people": self.may_see_people,
            "connection_url": address("connection", connection=hold.connection_id),
        }
        return content | (self._people() if hold.settled_at is None else {})

    def _people(self) -> dict[str, Any]:
        hold, today = self.hold, london_today()
        with within(hold.connection.organisation):
            pages = Paginator(would_delete(hold.connection, on=today), SHOWN)
            page = pages.get_page(self.request.GET.get("page"))
            content: dict[str, Any] = {"deleted_now": pages.count, "rows": page}
            if not self.may_see_people:
                return content
            sample = would_change(hold.connection, on=today)
            changing = sample.people[:SHOWN]
            names = names_of([*page, *(person for person, _ in changing)], on=today)
            leaving = [
                (person.pk, names[person.pk], why_not(person, hold.connection, on=today)) for person in page
            ]
        self._note([*page, *(person for person, _ in changing)])
        return {
            **content,
            "leaving": leaving,
            "sample": sample,
            "changing": [(person.pk, names[person.pk], said) for person, said in changing],
        }

    def _note(self, persons: list[Person]) -> None:
        note_views(persons, self.request.user)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """A person's yes."""
        if not request.user.has_perm(RELEASE, self.hold):
            raise PermissionDenied
        self.form = ReasonForm(request.POST)
        if not self.form.is_valid():
            return self.get(request, **kwargs)
        try:
            with within(self.hold.connection.organisation):
                release_hold(
                    self.hold, by=request.user.get_username(), reason=self.form.cleaned_data["reason"]
                )
        except HoldSettledError as refused:
            messages.error(request, str(refused))
        else:
            messages.success(
                request, "The file will go out at the next exchange, with whatever it then holds."
            )
        return redirect(address("hold", outboundhold=self.hold.pk))
