"""An outbound file that is held back (promises P12): what it would do, and a person's yes with its reason."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator

from cstf_site.console.held import HeldView
from cstf_site.console.of_rows import InPath
from cstf_site.console.page import address, console_page
from interface.models import OutboundHold
from interface.outbound.actions import release_hold
from interface.questions.held import would_change, would_delete
from interface.scope import why_not
from people.audit.watching import note_views
from people.dates import london_today
from people.names import names_of
from people.tenancy import within

SHOWN: Final = 10


@console_page(
    name="hold", path="exchange/hold/<int:outboundhold>/", title="A file held back",
    permission="interface.view_outboundhold",
)  # fmt: skip
class HoldView(HeldView[OutboundHold]):
    """The counts of the night that held it; and, of people whom the user may see, who would be deleted or changed."""

    template_name = "console/hold.html"
    release = "interface.release_outboundhold"
    why = "Why the file is to go out as it is"
    hold = InPath(OutboundHold, beside="connection__organisation")

    def title(self) -> str:
        return f"Held back: {self.hold.get_kind_display().lower()} of {self.hold.connection}"

    def content(self) -> dict[str, Any]:
        return {
            **super().content(),
            "may_see_people": self.may_see_people,
            "connection_url": address("connection", connection=self.hold.connection_id),
            **(self._people() if self.hold.settled_at is None else {}),
        }

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
        note_views([*page, *(person for person, _ in changing)], self.request.user)
        return {
            **content,
            "leaving": leaving,
            "sample": sample,
            "changing": [(person.pk, names[person.pk], said) for person, said in changing],
        }

    def decide(self, *, by: str, reason: str) -> None:
        release_hold(self.hold, by=by, reason=reason)
        told = "The file will go out at the next exchange, with whatever it then holds."
        messages.success(self.request, told)
