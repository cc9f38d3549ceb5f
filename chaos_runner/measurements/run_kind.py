"""What a run is for."""

from __future__ import annotations

from typing import Literal

RunKind = Literal["run", "baseline", "probe"]
"""`baseline` and `probe` are runs without faults: no host is touched, and `before` is all that
is judged."""
