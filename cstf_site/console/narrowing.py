"""By what a list is narrowed: in words, for people, and in values, for the audit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.views.main import IGNORED_PARAMS, ChangeList
from django.db.models.constants import LOOKUP_SEP


def in_words(changelist: ChangeList) -> str:
    """The search and the filters of a list, for whoever does not have the filters beside it."""
    said = [f"search “{changelist.query}”"] if changelist.query else []
    # With counts beside the choices, asking for those again would count again.
    for spec in [] if changelist.add_facets else changelist.filter_specs:
        everything = changelist.get_query_string(remove=list(filter(None, spec.expected_parameters())))
        for choice in spec.choices(changelist):
            given: dict[str, Any] = dict(choice)
            ends = [f"{end['label'].lower()} {end['value']}" for end in given.get("ends", ()) if end["value"]]
            is_chosen = ends or (given.get("selected") and given.get("query_string") != everything)
            shown = " ".join(ends) or str(given.get("display", ""))
            said += [f"{spec.title} {shown}"] if is_chosen and shown else []
    return "; ".join([*said, *_by_links(changelist)])


def _by_links(changelist: ChangeList) -> Iterator[str]:
    """What no filter offers: a link that leads to the list may narrow it further, to the lines of one file."""
    offered = {name for spec in changelist.filter_specs for name in spec.expected_parameters()}
    for name, values in _conditions(changelist).items():
        if name not in offered and any(values):
            yield f"{name.removesuffix('__exact').replace(LOOKUP_SEP, ' ')} {', '.join(values)}"


def _conditions(changelist: ChangeList) -> dict[str, list[str]]:
    return {name: values for name, values in changelist.filter_params.items() if name not in IGNORED_PARAMS}


def for_the_audit(changelist: ChangeList) -> dict[str, Any]:
    """Which filters had which values. What was searched for may be a name or a number of a person: only that it was."""
    filters = {name: ", ".join(values)[:100] for name, values in _conditions(changelist).items()}
    return {"filters": filters, "searched": bool(changelist.query)}
