"""The nightly orphan check finds what the database does not hold, and nothing else."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection

from competencies.models import Competence, CompetencyElement
from interface.models import Connection, InboundFile, SentPicture
from interface.orphans import find_orphans, unguarded
from interface.outbound.packing import Entry, pack
from people.models import NightlyRun, Organisation, Person
from people.models.run import RunState

pytestmark = pytest.mark.django_db


def element(organisation: Organisation) -> CompetencyElement:
    person, _ = Person.objects.get_or_create(organisation=organisation, person_id="1")
    competence, _ = Competence.objects.get_or_create(competence_id="1", name="NHS|CSTF|Fire|")
    return CompetencyElement.objects.create(
        organisation=organisation,
        person=person,
        competence=competence,
        element_id=str(CompetencyElement.objects.count()),
        date_from=date(2026, 1, 1),
        source="GO",
        last_update=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_the_volume_tables_references_are_looked_at() -> None:
    looked_at = {f"{model.__name__}.{field.name}" for model, field in unguarded()}
    assert {
        "CompetencyElement.competence",
        "InboundRecord.file",
        "SentPicture.connection",
        "SentPicture.last_file",
    } <= looked_at
    # What a composite key holds is not looked at again.
    assert "CompetencyElement.person" not in looked_at


def test_an_element_whose_competence_is_gone_is_found() -> None:
    ours = Organisation.objects.create(vpd="901", name="Ours")
    theirs = Organisation.objects.create(vpd="902", name="Theirs")
    element(ours)
    lost = element(ours)
    assert find_orphans(ours) == []
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE competencies_competencyelement SET competence_id = 999999 WHERE id = %s", [lost.pk]
        )
    (found,) = find_orphans(ours)
    assert (found.field, found.rows, found.first) == ("competence", 1, lost.pk)
    assert "competence" in str(found)
    assert find_orphans(theirs) == []


def test_files_named_in_packed_records_and_in_marks_are_looked_up() -> None:
    ours = Organisation.objects.create(vpd="901", name="Ours")
    marked = element(ours)
    partner = Connection.objects.create(organisation=ours, code="A", lms_name="Moodle")
    file = InboundFile.objects.create(
        organisation=ours, connection=partner, name="x", sha256="x", size=1,
        received_at=datetime(2026, 1, 1, tzinfo=UTC), business_date=date(2026, 1, 1),
    )  # fmt: skip
    row = SentPicture.objects.create(
        organisation=ours,
        connection=partner,
        person=marked.person,
        records=pack({("CMA", "1"): Entry(7, -file.pk)}),
    )
    CompetencyElement.objects.update(
        source="LMS",
        source_id=partner.pk,
        source_reference="R",
        told_digest=7,
        told_in=file.pk,
        told_before=1,
    )
    assert find_orphans(ours) == []
    file.delete()
    packed, told = find_orphans(ours)
    assert (packed.model, packed.first) == ("interface.SentPicture", row.pk)
    assert (told.field, told.first) == ("told_in", marked.pk)


def test_the_nightly_job_fails_loudly_where_it_finds_any() -> None:
    from interface.tasks import check_orphans

    ours = Organisation.objects.create(vpd="901", name="Ours")
    lost = element(ours)
    assert "0 found" in check_orphans(ours.pk, "2026-11-03")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE competencies_competencyelement SET competence_id = 999999")
    with pytest.raises(RuntimeError, match=f"first is {lost.pk}"):
        check_orphans(ours.pk, "2026-11-04")
    run = NightlyRun.objects.get(business_date=date(2026, 11, 4))
    assert (run.state, run.job) == (RunState.FAILED, "orphan check")
    assert "CompetencyElement" in run.error
