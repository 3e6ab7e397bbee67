"""What the pages about something held back (promises P12) have in common: what it would do, and a person's decision."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cstf_site.console.mass import shares
from cstf_site.console.page import ConsoleView, address
from cstf_site.console.reason import ReasonForm
from interface.extract.holding import HoldDecidedError
from interface.models import ExtractHold, OutboundHold
from interface.outbound.guard import HoldSettledError
from people.tenancy import within

Hold = TypeVar("Hold", ExtractHold, OutboundHold)


class HeldView(ConsoleView, Generic[Hold]):
    """A page about one hold: its shares of the people it is of, and the form that decides it."""

    # Who may decide, and which words stand over the reason.
    release: ClassVar[str]
    why: ClassVar[str] = "Why"
    form: ReasonForm | None = None

    @property
    def hold(self) -> Hold:
        """The one in the path."""
        raise NotImplementedError

    def decide(self, *, by: str, reason: str) -> None:
        """What was asked for, in the scope of the hold's organisation."""
        raise NotImplementedError

    @property
    def may_release(self) -> bool:
        return self.request.user.has_perm(self.release, self.hold)

    @property
    def may_see_people(self) -> bool:
        """Names are personal data; counts are not."""
        return self.request.user.has_perm("people.view_person", self.hold)

    def crumbs(self) -> list[tuple[str, str]]:
        words = str(self.hold._meta.verbose_name_plural).capitalize()
        return [(words, reverse(f"admin:interface_{self.hold._meta.model_name}_changelist"))]

    def content(self) -> dict[str, Any]:
        hold = self.hold
        return {
            "hold": hold,
            "shares": shares(hold.population, changed=hold.changed, gone=hold.deleted),
            "form": self.form or ReasonForm(why=self.why),
            "may_release": self.may_release,
        }

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """A person's decision with its reason."""
        if not self.may_release:
            raise PermissionDenied
        self.form = ReasonForm(request.POST, why=self.why)
        if not self.form.is_valid():
            return self.get(request, **kwargs)
        try:
            with within(self.hold.organisation_id):
                self.decide(by=request.user.get_username(), reason=self.form.cleaned_data["reason"])
        except (HoldDecidedError, HoldSettledError) as refused:
            messages.error(request, str(refused))
        return self.here()

    def here(self) -> HttpResponse:
        """This page again."""
        return redirect(address(self.page.name, **self.kwargs))
