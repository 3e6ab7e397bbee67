"""The catalogue and the requirements as tables that operators upload and download."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from import_export import widgets

from competencies.models import Competence, Requirement, RequirementScope, SubjectLevel
from competencies.models.competence import RenewalUnits
from people.models import Organisation
from people.resources import (
    ChoiceWidget,
    Column,
    DateWidget,
    LookupWidget,
    OrganisationColumns,
    Row,
    TextWidget,
    as_text,
    vpd_column,
)
from people.tables import quoted
from people.tenancy import EVERYWHERE, scope_of


class CountWidget(widgets.Widget):
    """A whole number from 1, or nothing."""

    def clean(self, value: Any, row: Row | None = None, **kwargs: Any) -> int | None:
        text = as_text(value)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 5 and int(text) > 0):
            raise ValueError(f"{quoted(text)} is not a whole number from 1")
        return int(text)


class CompetenceResource(OrganisationColumns):
    """competences.csv: no VPD means national.

    ``variant`` tells Adult, Paediatric and Newborn resuscitation apart, which are subject-levels of their
    own; elsewhere it is the competence's version.
    """

    organisation = Column("vpd", LookupWidget("find_owner", "vpd"), attribute="organisation")
    competence_id = Column("competence_id", TextWidget(on_the_wire=True), required=True)
    name = Column("name", TextWidget(on_the_wire=True), required=True)
    subject_level = Column(
        "subject", LookupWidget("find_subject_level", "subject"), attribute="subject_level"
    )
    level = Column("level", attribute="subject_level__level", readonly=True)
    version = Column("variant", LookupWidget("find_version", ""), attribute="version")
    renewal_frequency = Column("renewal_frequency", CountWidget())
    renewal_units = Column("renewal_units", ChoiceWidget(RenewalUnits.values))
    date_from = Column("date_from", DateWidget())
    date_to = Column("date_to", DateWidget())

    sentences = {
        "competence_renewal_is_a_pair": (
            "renewal_frequency",
            "renewal_frequency and renewal_units belong together: fill both, or leave both empty",
        ),
        "competence_ends_after_start": ("date_to", "date_to lies before date_from"),
        "national_competence_name_once": ("name", "another national competence has this name"),
        "local_competence_name_once": ("name", "another competence of this organisation has this name"),
        "Competence with this Organisation and Name": (
            "name",
            "another competence of this organisation has this name",
        ),
    }

    class Meta:
        model = Competence
        import_id_fields = ("organisation", "competence_id")
        fields = (
            "organisation",
            "competence_id",
            "name",
            "subject_level",
            "level",
            "version",
            "renewal_frequency",
            "renewal_units",
            "date_from",
            "date_to",
        )
        skip_unchanged = True
        skip_diff = True
        clean_model_instances = True
        use_transactions = True

    def of_list(self, listed: QuerySet[Any]) -> QuerySet[Any]:
        return listed.select_related("organisation", "subject_level__subject")

    def prepare(self) -> None:
        super().prepare()
        self._levels = {
            (level.subject.name, level.level, level.variant): level
            for level in SubjectLevel.objects.select_related("subject")
        }

    def find_owner(self, text: str, row: Row) -> Organisation | None:
        """Nobody, for a national competence: it is every organisation's, so that it takes the scope of all."""
        if not text and scope_of(Organisation) is not EVERYWHERE:
            raise ValueError("is missing: national competences are kept by whoever installs")
        return self.find_organisation(text, row) if text else None

    def find_subject_level(self, text: str, row: Row) -> SubjectLevel | None:
        """With the variant where the framework has one, else without."""
        level, variant = as_text(row.get("level")), as_text(row.get("variant"))
        if not text:
            if level:
                raise ValueError("a level needs its subject")
            return None
        found = self._levels.get((text, level, variant)) or self._levels.get((text, level, ""))
        if found is None:
            raise ValueError(self._no_such_level(text, level, variant))
        return found

    def find_version(self, text: str, row: Row) -> str:
        """The variant, unless it belongs to the subject-level."""
        subject, level = as_text(row.get("subject")), as_text(row.get("level"))
        return "" if (subject, level, text) in self._levels else TextWidget().clean(text)

    def _no_such_level(self, subject: str, level: str, variant: str) -> str:
        known = [key for key in self._levels if key[0] == subject]
        if not known:
            hint = "leave it empty for a competence outside the framework"
            return f"{quoted(subject)} is not a CSTF subject; {hint}"
        wanted = ", ".join(
            part for part in (level and f"level {quoted(level)}", variant and quoted(variant)) if part
        )
        have = "; ".join(" ".join(part for part in key[1:] if part) or "no level" for key in sorted(known))
        return f"{quoted(subject)} has no such level ({wanted or 'none given'}); it has: {have}"

    def dehydrate_version(self, competence: Competence) -> str:
        """Back into one column."""
        variant = competence.subject_level.variant if competence.subject_level else ""
        return variant or competence.version


class CompetenceNames(OrganisationColumns):
    """What tables share that name a competence of the organisation, or a national one."""

    def prepare(self) -> None:
        super().prepare()
        self._competences = {
            (competence.organisation_id, competence.name): competence
            for competence in Competence.objects.all()
        }

    def find_competence(self, text: str, row: Row) -> Competence:
        """By its name: a national one before the organisation's own."""
        owner = self._organisations.get(as_text(row.get("vpd")))
        found = self._competences.get((None, text))
        if found is None and owner is not None:
            found = self._competences.get((owner.pk, text))
        if found is None:
            hint = "it must be spelled as in competences.csv, every | and space included"
            raise ValueError(f"no competence is called {quoted(text)}: {hint}")
        return found


def competence_column() -> Column:
    """The name of a competence."""
    return Column(
        "competence_name", LookupWidget("find_competence", "name"), attribute="competence", required=True
    )


class RequirementResource(CompetenceNames):
    """requirements.csv."""

    organisation = vpd_column()
    scope = Column("scope", ChoiceWidget(RequirementScope.values), required=True)
    scope_value = Column("scope_value", default="")
    competence = competence_column()

    sentences = {
        "requirement_names_whom": (
            "scope_value",
            "“organisation” takes no scope_value, every other scope needs one",
        ),
    }

    class Meta:
        model = Requirement
        import_id_fields = ("organisation", "scope", "scope_value", "competence")
        fields = ("organisation", "scope", "scope_value", "competence")
        skip_unchanged = True
        skip_diff = True
        clean_model_instances = True
        use_transactions = True

    def of_list(self, listed: QuerySet[Any]) -> QuerySet[Any]:
        return listed.select_related("organisation", "competence")
