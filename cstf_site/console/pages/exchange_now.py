"""Tonight's exchange of one connection, now: what it would begin with, a person's yes, and how far it is."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from cstf_site.console.home import list_of, night_address
from cstf_site.console.in_background import asked_at, back_to
from cstf_site.console.page import address, console_page
from cstf_site.console.pages.connection import OfConnection
from interface.background import latest, progress_of
from interface.exchange_now import ExchangeRefusedError, ahead, ask_for_exchange, why_not
from interface.models import InboundFile
from interface.nightly import JOB
from people.dates import london_today
from people.tenancy import within


@console_page(
    name="exchange_now", path="connections/<int:connection>/exchange/", title="Exchange now",
    permission="interface.exchange_connection",
)  # fmt: skip
class ExchangeNowView(OfConnection):
    """Says what will happen, asks for it, and tells when it is done."""

    template_name = "console/exchange_now.html"

    def content(self) -> dict[str, Any]:
        connection, today = self.connection, london_today()
        # The run ledger and the folders are not for everybody who may ask; how far what they asked for is, is.
        with within(connection.organisation):
            run = latest(JOB, subject=connection.code, organisation=connection.organisation_id)
            content = {
                "connection": connection,
                "today": today,
                "why_not": why_not(connection, on=today),
                "ahead": ahead(connection, on=today),
                **progress_of(run, asked_at=asked_at(self.request)),
            }
        return {
            **content,
            "held_in": list_of(InboundFile, {"state__exact": "held", "connection": str(connection.pk)}),
            "night": night_address(run.business_date if run else today, connection),
        }

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """A person's yes."""
        here = address("exchange_now", connection=self.connection.pk)
        try:
            with within(self.connection.organisation):
                ask_for_exchange(self.connection, on=london_today(), by=request.user.get_username())
        except ExchangeRefusedError as refused:
            messages.error(request, str(refused))
            return redirect(here)
        return back_to(here)
