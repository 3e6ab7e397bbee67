"""Organisations as a table, and the column that says whose a row is."""

from __future__ import annotations

from people.models import Organisation
from people.resources.table import Column, TableResource
from people.resources.widgets import DateWidget, LookupWidget, Row, YesNoWidget
from people.tables import quoted


class OrganisationColumns(TableResource):
    """What tables of an organisation's data share: the VPD column, looked up once a file."""

    def prepare(self) -> None:
        super().prepare()
        self._organisations = {one.vpd: one for one in Organisation.objects.in_scope()}

    def find_organisation(self, text: str, row: Row) -> Organisation:
        """By VPD, of those in scope."""
        try:
            return self._organisations[text]
        except KeyError:
            raise ValueError(
                f"no organisation has the VPD {quoted(text)}, of those that this file is for"
            ) from None


def vpd_column(*, required: bool = True) -> Column:
    """The VPD of the organisation that a row belongs to."""
    return Column(
        "vpd", LookupWidget("find_organisation", "vpd"), attribute="organisation", required=required
    )


class OrganisationResource(TableResource):
    """organisations.csv."""

    vpd = Column("vpd", required=True)
    ods_code = Column("ods_code")
    name = Column("name", required=True)
    region = Column("region")
    cstf_aligned_on = Column("cstf_aligned_on", DateWidget())
    auto_iat = Column("auto_iat", YesNoWidget())

    class Meta:
        model = Organisation
        import_id_fields = ("vpd",)
        fields = ("vpd", "ods_code", "name", "region", "cstf_aligned_on", "auto_iat")
        skip_unchanged = True
        skip_diff = True
        clean_model_instances = True
        use_transactions = True
