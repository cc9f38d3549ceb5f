"""What a run is for, and what it may be called."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

RunKind = Literal["run", "baseline", "probe"]
"""`baseline` and `probe` are runs without faults: no host is touched, and `before` is all that
is judged."""

RunName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$")]
"""The name of a run, and of the directory with its journal: one that leads nowhere else."""
