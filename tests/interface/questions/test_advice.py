"""Who to turn to: every code has a line, whatever operators have made of the texts."""

import importlib

import pytest
from django.apps import apps

from interface.decision.codes import Code, FileCode
from interface.models import Advice
from interface.questions.advice import advice_by_code

pytestmark = pytest.mark.django_db
initial = importlib.import_module("interface.migrations.0004_fill_failures_and_advice")


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


def test_every_code_that_is_no_plain_success_has_its_line() -> None:
    Advice.objects.all().delete()
    initial.fill(apps, None)
    success = {Code.ADDED, Code.AMENDED, Code.WITHDRAWN}
    assert advice_by_code().keys() == {*Code, *FileCode} - success


def test_where_two_claim_a_code_the_first_in_the_list_is_meant() -> None:
    Advice.objects.all().delete()
    for position, turn_to in ((2, "second"), (1, "first")):
        Advice.objects.create(position=position, trouble="Rain", turn_to=turn_to, codes=["E300"])
    assert advice_by_code()["E300"].turn_to == "first"
