"""How a run ended, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_runner.execution.phases import Outcome


def outcome_as_json(outcome: Outcome, report: Path | None) -> dict[str, object]:
    """Return how a run ended as the JSON of the command line."""
    return {
        "run": outcome.run,
        "title": outcome.title,
        "verdict": outcome.verdict,
        "exit_code": outcome.exit_code,
        "reasons": outcome.reasons,
        "hosts": [{"name": name, "state": state} for name, state in outcome.hosts.items()],
        "journal": str(outcome.journal),
        "report": str(report) if report else None,
    }
