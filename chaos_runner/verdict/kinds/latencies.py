"""Percentiles of the time to an acknowledgement, and to the end."""

from __future__ import annotations

from chaos_runner.verdict.families.latency import LatencyTolerance


class AckP50(LatencyTolerance):
    """Half of the records must be acknowledged within this time."""

    key = "ack_p50"
    way = "ack"
    percent = 50
    rank = 13


class AckP99(LatencyTolerance):
    """99 of 100 records must be acknowledged within this time."""

    key = "ack_p99"
    way = "ack"
    percent = 99
    rank = 14


class AckMax(LatencyTolerance):
    """Every record must be acknowledged within this time."""

    key = "ack_max"
    way = "ack"
    percent = 100
    rank = 15


class EndToEndP50(LatencyTolerance):
    """Half of the records must be consumed within this time."""

    key = "end_to_end_p50"
    way = "end_to_end"
    percent = 50
    rank = 16


class EndToEndP99(LatencyTolerance):
    """99 of 100 records must be consumed within this time."""

    key = "end_to_end_p99"
    way = "end_to_end"
    percent = 99
    rank = 17


class EndToEndMax(LatencyTolerance):
    """Every record must be consumed within this time."""

    key = "end_to_end_max"
    way = "end_to_end"
    percent = 100
    rank = 18
