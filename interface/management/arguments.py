"""Arguments that several commands take."""

from argparse import ArgumentTypeError
from datetime import date


def business_date(text: str) -> date:
    """``--date``, as the commands document has it; what is no date is told with how one is written."""
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise ArgumentTypeError(f"{text!r} is not a date: write it as YYYY-MM-DD") from wrong
