"""Person types, however they are spelled."""

import pytest

from interface.formats.person_types import person_types


@pytest.mark.parametrize(
    ("user_type", "system_type", "expected"),
    [
        ("Employee", "EMP", {"employee"}),
        ("Employee.Applicant", "EMP_APL", {"employee", "applicant"}),
        ("Employee.Applicant", "EMP", {"employee", "applicant"}),
        ("Employee.Ex-Applicant", "EMP", {"employee", "ex_applicant"}),
        ("EMPLOYEE", "emp", {"employee"}),
        ("Ex-employee", "EX_EMP", {"ex_employee"}),
        ("ex employee", "", {"ex_employee"}),
        ("EX_EMPLOYEE", "", {"ex_employee"}),
        ("Ex.Employee", "EX.EMP", {"ex_employee"}),
        ("Exemployee", "", {"ex_employee"}),
        ("Ex-applicant", "EX_APL", {"ex_applicant"}),
        ("Applicant", "APL", {"applicant"}),
        ("Ex-employee.Applicant", "EX_EMP_APL", {"ex_employee", "applicant"}),
        ("Applicant.Ex-Applicant", "APL_EX_APL", {"applicant"}),
        # The system type decides where the two disagree.
        ("Employee", "EX_EMP", {"ex_employee"}),
        ("", "EMP_APL", {"employee", "applicant"}),
        ("", "EX_EMP_EX_APL", {"ex_employee", "ex_applicant"}),
        ("Agency", "OTHER", set()),
        ("Unemployed", "", set()),
        ("Reemp", "", set()),
        ("", "", set()),
    ],
)
def test_person_types(user_type: str, system_type: str, expected: set[str]) -> None:
    assert person_types(user_type, system_type) == expected
