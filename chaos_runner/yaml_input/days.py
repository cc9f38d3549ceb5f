"""A day as people write it in YAML: `2026-12-24`."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer
from pydantic.json_schema import WithJsonSchema

from chaos_runner.units import found


def parse_date(value: object) -> date:
    """Return the day that `2026-12-24` means; raise ValueError for anything else."""
    if isinstance(value, date):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError(f"found {found(value)}; allowed is a day such as `2026-12-24`")


Day = Annotated[
    date,
    BeforeValidator(parse_date),
    PlainSerializer(lambda day: day.isoformat(), return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}),
]
