"""Have a cluster surveyed by a process of its own.

A client library in this process could block or crash it, and a run lives in this process. So it
is a child that asks, and a clock that ends it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from pydantic import ValidationError

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.client_config.java.properties import ClientProperty
from chaos_runner.kafka.survey.answer import SURVEY, SurveySettings
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot

SURVEY_LIMIT = 45.0
"""Seconds for everything; a healthy cluster takes about one."""

_COMMAND = [sys.executable, "-P", "-m", "chaos_runner.kafka.survey.survey"]


def survey(
    bootstrap_servers: str, client: dict[str, str], in_file: Sequence[ClientProperty] = ()
) -> ClusterSnapshot:
    """Return the cluster as it is now; raises ProbeError when it does not tell."""
    settings = SurveySettings(
        bootstrap_servers=bootstrap_servers,
        in_file=list(in_file),
        client=client,
    )
    try:
        done = subprocess.run(
            _COMMAND,
            input=settings.model_dump_json() + "\n",
            capture_output=True,
            text=True,
            timeout=SURVEY_LIMIT,
            start_new_session=True,  # a Ctrl-C in the terminal is for the run alone
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ProbeError(
            f"the cluster was not surveyed within {SURVEY_LIMIT:g} s",
            "`chaos-runner doctor` looks at its brokers one by one",
        ) from error
    try:
        answer = SURVEY.validate_json(done.stdout)
    except ValidationError as error:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise ProbeError(f"the survey of the cluster failed: {last[0]}") from error
    if answer.snapshot is None:
        raise ProbeError(answer.error, answer.hint)
    return answer.snapshot
