"""Person types: what ESR's two columns say a person is, however they are spelled.

The system type (``EMP``, ``EX_EMP_APL``) is ESR's own code, the user type (``Employee.Ex-Applicant``) its
words for the screen. They vary in case, dots, underscores, hyphens and spaces from one extract to the next.
"""

import re
from functools import lru_cache

EMPLOYEE, APPLICANT = "employee", "applicant"
EX_EMPLOYEE, EX_APPLICANT = "ex_employee", "ex_applicant"

_WORDS = re.compile(r"(?<![a-z])(ex)?[^a-z]*(employee|empl|emp|applicant|appl|apl)(?![a-z])", re.IGNORECASE)


@lru_cache(maxsize=1024)
def person_types(user_type: str, system_type: str) -> frozenset[str]:
    """Which of employee, applicant, ex_employee and ex_applicant a person is; nothing for other types
    (agency, bank).

    About each of the two roles the system type decides; where it is silent, the user type does.
    """
    by_system, by_user = _roles(system_type), _roles(user_type)
    return frozenset((by_user | by_system).values())


def _roles(text: str) -> dict[str, str]:
    """The role (employee or applicant) → how it holds. One that holds now outweighs one that has been."""
    roles: dict[str, str] = {}
    for was, word in _WORDS.findall(text):
        role = EMPLOYEE if word.lower().startswith("emp") else APPLICANT
        if not was:
            roles[role] = role
        else:
            roles.setdefault(role, f"ex_{role}")
    return roles
