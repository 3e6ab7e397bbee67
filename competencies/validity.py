"""How long a competency is valid (domain §3, our reading).

Achieved on day D with a renewal period P it is valid from D through D + P − 1 day, both included. The anniversary of
29 February in a common year is 28 February, so the last day then is 27 February. No renewal period: no expiry.
"""

from datetime import date, timedelta
from functools import lru_cache

from dateutil.relativedelta import relativedelta


@lru_cache(maxsize=65536)
def valid_through(achieved_on: date, frequency: int | None, units: str) -> date | None:
    """The last day of validity, or None where nothing expires.

    ``units`` is "Year" or "Month". Where the calendar ends (year 9999) nothing expires either.
    """
    if frequency is None:
        return None
    period = relativedelta(years=frequency) if units == "Year" else relativedelta(months=frequency)
    try:
        return achieved_on + period - timedelta(days=1)
    except (ValueError, OverflowError):
        return None
