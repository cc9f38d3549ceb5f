"""Compare the probe with Kafka's own verifiable clients, and find the rate it can sustain.

Both send to and read from the same brokers, in turn, with records of the same size, acks=all,
the same linger and the same rate. Counted is the CPU time of the clients alone, after a warm-up,
per record that was acknowledged and consumed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from idle import idle
from outage import outage
from running_probe import LINGER, Cost, RunningProbe
from verifiable_clients import fetch_tools, verifiable_round

from chaos_runner.hosts.inventory.reader import read_inventory
from chaos_runner.kafka.common.messages import Finished
from chaos_runner.lab.namespace import enter
from chaos_runner.measurements.histogram import percentile

INVENTORY = Path(__file__).resolve().parents[1] / "inventories" / "lab"
LADDER = (5_000, 10_000, 20_000, 30_000, 40_000, 50_000)


def compare(options: argparse.Namespace, class_path: str) -> None:
    """Print verified records per CPU-second of both, in interleaved rounds."""
    ours: list[Cost] = []
    naming: list[Cost] = []
    counting: list[Cost] = []
    for _ in range(options.rounds):
        running = RunningProbe(options.bootstrap_servers, options.rate, options.size)
        cost, finished = running.measure(options.warm_up, options.seconds)
        _require_whole(finished)
        ours.append(cost)
        naming.append(verifiable_round(options, class_path, names_each=True))
        counting.append(verifiable_round(options, class_path, names_each=False))
    print(f"{options.rate} records/s of {options.size} bytes, acks=all, linger {LINGER} ms")
    _print_row("probe", ours)
    named = [replace(cost, matching=0.0) for cost in naming]
    _print_row("Verifiable…, each matched", naming)
    _print_row("Verifiable…, each named", named)
    _print_row("Verifiable…, only counted", counting)
    ratios = ", ".join(f"{_ratio(ours, theirs):.1f}" for theirs in (naming, named, counting))
    print(f"ratio per CPU-second: {ratios}")


def climb(options: argparse.Namespace) -> None:
    """Print the rates of the ladder that the probe sustains, with all records verified."""
    for rate in LADDER:
        running = RunningProbe(options.bootstrap_servers, rate, options.size)
        cost, finished = running.measure(options.warm_up, options.seconds)
        measured = finished.totals["measured"]
        late = sum(health.late_sends for health in running.health)
        verified = finished.complete and measured.consumed == measured.scheduled
        sustained = verified and 100 * late <= measured.scheduled
        print(
            f"{rate:6} records/s: {'sustained' if sustained else 'not sustained'}, "
            f"{measured.consumed} of {measured.scheduled} verified, "
            f"{1e6 * cost.cpu / max(1, measured.consumed):.1f} µs CPU a record, "
            f"{cost.cpu / options.seconds:.2f} cores, "
            f"{cost.first_memory:.0f} then {cost.last_memory:.0f} MB, "
            f"end-to-end p50 {percentile(measured.end_to_end, 50) or 0:.1f} ms, "
            f"p99 {percentile(measured.end_to_end, 99) or 0:.1f} ms, "
            f"{late} sends held up by this machine"
        )
        if not verified:
            return


def _require_whole(finished: Finished) -> None:
    measured = finished.totals["measured"]
    if not finished.complete or measured.consumed < measured.scheduled:
        sys.exit(f"the probe did not verify all its records: {finished.reason or measured}")


def _median(costs: list[Cost], of: Callable[[Cost], float]) -> float:
    return statistics.median(map(of, costs))


def _ratio(ours: list[Cost], theirs: list[Cost]) -> float:
    each = [_median(costs, lambda cost: cost.per_cpu_second) for costs in (ours, theirs)]
    return each[0] / each[1]


def _print_row(name: str, costs: list[Cost]) -> None:
    rounds = " ".join(f"{cost.per_cpu_second:.0f}" for cost in costs)
    per_second = _median(costs, lambda cost: cost.per_cpu_second)
    memory = _median(costs, lambda cost: cost.last_memory)
    rate = _median(costs, lambda cost: cost.records / cost.seconds)
    print(
        f"{name:30} {per_second:7.0f} records per CPU-second, {memory:4.0f} MB, "
        f"{rate:.0f} records/s  ({rounds})"
    )


def _lab_servers() -> str:
    """Enter the lab's network namespace and return its brokers."""
    inventory = read_inventory(INVENTORY)
    if inventory.network_namespace is None:
        sys.exit("give --bootstrap-servers, or start the lab: chaos-runner lab up")
    enter(inventory.network_namespace)
    return inventory.bootstrap_servers()


def main() -> None:
    """Do the part that was asked for; by default compare, then climb."""
    parser = argparse.ArgumentParser(description=__doc__)
    parts = ["compare", "climb", "idle", "outage"]
    parser.add_argument("part", nargs="?", choices=parts, help="by default compare and climb")
    parser.add_argument("--bootstrap-servers", help="by default the lab's brokers")
    parser.add_argument("--rate", type=int, help="records/s: 20000, idle 100, in an outage 10000")
    parser.add_argument("--size", type=int, default=1024, help="bytes a record")
    parser.add_argument("--seconds", type=float, default=15.0, help="to measure in each round")
    parser.add_argument("--warm-up", type=float, default=20.0, help="seconds before that")
    parser.add_argument("--rounds", type=int, default=3, help="of each side, interleaved")
    parser.add_argument("--brokers", type=int, default=1, help="for idle and outage, started here")
    parser.add_argument("--lab", action="store_true", help="idle on the lab's brokers as they are")
    parser.add_argument("--alone", action="store_true", help="idle without Kafka's clients")
    parser.add_argument("--outage", type=float, default=600.0, help="seconds that it lasts")
    options = parser.parse_args()
    options.rate = options.rate or {"idle": 100, "outage": 10_000}.get(options.part, 20_000)
    with tempfile.TemporaryDirectory() as directory:
        # Before the lab's network is entered: no Maven repository can be reached from there.
        alone = options.alone or options.part in ("climb", "outage")
        class_path = "" if alone else fetch_tools(Path(directory))
        if options.part == "outage":
            outage(options)
            return
        if options.part != "idle" or options.lab:
            options.bootstrap_servers = options.bootstrap_servers or _lab_servers()
        if options.part == "idle":
            idle(options, class_path)
            return
        if class_path:
            compare(options, class_path)
    if options.part != "compare":
        climb(options)


if __name__ == "__main__":
    main()
