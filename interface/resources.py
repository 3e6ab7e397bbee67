"""Connections and mappings as tables that operators upload and download."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from import_export import widgets

from competencies.resources import CompetenceNames, competence_column
from interface.models import Connection, Encoding, ExpiryRule, Mapping, Restriction
from interface.models.connection import Transport
from people.resources import (
    ChoiceWidget,
    Column,
    DateWidget,
    LookupWidget,
    OrganisationColumns,
    Row,
    TextWidget,
    YesNoWidget,
    as_text,
    vpd_column,
)
from people.tables import quoted

BETWEEN_VALUES = ";"


class ListWidget(widgets.Widget):
    """Several values in one cell."""

    def clean(self, value: Any, row: Row | None = None, **kwargs: Any) -> list[str]:
        parts = TextWidget().clean(value).split(BETWEEN_VALUES)
        return [part.strip() for part in parts if part.strip()]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return BETWEEN_VALUES.join(value or ())


class ConnectionResource(OrganisationColumns):
    """connections.csv. The two running numbers are no columns: loading it again never turns them back."""

    organisation = vpd_column()
    code = Column("code", required=True)
    lms_name = Column("lms_name", required=True)
    supplier = Column("supplier")
    sub_type = Column("sub_type", default="CST")
    encoding = Column("encoding", ChoiceWidget(Encoding.values), default=Encoding.ISO_8859_1.value)
    restriction = Column("restriction", ChoiceWidget(Restriction.values), default=Restriction.ALL.value)
    restriction_values = Column("restriction_values", ListWidget())
    transport = Column("transport", ChoiceWidget(Transport.values), default=Transport.FOLDER.value)
    send_ni_number = Column("send_ni_number", YesNoWidget())
    live_on = Column("live_on", DateWidget())

    class Meta:
        model = Connection
        import_id_fields = ("organisation", "code")
        fields = (
            "organisation",
            "code",
            "lms_name",
            "supplier",
            "sub_type",
            "encoding",
            "restriction",
            "restriction_values",
            "transport",
            "send_ni_number",
            "live_on",
        )
        skip_unchanged = True
        skip_diff = True
        clean_model_instances = True
        use_transactions = True

    def of_list(self, listed: QuerySet[Any]) -> QuerySet[Any]:
        return listed.select_related("organisation")

    def do_instance_save(self, instance: Connection, is_create: bool) -> None:
        """A night that is under way moves what is no column here."""
        if is_create:
            super().do_instance_save(instance, is_create)
        else:
            instance.save(update_fields=self._meta.fields)


class MappingResource(CompetenceNames):
    """mappings.csv: several rows of one course map it to several competences."""

    organisation = vpd_column()
    connection = Column("connection", LookupWidget("find_connection", "code"), required=True)
    course_code = Column("course_code", TextWidget(on_the_wire=True), required=True)
    course_version = Column("course_version", TextWidget(on_the_wire=True), default="")
    competence = competence_column()
    expiry = Column("expiry", ChoiceWidget(ExpiryRule.values), default=ExpiryRule.RENEWAL.value)

    class Meta:
        model = Mapping
        import_id_fields = ("connection", "course_code", "course_version", "competence")
        fields = ("organisation", "connection", "course_code", "course_version", "competence", "expiry")
        skip_unchanged = True
        skip_diff = True
        clean_model_instances = True
        use_transactions = True

    def of_list(self, listed: QuerySet[Any]) -> QuerySet[Any]:
        return listed.select_related("organisation", "connection", "competence")

    def prepare(self) -> None:
        super().prepare()
        self._connections = {
            (connection.organisation.vpd, connection.code): connection
            for connection in Connection.objects.select_related("organisation")
        }

    def find_connection(self, text: str, row: Row) -> Connection:
        """By VPD and code."""
        vpd = as_text(row.get("vpd"))
        try:
            return self._connections[vpd, text]
        except KeyError:
            raise ValueError(
                f"organisation {quoted(vpd)} has no connection {quoted(text)}: add it to connections.csv"
            ) from None
