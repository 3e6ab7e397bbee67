"""Who to turn to: every code has a line, whatever operators have made of the texts."""

import importlib

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from interface.decision.codes import Code, FileCode
from interface.models import Advice
from interface.questions.advice import advice_by_code
from people.models import Organisation

pytestmark = pytest.mark.django_db
initial = importlib.import_module("interface.migrations.0004_fill_failures_and_advice")


@pytest.fixture
def northmoor() -> Organisation:
    return Organisation.objects.create(vpd="901", name="Northmoor")


def test_the_seven_lines_of_the_faq_are_there_to_edit() -> None:
    Advice.objects.all().delete()
    initial.fill(apps, None)
    assert list(Advice.objects.values_list("turn_to", flat=True)) == [
        "Service desk",
        "Service desk",
        "Functional Account Manager (FAM)",
        "Functional Account Manager (FAM), or the how-to guides",
        "LMS supplier",
        "Help desk",
        "Interface projects team",
    ]


def test_every_code_that_is_no_plain_success_has_its_line(northmoor: Organisation) -> None:
    Advice.objects.all().delete()
    initial.fill(apps, None)
    success = {Code.ADDED, Code.AMENDED, Code.WITHDRAWN}
    assert advice_by_code(northmoor).keys() == {*Code, *FileCode} - success


def test_where_two_claim_a_code_the_first_in_the_list_is_meant(northmoor: Organisation) -> None:
    Advice.objects.all().delete()
    for position, turn_to in ((2, "second"), (1, "first")):
        Advice.objects.create(position=position, trouble="Rain", turn_to=turn_to, codes=["E300"])
    assert advice_by_code(northmoor)["E300"].turn_to == "first"


def test_an_organisation_s_own_line_comes_before_everybody_s(northmoor: Organisation) -> None:
    other = Organisation.objects.create(vpd="902", name="Harrowdale")
    Advice.objects.all().delete()
    for organisation, turn_to in ((None, "everybody's"), (northmoor, "our own desk")):
        Advice.objects.create(
            organisation=organisation, position=1, trouble="Rain", turn_to=turn_to, codes=["E300"]
        )
    assert advice_by_code(northmoor)["E300"].turn_to == "our own desk"
    assert advice_by_code(other)["E300"].turn_to == "everybody's"


@pytest.mark.parametrize("codes", [["E999"], "E300", {"E300": 1}])
def test_codes_are_a_list_of_those_that_there_are(codes: object) -> None:
    with pytest.raises(ValidationError, match="not known"):
        Advice(position=50, trouble="Rain", turn_to="An umbrella", codes=codes).full_clean()
