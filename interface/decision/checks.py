"""The checks of a completion after its form, in the order of the wire format (§5): person, competence, dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from competencies.acceptance import AcceptancePolicy
from interface.decision.codes import Code
from interface.decision.facts import Facts, PersonFacts, Target, name_key
from interface.decision.outcome import RecordRejectedError
from interface.formats.completions import Completion


def person_of(record: Completion, facts: Facts) -> PersonFacts:
    """The person whom the record names: number and date of birth agree, and they are in scope (E310, E311, E312)."""
    person = _by_numbers(record, facts)
    if person.date_of_birth != record.date_of_birth:
        raise RecordRejectedError(
            Code.IDENTITY_DISAGREES, "Date of Birth differs from the staff record.", person.pk
        )
    if person.out_of_scope:
        raise RecordRejectedError(Code.PERSON_OUT_OF_SCOPE, person.out_of_scope, person.pk)
    return person


def _by_numbers(record: Completion, facts: Facts) -> PersonFacts:
    persons = candidates(record, facts)
    if not persons:
        number = "Person ID" if record.person_id else "Employee Number"
        raise RecordRejectedError(Code.PERSON_NOT_FOUND, f"No person has this {number}.")
    if len(persons) > 1:
        raise RecordRejectedError(
            Code.IDENTITY_DISAGREES, "This Employee Number is of more than one person: send the Person ID."
        )
    (person,) = persons
    if record.employee_number and record.employee_number != person.employee_number:
        raise RecordRejectedError(
            Code.IDENTITY_DISAGREES, "Person ID and Employee Number are not of the same person."
        )
    return person


def candidates(record: Completion, facts: Facts) -> Sequence[PersonFacts]:
    """Whom the record's numbers name, before anything is compared: Person ID first."""
    if record.person_id:
        person = facts.persons_by_id.get(record.person_id)
        return () if person is None else (person,)
    return facts.persons_by_number.get(record.employee_number, ())


def targets_of(
    record: Completion, facts: Facts, policy: AcceptancePolicy, person: PersonFacts
) -> Sequence[Target]:
    """The competences that the record gives, every one of which may be given (E320 to E323)."""
    targets = resolved(record, facts)
    if not targets:
        raise RecordRejectedError(Code.NOT_MAPPED, _unresolved(record), person.pk)
    for competence, _ in targets:
        if not competence.is_cstf:
            raise RecordRejectedError(Code.NOT_CSTF, f"Not a CSTF competence: {competence.name}", person.pk)
    for competence, _ in targets:
        if not competence.in_force(on=record.completed_on):
            message = f"Not in force on the Completion Date: {competence.name}"
            raise RecordRejectedError(Code.NOT_IN_FORCE, message, person.pk)
    for competence, _ in targets:
        refusal = policy.refusal(competence=competence.pk, completed_on=record.completed_on, on=facts.on)
        if refusal is not None:
            raise RecordRejectedError(Code.NOT_ACCEPTED, refusal, person.pk)
    return targets


def resolved(record: Completion, facts: Facts) -> Sequence[Target]:
    """The first of Competence ID, Competence Name and LMS Course Code that is filled decides."""
    catalogue = facts.catalogue
    if record.competence_id:
        competence = catalogue.by_id.get(record.competence_id)
    elif record.competence_name:
        competence = catalogue.by_name.get(name_key(record.competence_name))
    else:
        # Rows that name the course's version win over rows that name none.
        return catalogue.courses.get((record.course_code, record.course_version)) or catalogue.courses.get(
            (record.course_code, ""), ()
        )
    return () if competence is None else (Target(competence, False),)


def _unresolved(record: Completion) -> str:
    if record.competence_id:
        return f"Competence ID {record.competence_id} is not known."
    if record.competence_name:
        return f"Competence Name is not known: {record.competence_name}"
    version = f" version {record.course_version}" if record.course_version else ""
    return f"LMS Course Code {record.course_code}{version} is not mapped to a competence."


def check_dates(record: Completion, person: PersonFacts, *, on: date) -> None:
    """Completed between birth and the business date, expiring after that (E330, E331)."""
    if record.completed_on > on:
        raise RecordRejectedError(
            Code.COMPLETION_DATE_IMPOSSIBLE, "Completion Date is in the future.", person.pk
        )
    if record.completed_on < record.date_of_birth:
        raise RecordRejectedError(
            Code.COMPLETION_DATE_IMPOSSIBLE, "Completion Date is before the Date of Birth.", person.pk
        )
    if record.expires_on is not None and record.expires_on <= record.completed_on:
        raise RecordRejectedError(
            Code.EXPIRY_DATE_IMPOSSIBLE, "Expiry Date is not after the Completion Date.", person.pk
        )
