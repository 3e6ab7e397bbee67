"""docs/security.md shows the table of URPs as it is: the text that belongs there is made here, from roles/urps.py."""

from pathlib import Path

from roles.checks import existing_permissions
from roles.urps import (
    ACCESS,
    CATALOGUE,
    EXCHANGE,
    LINES,
    PEOPLE,
    PERMISSIONS,
    STRUCTURE,
    TRAINING,
    URP,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "security.md"
BEGIN, END = "<!-- table of URPs: begin -->\n", "<!-- table of URPs: end -->"
SETS = {
    "structure": STRUCTURE,
    "catalogue": CATALOGUE,
    "people": PEOPLE,
    "training": TRAINING,
    "exchange": EXCHANGE,
    "lines": LINES,
    "access": ACCESS,
}
KEPT = {"add": "adds", "change": "changes", "delete": "deletes"}


def table() -> str:
    """One line a URP: what it reads, what it keeps, what it may do besides."""
    lines = ["| URP | Reads | Adds, changes, deletes | May further |", "|---|---|---|---|"]
    lines += [f"| {urp.label} | {reads(urp)} | {keeps(urp)} | {further(urp)} |" for urp in URP]
    return "\n".join(lines) + "\n"


def sets() -> str:
    """What the words under "reads" stand for."""
    lines = ["| Word | What is read |", "|---|---|"]
    lines += [f"| {name} | {', '.join(sorted(map(plural, of_it)))} |" for name, of_it in SETS.items()]
    return "\n".join(lines) + "\n"


def reads(urp: URP) -> str:
    seen = {one for one in PERMISSIONS[urp] if verb(one) == "view"}
    words = [name for name, of_it in SETS.items() if of_it <= seen]
    rest = seen.difference(*(SETS[name] for name in words))
    return ", ".join(words + sorted(map(plural, rest)))


def keeps(urp: URP) -> str:
    kept: dict[str, list[str]] = {}
    for one in sorted(PERMISSIONS[urp]):
        if verb(one) in KEPT:
            kept.setdefault(plural(one), []).append(KEPT[verb(one)])
    return "; ".join(f"{what}: {', '.join(how)}" for what, how in kept.items()) or "–"


def further(urp: URP) -> str:
    own = [one for one in sorted(PERMISSIONS[urp]) if verb(one) == "own"]
    return "; ".join(_title(one) for one in own) or "–"


def verb(permission: str) -> str:
    """Django's four, or "own" for one that the model declares itself."""
    codename = permission.partition(".")[2]
    declared = dict(existing_permissions()[permission]._meta.permissions)
    return "own" if codename in declared else codename.partition("_")[0]


def plural(permission: str) -> str:
    return str(existing_permissions()[permission]._meta.verbose_name_plural)


def _title(permission: str) -> str:
    titles = dict(existing_permissions()[permission]._meta.permissions)
    return str(titles[permission.partition(".")[2]]).removeprefix("Can ")


def test_the_page_shows_the_table_as_it_is() -> None:
    shown = PAGE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    wanted = f"{table()}\n{sets()}"
    assert shown == wanted, f"docs/security.md: put this between its two marks\n{wanted}"
