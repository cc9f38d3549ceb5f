"""The public holidays of countries, by the library `holidays`; it is large, so imported late."""

from __future__ import annotations

from datetime import date
from functools import cache


def check_country(country: str, subdivision: str | None) -> None:
    """Raise ValueError, naming what is allowed, for a country or part of it that is not known."""
    from holidays import list_supported_countries

    known = list_supported_countries(include_aliases=True)
    if country not in known:
        raise ValueError(f"found the country `{country}`; allowed is a code such as `CH` or `DE`")
    parts = known[country]
    if subdivision is not None and subdivision not in parts:
        some = f"such as {', '.join(f'`{each}`' for each in parts[:5])}" if parts else "none"
        raise ValueError(f"found the part `{subdivision}` of {country}; allowed is {some}")


def holiday_on(day: date, country: str, subdivision: str | None) -> str:
    """Return the name of the public holiday on a day, or nothing."""
    return _holidays_of(country, subdivision, day.year).get(day, "")


@cache
def _holidays_of(country: str, subdivision: str | None, year: int) -> dict[date, str]:
    from holidays import country_holidays

    return dict(country_holidays(country, subdiv=subdivision, years=year))
