"""Putting a file into a connection's In by hand: corrected records, or a file that came by another way."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from cstf_site.console.page import address, console_page
from cstf_site.console.pages.connection import OfConnection
from interface.by_hand.quota import was_too_large
from interface.by_hand.sheets.limits import MEBIBYTE
from interface.inbound.deliver import DeliveryRefusedError, deliver
from interface.questions.rejected import next_name
from people.dates import london_today
from people.tenancy import within


class DeliverForm(forms.Form):
    """The file, under the name that it has."""

    file = forms.FileField(label="File", widget=forms.FileInput(attrs={"accept": ".dat,.DAT"}))

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        size = f"{settings.UPLOAD_MAX_BYTES // MEBIBYTE:,} MB"
        field = self.fields["file"]
        field.help_text = f"A completions file or a re-seed request, named as agreed; at most {size}."
        if too_large:
            field.error_messages["required"] = (
                f"The file is larger than {size}: put it into the folder In itself."
            )


@console_page(
    name="deliver", path="connections/<int:connection>/deliver/", title="Put a file into In",
    permission="interface.deliver_inboundfile",
)  # fmt: skip
class DeliverView(OfConnection):
    """A form for one file."""

    template_name = "console/deliver.html"
    form: DeliverForm | None = None

    def content(self) -> dict[str, Any]:
        connection = self.connection
        return {
            "connection": connection,
            "form": self.form or DeliverForm(),
            "expected": next_name(connection, on=london_today()),
        }

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Puts it there, or says why not."""
        # Only when it has been read can it be told that it was too large.
        sent, files = request.POST, request.FILES
        self.form = DeliverForm(sent, files, too_large=was_too_large(request))
        if not (self.form.is_valid() and self._delivered(self.form)):
            return self.get(request, **kwargs)
        return redirect(address("connection", connection=self.connection.pk))

    def _delivered(self, form: DeliverForm) -> bool:
        file = form.cleaned_data["file"]
        try:
            with within(self.connection.organisation):
                deliver(
                    self.connection,
                    name=file.name,
                    content=file.chunks(),
                    by=self.request.user.get_username(),
                )
        except (DeliveryRefusedError, OSError) as refused:
            form.add_error("file", str(refused))
            return False
        messages.success(self.request, f"{file.name} lies in In: it is taken in at the next exchange.")
        return True
