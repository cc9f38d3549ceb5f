"""Break a Kafka fleet on purpose, for a bounded time, and put every host back.

What stands in `__all__` is public; everything else may change without notice.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_runner.experiment.load import load_experiment
    from chaos_runner.operations.api import plan, read_run, recover, run

__version__ = "0.1.0"
__all__ = ["__version__", "load_experiment", "plan", "read_run", "recover", "run"]

_HOMES = {
    "load_experiment": "chaos_runner.experiment.load",
    **dict.fromkeys(("plan", "read_run", "recover", "run"), "chaos_runner.operations.api"),
}


def __getattr__(name: str) -> object:
    # Only what is asked for is imported: the command line starts in a fraction of a second.
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)
