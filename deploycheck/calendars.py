"""Public holidays, by a library that keeps track of the world's laws (`holidays`, MIT): nobody keeps such a list by hand for long."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from deploycheck.errors import Blame, ObservationError
from deploycheck.settings import Calendar


def holidays_of(calendar: Calendar, years: Collection[int]) -> Mapping[date, str]:
    """Return the days of these years on which nothing is deployed, and what they are called: public ones, and those listed in the profile.

    Raises:
        ObservationError: the library does not know the country or subdivision, or no holiday of it in one of the years.
    """
    listed = {date.fromisoformat(day): name for day, name in calendar.holidays.items()}
    if calendar.country is None:
        return listed
    from holidays import country_holidays  # a tenth of a second that only this needs

    where = calendar.country + (f"-{calendar.subdivision}" if calendar.subdivision else "")
    try:
        public = country_holidays(calendar.country, subdiv=calendar.subdivision, years=list(years), language="en_US")
    except NotImplementedError as trouble:
        told = f"[calendar] country and subdivision name {where}, which `holidays` does not know ({trouble})"
        raise ObservationError(f"{told}; expected ISO 3166 codes that it knows", blame=Blame.CONFIGURATION) from None
    empty = [str(year) for year in years if not any(day.year == year for day in public)]
    if empty:
        told = f"`holidays` knows no holiday of {where} in {', '.join(empty)}"
        raise ObservationError(f"{told}; expected some: an empty calendar says nothing", blame=Blame.CONFIGURATION)
    return {**dict(public.items()), **listed}
