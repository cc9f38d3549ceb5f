"""Write what the crash matrix showed into docs/concepts/crash-matrix.md.

`python -m THIS_MODULE RESULTS`, as `scripts/crash-matrix` does at its end. Only what stands between
the two marks is written anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from chaos_runner.lab.lifecycle.requirements import netem_works
from tests.integration.crash_matrix.cells import DEATHS, FAULTS, MOMENTS, every_cell, not_there
from tests.integration.crash_matrix.controlling import LEASE
from tests.integration.crash_matrix.results import Result, read_results

PAGE = Path(__file__).resolve().parents[3] / "docs" / "concepts" / "crash-matrix.md"
BEGIN, END = "<!-- crash matrix: begin -->\n", "<!-- crash matrix: end -->\n"
GOAL = LEASE + 5
IN_DETAIL = ("network_latency", "network_partition", "service_stop")
"""The rows that are shown cell by cell; of the others the slowest cell is."""


def main(file: Path) -> None:
    """Replace the part of the page that is the matrix's."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    text = "\n".join(_page(list(read_results(file).values())))
    PAGE.write_text(f"{before}{BEGIN}{text}\n{END}{after}", encoding="utf-8")


def _page(results: list[Result]) -> Iterator[str]:
    clean = [result for result in results if result.ok]
    in_time = [result for result in clean if result.seconds <= GOAL]
    cells = list(every_cell(netem_in_containers=netem_works()))
    days = sorted({result.day for result in results})
    yield f"Cells run: {len(results)} of {len(cells)}, from {days[0]} to {days[-1]}. "
    yield f"Clean: {len(clean)}. "
    yield f"Of these within lease + 5 s ({GOAL} s) of the death: {len(in_time)}."
    yield ""
    yield "| death | cells | slowest | why |"
    yield "| --- | --- | --- | --- |"
    for death in DEATHS:
        yield _slowest(death, [result for result in clean if result.death == death])
    yield ""
    yield "| row | cells run | clean | slowest |"
    yield "| --- | --- | --- | --- |"
    for role in FAULTS:
        yield _row(role, sum(cell.role == role for cell in cells), results)
    for role in IN_DETAIL:
        if all(result.role != role for result in results):
            continue
        yield ""
        yield f"Seconds from the death to the clean host, `{role}`:"
        yield ""
        yield f"| death | {' | '.join(moment.name for moment in MOMENTS)} |"
        yield f"| --- |{' --- |' * len(MOMENTS)}"
        for death in DEATHS:
            if any((each.role, each.death) == (role, death) for each in results):
                shown = [_cell(role, moment.name, death, results) for moment in MOMENTS]
                yield f"| {death} | {' | '.join(shown)} |"


def _row(role: str, existing: int, results: Iterable[Result]) -> str:
    found = [result for result in results if result.role == role]
    clean = [result for result in found if result.ok]
    slowest = max(clean, key=lambda result: result.seconds, default=None)
    longest = f"{slowest.seconds:.1f} s, {slowest.moment}, {slowest.death}" if slowest else ""
    return f"| {role} | {len(found)} of {existing} | {len(clean)} | {longest} |"


def _slowest(death: str, results: list[Result]) -> str:
    if not results:
        return f"| {death} | 0 | | |"
    slowest = max(results, key=lambda result: result.seconds)
    return (
        f"| {death} | {len(results)} | {slowest.seconds:.1f} s "
        f"| {slowest.role}, {slowest.moment}, on a {slowest.host} |"
    )


def _cell(role: str, moment: str, death: str, results: Iterable[Result]) -> str:
    found = [
        result
        for result in results
        if (result.role, result.moment, result.death) == (role, moment, death)
    ]
    if not found:
        missing = next(each for each in MOMENTS if each.name == moment)
        return "—" if not_there(role, missing, death) else "not run"
    return ", ".join(
        f"{result.seconds:.1f}{' (VM)' if result.host == 'machine' else ''}"
        if result.ok
        else "**not clean**"
        for result in found
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
