"""What a probe of 100 records a second costs while acks take their time, beside Kafka's clients."""

from __future__ import annotations

import argparse
import statistics
import sys
from contextlib import ExitStack
from dataclasses import replace

from brokers import running_brokers
from running_probe import Cost, RunningProbe
from verifiable_clients import verifiable_round

from chaos_runner.measurements.histogram import percentile
from chaos_runner.measurements.model import Totals

DELAYS = (0, 10, 100, 1000)
"""Milliseconds by which every answer of a broker comes later."""


def idle(options: argparse.Namespace, class_path: str) -> None:
    """Print the share of a core that either side takes, for each delay, in interleaved rounds."""
    with ExitStack() as stack:
        servers = {0: options.bootstrap_servers}
        if not options.bootstrap_servers:
            servers = stack.enter_context(running_brokers(options.brokers, DELAYS)).servers
        ours: dict[int, list[tuple[Cost, Totals]]] = {delay: [] for delay in servers}
        theirs: dict[int, list[Cost]] = {delay: [] for delay in servers}
        for _ in range(options.rounds):
            for delay, addresses in servers.items():
                running = RunningProbe(addresses, options.rate, options.size)
                cost, finished = running.measure(options.warm_up, options.seconds)
                _tell(f"acks {delay} ms later: probe", cost)
                ours[delay].append((cost, finished.totals["measured"]))
                if options.alone:
                    continue
                there = argparse.Namespace(**{**vars(options), "bootstrap_servers": addresses})
                cost = verifiable_round(there, class_path, names_each=True)
                _tell(f"acks {delay} ms later: Verifiable…", cost)
                theirs[delay].append(cost)
    print(f"{options.rate} records/s of {options.size} bytes, percent of a core")
    for delay in servers:
        _print_row(delay, ours[delay], theirs[delay])


def _tell(what: str, cost: Cost) -> None:
    """Tell one measurement at once: a machine that is taken away keeps what was seen so far."""
    print(f"{what} {_percent(cost):.1f}", file=sys.stderr, flush=True)


def _print_row(delay: int, ours: list[tuple[Cost, Totals]], theirs: list[Cost]) -> None:
    probe = [_percent(cost) for cost, _ in ours]
    p50 = statistics.median(percentile(totals.ack, 50) or 0.0 for _, totals in ours)
    print(
        f"acks {delay:4} ms later: probe {_words(probe)}, "
        f"{_per_second([cost for cost, _ in ours]):.0f} verified records/s, ack p50 {p50:.1f} ms"
        + (_beside(theirs, statistics.median(probe)) if theirs else "")
    )


def _beside(theirs: list[Cost], median: float) -> str:
    named = [_percent(replace(cost, matching=0.0)) for cost in theirs]
    matched = [_percent(cost) for cost in theirs]
    ratios = ", ".join(f"{statistics.median(side) / median:.1f}" for side in (matched, named))
    return (
        f"; Verifiable…, each matched {_words(matched)}, each named {_words(named)}, "
        f"{_per_second(theirs):.0f} verified records/s; ratios {ratios}"
    )


def _per_second(costs: list[Cost]) -> float:
    return statistics.median(cost.records / cost.seconds for cost in costs)


def _percent(cost: Cost) -> float:
    return 100 * (cost.cpu + cost.matching) / cost.seconds


def _words(percents: list[float]) -> str:
    rounds = " ".join(f"{each:.1f}" for each in percents)
    return f"{statistics.median(percents):.1f} ({rounds})"
