"""The grammar of competence names, read tolerantly (domain §3).

``PREFIX|FRAMEWORK|Title[ - Level …][ - N Year(s)]|``: PREFIX is ``NHS`` for a national competence or a VPD
for a local one. Real names are irregular (``277|CNST``, ``NHS|KSF|Health, Safety and Security C3|Core``), so
nothing is ever wrong with a name: what is not understood is left empty, and the name is kept as it came.
"""

import re
import unicodedata
from typing import Final, NamedTuple

NATIONAL_PREFIX: Final = "NHS"
CSTF: Final = "CSTF"

# The subjects and subject-levels as the catalogue's migration loads them; a test holds the two together.
# Level and variant are empty where a subject has none.
SUBJECT_LEVELS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "Conflict Resolution": (("", ""),),
    "Equality, Diversity and Human Rights": (("", ""),),
    "Fire Safety": (("", ""),),
    "Health, Safety and Welfare": (("", ""),),
    "Infection Prevention and Control": (("1", ""), ("2", "")),
    "Information Governance and Data Security": (("", ""),),
    "Moving and Handling": (("1", ""), ("2", "")),
    "Preventing Radicalisation": (("Basic Prevent Awareness", ""), ("Prevent Awareness", "")),
    "Resuscitation": (
        ("1", ""),
        ("2", "Adult"),
        ("2", "Paediatric"),
        ("2", "Newborn"),
        ("3", "Adult"),
        ("3", "Paediatric"),
        ("3", "Newborn"),
    ),
    "Safeguarding Adults": (("1", ""), ("2", ""), ("3", "")),
    "Safeguarding Children": (("1", ""), ("2", ""), ("3", "")),
}

# England and Wales differ in places, and the framework's editions have renamed this subject.
_OTHER_TITLES: Final = {
    "information governance": "Information Governance and Data Security",
    "data security awareness": "Information Governance and Data Security",
}
# ESR tells two versions of this subject apart, and writes only the second into the name.
_FIRST_VERSION_UNSAID: Final = frozenset({"Safeguarding Children"})

