"""Have a cluster looked at by a process of its own.

A client library in this process could block or crash it, and a run lives in this process; what a
broker says may crash it, too. So it is a child that asks, and a clock that ends it.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.client_config.java.properties import ClientProperty
from chaos_runner.kafka.survey.answer import CHECKS, SURVEY, ClusterCheck, SurveySettings
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot

SURVEY_LIMIT = 45.0
"""Seconds for everything; a healthy cluster takes about one."""
CHECK_LIMIT = 120.0
"""Seconds; each broker that does not answer is waited for."""

_PYTHON = [sys.executable, "-P", "-m"]
_COMMAND = [*_PYTHON, "chaos_runner.kafka.survey.survey"]
_CHECK_COMMAND = [*_PYTHON, "chaos_runner.kafka.survey.doctor"]

Answer = TypeVar("Answer")


def survey(
    bootstrap_servers: str, client: dict[str, str], in_file: Sequence[ClientProperty] = ()
) -> ClusterSnapshot:
    """Return the cluster as it is now; raises ProbeError when it does not tell."""
    settings = SurveySettings(
        bootstrap_servers=bootstrap_servers, in_file=list(in_file), client=client
    )
    answer = _answer_of(_COMMAND, settings, SURVEY, SURVEY_LIMIT, "surveyed")
    if answer.snapshot is None:
        raise ProbeError(answer.error, answer.hint)
    return answer.snapshot


def checked_cluster(
    bootstrap_servers: str, client: dict[str, str], in_file: Sequence[ClientProperty] = ()
) -> list[ClusterCheck]:
    """Return what the probe would meet, as `check_cluster` finds it; why not, where it cannot."""
    settings = SurveySettings(
        bootstrap_servers=bootstrap_servers, in_file=list(in_file), client=client
    )
    try:
        return _answer_of(_CHECK_COMMAND, settings, CHECKS, CHECK_LIMIT, "looked at")
    except ProbeError as error:
        return [ClusterCheck("kafka", "problem", error.message, error.hint)]


def _answer_of(
    command: Sequence[str],
    settings: SurveySettings,
    kind: TypeAdapter[Answer],
    limit: float,
    done_to_it: str,
) -> Answer:
    """Return what the child answers within `limit` seconds; raises ProbeError."""
    try:
        done = subprocess.run(
            command,
            input=settings.model_dump_json() + "\n",
            capture_output=True,
            text=True,
            timeout=limit,
            start_new_session=True,  # a Ctrl-C in the terminal is for the run alone
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ProbeError(
            f"the cluster was not {done_to_it} within {limit:g} s",
            "`chaos-runner doctor` looks at its brokers one by one",
        ) from error
    try:
        return kind.validate_json(done.stdout)
    except ValidationError as error:
        raise _death(done) from error


def _death(done: subprocess.CompletedProcess[str]) -> ProbeError:
    last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
    if done.returncode >= 0:
        return ProbeError(f"the survey of the cluster failed: {last[0]}")
    by = signal.Signals(-done.returncode).name
    words = f" ({last[0]})" if done.stderr.strip() else ""
    return ProbeError(
        f"the survey of the cluster was ended by {by}{words}",
        "an answer that Kafka's client library cannot read does that: check that the bootstrap "
        "servers are those of a Kafka cluster of yours",
    )
