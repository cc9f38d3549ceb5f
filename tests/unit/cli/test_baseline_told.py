"""The first line of `baseline` says whether something was written, and why not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chaos_runner.baseline.measured import Measured
from chaos_runner.cli.baseline import _print, _why_not_written
from chaos_runner.cli.text.output import Output
from chaos_runner.execution.phases import Outcome
from chaos_runner.measurements.model import Totals
from chaos_runner.operations.measure import Measurement

FILE = Path("slow-broker.yml")
NEW = {"ack_p99": "200ms"}


def measurement(*doubts: str) -> Measurement:
    latencies: dict[str, float | None] = dict.fromkeys(
        [f"{way}_{point}" for way in ("ack", "end_to_end") for point in ("p50", "p99", "max")], 5.0
    )
    measured = Measured(
        Totals(scheduled=2000, acked=2000, consumed=2000), latencies, (), (), doubts
    )
    outcome = Outcome("r", "Baseline: t", "held", 0, [], {}, Path("runs/r/journal.jsonl"))
    return Measurement(outcome, measured)


@pytest.mark.parametrize(
    ("doubts", "new", "write", "first"),
    [
        ((), NEW, True, "written into slow-broker.yml"),
        ((), NEW, False, "nothing was written into slow-broker.yml: --write was not given"),
        ((), {}, True, "nothing was written into slow-broker.yml: it says all of them already; "),
        (("records were lost",), NEW, True, "nothing was written into slow-broker.yml: records"),
        (("records were lost",), NEW, False, "nothing was written into slow-broker.yml: records"),
    ],
)
def test_the_first_line(
    doubts: tuple[str, ...],
    new: dict[str, str],
    write: bool,
    first: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = measurement(*doubts)
    why_not = _why_not_written(done, new, asked_to=write)
    _print(done, None, [], FILE, why_not, Output.text)
    assert capsys.readouterr().out.splitlines()[0].startswith(first)
    _print(done, None, [], FILE, why_not, Output.json)
    document = json.loads(capsys.readouterr().out)
    assert (document["written"] == "") == (document["not_written"] != "")
