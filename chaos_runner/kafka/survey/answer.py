"""What a survey of a cluster is told and answers; imports no Kafka client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from chaos_runner.kafka.client_config.java.properties import ClientProperty
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot


class SurveySettings(BaseModel):
    """Which cluster to survey, and how to reach it."""

    # An error must not show the line it is about: the settings hold secrets.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    bootstrap_servers: str
    in_file: list[ClientProperty] = Field(default=[], repr=False)
    client: dict[str, str] = Field(default={}, repr=False)


class Survey(BaseModel):
    """What came of it: a snapshot, or an error with a hint."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    snapshot: ClusterSnapshot | None = None
    error: str = ""
    hint: str = ""


@dataclass(frozen=True)
class ClusterCheck:
    """One thing that was looked at: where, how it is, and how to mend it."""

    where: str
    state: Literal["ok", "warning", "problem"]
    text: str
    hint: str = ""


SURVEY_MEMORY = 3 * 1024**3
"""Bytes that a child may take, a MiB for each thread included; a usual cluster takes 0.1 GiB."""
CHECKS: TypeAdapter[list[ClusterCheck]] = TypeAdapter(list[ClusterCheck])
SURVEY: TypeAdapter[Survey] = TypeAdapter(Survey)
