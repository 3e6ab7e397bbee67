"""What is streamed after the request is over: in the request's scope, in a transaction where requests are one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.http import FileResponse, HttpResponse, StreamingHttpResponse

from cstf_site.streaming import keep_scope
from people.models import Organisation, Person
from people.tenancy import ScopeMissingError, current_scope, everywhere, within

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.scoped]


@pytest.fixture
def ours() -> Organisation:
    with everywhere("the test's own cast"):
        for vpd in ("902", "901"):
            organisation = Organisation.objects.create(vpd=vpd, name=vpd)
            Person.objects.create(organisation=organisation, person_id=vpd)
    return organisation


def rows() -> Iterator[str]:
    """An export: row by row, in chunks of the server's."""
    for person in Person.objects.order_by("person_id").iterator(chunk_size=1):
        yield f"{person.person_id} {connection.in_atomic_block}\n"


def streamed(organisation: Organisation) -> StreamingHttpResponse:
    with within(organisation):
        response = StreamingHttpResponse(rows())
        keep_scope(response)
        return response


def test_the_rows_are_those_of_the_request_s_scope(ours: Organisation) -> None:
    expected = f"901 {connection.vendor == 'postgresql'}\n"
    assert b"".join(streamed(ours)).decode() == expected


def test_between_two_parts_the_server_is_in_no_scope(ours: Organisation) -> None:
    for _ in streamed(ours):
        assert current_scope() is None
    assert not connection.in_atomic_block


def test_a_download_that_is_broken_off_leaves_nothing(ours: Organisation) -> None:
    response = streamed(ours)
    next(iter(response))
    response.close()
    assert current_scope() is None


def test_without_it_the_export_would_fail_and_not_leak(ours: Organisation) -> None:
    with within(ours):
        response = StreamingHttpResponse(rows())
    with pytest.raises(ScopeMissingError):
        b"".join(response)


def test_other_responses_are_left_alone() -> None:
    page, file = HttpResponse("x"), FileResponse(iter([b"x"]))
    keep_scope(page)
    keep_scope(file)
    assert page.content == b"x"
    assert b"".join(file) == b"x"
