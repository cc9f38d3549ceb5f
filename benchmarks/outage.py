"""What a probe costs while no broker answers for long, and how soon it is done afterwards."""

from __future__ import annotations

import argparse
import os
import signal
import time

from brokers import running_brokers
from resources import cpu_seconds, resident_megabytes
from running_probe import RunningProbe

DRAIN_LIMIT = 900.0
"""Seconds; what waits then is two minutes of records, all of which are sent and consumed."""
LOOK_SECONDS = 1.0


def outage(options: argparse.Namespace) -> None:
    """Print CPU and memory before and in an outage, and how long the account took after it."""
    with running_brokers(options.brokers, [0]) as brokers:
        running = RunningProbe(brokers.servers[0], options.rate, options.size)
        process = running.probe.process
        time.sleep(options.warm_up)
        before = _watch("before", process, options.seconds)
        running.probe.enter_phase("outage")
        for broker in brokers.processes:
            os.kill(broker, signal.SIGSTOP)
        try:
            during = _watch("outage", process, options.outage)
        finally:
            for broker in brokers.processes:
                os.kill(broker, signal.SIGCONT)
        began = time.monotonic()
        running.probe.enter_phase("over")
        finished = running.probe.finish(DRAIN_LIMIT)
        seconds = time.monotonic() - began
    measured = finished.totals["outage"]
    print(
        f"{options.rate} records/s of {options.size} bytes; an outage of {options.outage:.0f} s; "
        f"memory {before:.0f}, then at most {during:.0f} MB; drained in {seconds:.1f} s"
    )
    print(
        f"in the outage: {measured.scheduled} due, {measured.acked} acknowledged, "
        f"{measured.rejected} rejected, {measured.indeterminate} indeterminate, "
        f"{measured.consumed} consumed, {measured.lost} lost; "
        f"ledger {'complete' if finished.complete else finished.reason}"
    )


def _watch(name: str, process: int, seconds: float) -> float:
    """Print what a process uses for a while; return its largest resident memory in megabytes."""
    used, began = cpu_seconds([process]), time.monotonic()
    memory: list[float] = []
    while time.monotonic() < began + seconds:
        time.sleep(LOOK_SECONDS)
        memory.append(resident_megabytes([process]))
    cores = (cpu_seconds([process]) - used) / (time.monotonic() - began)
    print(
        f"{name:7} {cores:.3f} cores, "
        f"memory {memory[0]:.0f} to {memory[-1]:.0f}, at most {max(memory):.0f} MB"
    )
    return max(memory)
