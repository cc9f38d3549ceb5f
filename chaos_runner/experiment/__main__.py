"""Write the tables of tolerances and checks: `python -m chaos_runner.experiment`."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.content import content_directory
from chaos_runner.experiment.reference import (
    CHECKS_BEGIN,
    CHECKS_END,
    TOLERANCES_BEGIN,
    TOLERANCES_END,
    checks_reference,
    tolerances_table,
)
from chaos_runner.faults.role_files import with_table


def generated_pages() -> dict[Path, str]:
    """Return the pages of the reference, and their texts with the tables put in."""
    reference = content_directory("roles").parent / "docs" / "reference"
    tolerances, checks = reference / "steady-state.md", reference / "checks.md"
    return {
        tolerances: with_table(
            tolerances.read_text("utf-8"), tolerances_table(), TOLERANCES_BEGIN, TOLERANCES_END
        ),
        checks: with_table(checks.read_text("utf-8"), checks_reference(), CHECKS_BEGIN, CHECKS_END),
    }


if __name__ == "__main__":
    for page, text in generated_pages().items():
        page.write_text(text, encoding="utf-8")
