"""Whether a last name is the person's: compared without case, accents, punctuation and spacing (wire format §5)."""

from collections.abc import Iterable
from functools import lru_cache

from interface.formats.text import nearest


@lru_cache(maxsize=65536)
def folded(name: str) -> str:
    """The letters and digits of a name, plain and in one case: "Fernández-Hale" and "FERNANDEZ HALE" are equal."""
    plain = name if name.isascii() else "".join(c if c.isascii() else nearest(c, "ascii") for c in name)
    return "".join(filter(str.isalnum, plain.casefold()))


def folded_names(names: Iterable[str]) -> frozenset[str]:
    """The names somebody goes by, folded; empty ones left out."""
    return frozenset(filter(None, map(folded, names)))
