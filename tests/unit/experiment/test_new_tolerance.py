"""A new tolerance costs one file: its class brings key, schema, reference, judge and words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOLERANCE = '''
"""Records that the client refused."""

from chaos_runner.measurements.reason import Reason
from chaos_runner.units import Percentage
from chaos_runner.verdict.families.record_share import at_most
from chaos_runner.verdict.tolerance import RecordTolerance


class Rejected(RecordTolerance):
    """At most this share of the records due may be rejected."""

    key = "rejected"
    written = Percentage
    unit = "percent"
    judged_by = "rejected by scheduled records"

    @classmethod
    def observe(cls, limit, counts, *, complete):
        reason = Reason(code="not_acknowledged", count=counts.rejected, of=counts.scheduled)
        return at_most(limit, reason, None)
'''
USES = """
import sys
from chaos_runner.verdict import kinds
kinds.__path__.append(sys.argv[1])
from chaos_runner.experiment.models import Experiment
from chaos_runner.experiment.reference import tolerances_table
from chaos_runner.experiment.schema import schema_text
from chaos_runner.measurements.model import Totals
from chaos_runner.verdict.safeguards import condition_of
from chaos_runner.verdict.tolerances import judge_phase
from chaos_runner.wording.judgements import judgement_words
from chaos_runner.wording.safeguards import condition_words
experiment = Experiment.model_validate({
    "title": "x", "faults": [{"network_partition": {}}],
    "steady_state": {"loss": "100%", "rejected": "1%"}, "safeguards": [{"rejected": "5%"}],
})
counts = Totals(scheduled=100, acked=97, consumed=97, rejected=3)
verdict, judged = judge_phase(experiment.steady_state, counts, [], complete=True)
print(verdict, "|", judgement_words(judged[-1]))
print(condition_words(condition_of(experiment.safeguards[0])))
print('"At most this share of the records due may be rejected."' in schema_text())
print(next(line for line in tolerances_table().splitlines() if "`rejected`" in line))
"""


def test_one_file_is_all_that_it_takes(tmp_path: Path) -> None:
    (tmp_path / "rejected.py").write_text(TOLERANCE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", USES, tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "deviated | rejected at most 1%: 3%",
        "rejected at most 5% for 5s",
        "True",
        "| `rejected` | at most | At most this share of the records due may be rejected. "
        "| rejected by scheduled records |",
    ]
