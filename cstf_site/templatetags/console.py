"""Small things that the console's templates say: counts, cells with their column's name, links to pages, chips."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.admin.options import IS_FACETS_VAR
from django.contrib.admin.views.main import ALL_VAR, ORDER_VAR, PAGE_VAR, ChangeList
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template import Context, Library
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from competencies.naming import spoken
from cstf_site.console.narrowing import in_words
from cstf_site.console.page import address
from cstf_site.console.pages.downloads import TABLE_VAR
from cstf_site.console.pages.exports import LIST_VAR
from interface.by_hand.downloads import DOWNLOADS
from interface.by_hand.tables import TABLES, VIEW
from people import marks
from people.console_admin import ConsoleAdmin

register = Library()
register.simple_tag(marks.chip, name="chip")
register.simple_tag(marks.code, name="code")
register.filter("tone", marks.tone_of)
register.filter("narrowed_by", in_words)


@register.filter
def bare(name: object) -> str:
    """A competence as people say it."""
    return spoken(str(name))


@register.filter
def beside(columns: Iterable[dict[str, Any]], row: Iterable[Any]) -> list[tuple[dict[str, Any], Any]]:
    """A row's cells, each with its column."""
    return list(zip(columns, row, strict=True))


@register.filter
def counted(cl: ChangeList) -> str:
    """How many rows a list has; of a list that is counted no further than a limit: more than that."""
    count = intcomma(cl.result_count)
    return f"more than {count}" if getattr(cl.paginator, "is_capped", False) else count


@register.filter
def labelled(cells: Iterable[str], headers: list[dict[str, Any]]) -> Iterator[SafeString]:
    """A row's cells, each with its column's name, which a narrow screen shows beside the value."""
    for cell, header in zip(cells, headers, strict=False):
        name = strip_tags(str(header["text"])).strip()
        # The admin writes each cell as <td …> or <th …>: the name goes in after those three characters.
        mark = format_html(' data-label="{}"', capfirst(name)) if name else ""
        yield mark_safe(f"{cell[:3]}{mark}{cell[3:]}")  # noqa: S308  (the admin's own cell and our escaped name)


@register.simple_tag(takes_context=True)
def upload_url(context: Context, cl: ChangeList) -> str:
    """Where rows of a list are uploaded by hand, for a user who may upload some; empty for others."""
    label, request = f"{cl.opts.app_label}_{cl.opts.model_name}", context["request"]
    table = next((one for one in TABLES.values() if one.listed == label), None)
    if table is None or not all(request.user.has_perm(one) for one in (VIEW, *table.permissions)):
        return ""
    return f"{address('files_by_hand')}?table={table.slug}"


@register.simple_tag(takes_context=True)
def download_url(context: Context, cl: ChangeList) -> str:
    """Where the rows of a list, as it is filtered, are taken away in the columns of their upload; empty for others."""
    label, user = f"{cl.opts.app_label}_{cl.opts.model_name}", context["request"].user
    table = next((one for one in DOWNLOADS.values() if one.listed == label), None)
    if table is None or not table.may_be_taken_by(user, None):
        return ""
    return address("download") + _narrowed(cl, {TABLE_VAR: table.slug, ORDER_VAR: None})


@register.simple_tag(takes_context=True)
def export_url(context: Context, cl: ChangeList) -> str:
    """Where a list, as it is narrowed and ordered, is taken away as shown; empty for who may not, and in pop-ups."""
    page = cl.model_admin
    if cl.is_popup or not isinstance(page, ConsoleAdmin):
        return ""
    if not page.organisations(context["request"], "view", "export"):
        return ""
    return address("export_list") + _narrowed(cl, {LIST_VAR: cl.opts.label_lower})


def _narrowed(cl: ChangeList, parameters: dict[str, str | None]) -> str:
    """The list's own parameters and these, without those that are about a page of it."""
    of_the_page = dict.fromkeys((ALL_VAR, IS_FACETS_VAR))
    return cl.get_query_string({**of_the_page, **parameters})


@register.simple_tag
def page_link(cl: ChangeList, page: int | str) -> SafeString:
    """One place in a list's row of pages."""
    if page == cl.paginator.ELLIPSIS:
        return format_html("<span>{}</span>", page)
    if page == cl.page_num:
        return format_html(
            '<span aria-current="page"><span class="visually-hidden">Page </span>{}</span>', page
        )
    url = cl.get_query_string({PAGE_VAR: page})
    return format_html('<a href="{}"><span class="visually-hidden">Page </span>{}</a>', url, page)