_RENEWAL = re.compile(r"(?P<frequency>[0-9]{1,4}) *(?P<units>year|month)s?", re.IGNORECASE)
_NO_RENEWAL = re.compile(r"no (?:specified )?renewal", re.IGNORECASE)
_LEVEL = re.compile(r"level +(?P<level>\S.*)", re.IGNORECASE)
_VERSION = re.compile(r"\((?P<version>version +\S[^()]*)\)", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_BETWEEN_SEGMENTS = re.compile(r" +[-–] +")


class Renewal(NamedTuple):
    """A renewal period as a name states it. ``frequency`` is None where the name says that there is none."""

    frequency: int | None
    units: str


class CompetenceName(NamedTuple):
    """A name taken apart. ``text`` is the name as it came; what it lacks is empty.

    ``segments`` are what stands in the title between " - ", but for the subject, level and renewal;
    ``renewal`` is None where the name says nothing of it; ``more`` are the parts beyond the grammar's three.
    """

    text: str
    prefix: str = ""
    framework: str = ""
    title: str = ""
    subject: str = ""
    level: str = ""
    version: str = ""
    segments: tuple[str, ...] = ()
    renewal: Renewal | None = None
    more: tuple[str, ...] = ()

    @property
    def is_national(self) -> bool:
        """Whether the name's prefix says that it is defined for every organisation."""
        return self.prefix.casefold() == NATIONAL_PREFIX.casefold()

    @property
    def is_cstf(self) -> bool:
        """Whether the name says national and of the framework."""
        return self.is_national and self.framework.casefold() == CSTF.casefold()


class SubjectLevelName(NamedTuple):
    """Which subject-level a name means, in the catalogue's words, and which version of it ESR tells apart."""

    subject: str
    level: str
    variant: str
    version: str


def spoken(name: str) -> str:
    """A national CSTF competence as people say it, without what stands before and behind all their names.

    Any other name says in its own words whose it is, and stays.
    """
    prefix = f"{NATIONAL_PREFIX}|{CSTF}|"
    return name.removeprefix(prefix).rstrip("|") if name.startswith(prefix) else name


def parse(name: str) -> CompetenceName:
    """The name taken apart, as far as it follows the grammar. Never fails."""
    prefix, framework, title, more = _parts(name)
    segments = [segment.strip() for segment in _BETWEEN_SEGMENTS.split(title)]
    renewal = _renewal(segments[-1])
    if renewal is not None and len(segments) > 1:
        segments.pop()
    else:
        renewal = None
    level = next((match["level"] for segment in segments[1:] if (match := _LEVEL.fullmatch(segment))), "")
    version = _VERSION.search(segments[0])
    return CompetenceName(
        text=name,
        prefix=prefix,
        framework=framework,
        title=title,
        subject=segments[0],
        level=level,
        version=version["version"].strip() if version else "",
        segments=tuple(segment for segment in segments[1:] if not _LEVEL.fullmatch(segment)),
        renewal=renewal,
        more=more,
    )


def subject_level_of(name: str) -> SubjectLevelName | None:
    """The CSTF subject-level that a national CSTF name means; None where it is none of the 24."""
    parsed = parse(name)
    subject = _SUBJECTS.get(_plain(parsed.subject)) if parsed.is_cstf else None
    if subject is None:
        return None
    found = next((one for one in SUBJECT_LEVELS[subject] if _means(parsed, *one)), None)
    if found is None:
        return None
    version = parsed.version.capitalize()
    if not version and subject in _FIRST_VERSION_UNSAID:
        version = "Version 1"
    return SubjectLevelName(subject, *found, version)


def renewal_disagrees(name: str, *, frequency: int | None, units: str) -> bool:
    """Whether the name states another renewal than the definition's columns, which rule (domain §3)."""
    renewal = parse(name).renewal
    if renewal is None:
        return False
    return _months(renewal.frequency, renewal.units) != _months(frequency, units)


def _parts(name: str) -> tuple[str, str, str, tuple[str, ...]]:
    """Prefix, framework, title and what follows; a name without any bar is all title."""
    parts = [part.strip() for part in name.split("|")]
    if len(parts) > 1 and not parts[-1]:
        parts.pop()
    if len(parts) == 1:
        return "", "", parts[0], ()
    return parts[0], parts[1], parts[2] if len(parts) > 2 else "", tuple(parts[3:])


def _renewal(segment: str) -> Renewal | None:
    if match := _RENEWAL.fullmatch(segment):
        return Renewal(int(match["frequency"]), match["units"].capitalize())
    return Renewal(None, "") if _NO_RENEWAL.fullmatch(segment) else None


def _months(frequency: int | None, units: str) -> int | None:
    # Twelve months are a year: the same period in other words is no disagreement.
    if frequency is None:
        return None
    return frequency * 12 if units == "Year" else frequency


def _means(name: CompetenceName, level: str, variant: str) -> bool:
    """Whether level and further segments are exactly these."""
    said = {_plain(segment) for segment in name.segments}
    if not level.isdigit():
        return not name.level and said == ({_plain(level)} if level else set())
    if name.level != level:
        return False
    if not variant:
        return not said
    # "Adult Basic Life Support": the first word tells whom the training is for.
    return {segment.split(" ")[0] for segment in said} == {_plain(variant)}


def _plain(title: str) -> str:
    """A title without case, accents, brackets, punctuation and "NHS": spellings of one subject meet."""
    title = _IN_BRACKETS.sub(" ", title.replace("&", " and "))
    letters = unicodedata.normalize("NFKD", title).casefold()
    words = re.findall(r"[a-z0-9]+", "".join(one for one in letters if not unicodedata.combining(one)))
    return " ".join(words[1:] if words[:1] == ["nhs"] else words)


_SUBJECTS: Final = {_plain(subject): subject for subject in SUBJECT_LEVELS} | _OTHER_TITLES
