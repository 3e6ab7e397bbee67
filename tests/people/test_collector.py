"""The garbage collector rests inside, and is afterwards what it was before."""

import gc

from people.collector import collector_at_rest


def test_it_rests_inside_and_goes_on_after() -> None:
    assert gc.isenabled()
    with collector_at_rest():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_where_it_rested_before_it_rests_on() -> None:
    with collector_at_rest():
        with collector_at_rest():
            assert not gc.isenabled()
        assert not gc.isenabled()
