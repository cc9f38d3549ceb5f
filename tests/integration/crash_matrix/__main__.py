"""Run the crash matrix: `python -m THIS_PACKAGE --results FILE`, and what `--help` shows.

Brings its lab up, runs cells on all of its hosts at once, and writes a result a line as they
come. A results file that exists already is gone on with: its cells are not run again, unless
they failed.
"""

from __future__ import annotations

import argparse
import os
import queue
import random
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

from chaos_runner.hosts.inventory.reader import read_inventory
from chaos_runner.lab.lifecycle.requirements import netem_works
from chaos_runner.lab.namespace import enter
from chaos_runner.lab.record import read_lab
from chaos_runner.lab.spec import HostSpec
from tests.integration.crash_matrix.cell import run_cell
from tests.integration.crash_matrix.cells import Cell, every_cell
from tests.integration.crash_matrix.host import LAB, MatrixHost
from tests.integration.crash_matrix.results import Result, read_results

SPEC = Path(__file__).parent / "lab.yml"
PEER = "peer"
"""The host that falls silent beside another container; it has no cells of its own."""
INVENTORY = Path(__file__).resolve().parents[3] / "inventories" / "lab"


def main() -> int:
    """Run the chosen cells; return how many failed, at most 1."""
    arguments = _arguments()
    _mend_links()
    _bring_lab_up(containers_only=arguments.containers)
    cells = [
        cell
        for cell in every_cell(netem_in_containers=netem_works())
        if (cell.in_ci or not arguments.ci) and arguments.only in cell.name
        if cell.host == "container" or not arguments.containers
    ]
    done = _earlier(arguments.results)
    left = [cell for cell in cells if cell.name not in done]
    # Mixed, so that a matrix that is stopped early has tried something of everything.
    random.Random(0).shuffle(left)
    print(f"{len(left)} cells to run, {len(done)} stand already", file=sys.stderr)
    results = _run_all(left, arguments.results, threading.Semaphore(arguments.at_once))
    failed = [result for result in results if not result.ok]
    return 1 if failed else 0


def _bring_lab_up(*, containers_only: bool) -> None:
    spec = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
    if containers_only:
        spec["hosts"] = [host for host in spec["hosts"] if host["backend"] == "container"]
    with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as file:
        yaml.safe_dump(spec, file)
        file.flush()
        command = [sys.executable, "-m", "chaos_runner", "lab", "up", "--spec", file.name]
        subprocess.run(command, check=True)


def _mend_links() -> None:
    """Plug in again what a matrix that was stopped in the middle of a cell had cut off."""
    record = read_lab(LAB)
    for _, place in record.hosts if record else ():
        command = ["ip", "-n", LAB, "link", "set", place.interface, "up"]
        subprocess.run(command, capture_output=True, check=False)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.integration.crash_matrix", description=__doc__
    )
    parser.add_argument("--ci", action="store_true", help="the covering subset of each CI run")
    parser.add_argument("--only", default="", help="cells with this text in their name")
    parser.add_argument(
        "--at-once", type=int, default=100, help="most cells at once, on a machine that is busy"
    )
    parser.add_argument(
        "--containers", action="store_true", help="the cells on containers alone, and no machine"
    )
    parser.add_argument("--results", type=Path, required=True, help="JSON lines, appended to")
    return parser.parse_args()


def _earlier(file: Path) -> set[str]:
    return {name for name, result in read_results(file).items() if result.ok}


def _run_all(cells: list[Cell], file: Path, at_once: threading.Semaphore) -> list[Result]:
    record = read_lab(LAB)
    assert record is not None
    os.environ["CHAOS_LAB"] = LAB
    inventory = read_inventory(INVENTORY)
    enter(LAB)
    waiting: dict[str, queue.SimpleQueue[Cell]] = {
        "container": queue.SimpleQueue(),
        "machine": queue.SimpleQueue(),
    }
    for cell in cells:
        waiting[cell.host].put(cell)
    hosts = {spec.name: MatrixHost(inventory.hosts[spec.name], at) for spec, at in record.hosts}
    with ThreadPoolExecutor(len(hosts)) as pool:
        list(pool.map(_make_ready, hosts.values()))
    results: list[Result] = []
    lock = threading.Lock()

    def work(host: MatrixHost, cells: queue.SimpleQueue[Cell]) -> None:
        peer = _peer_of(host, hosts)
        while not cells.empty():
            with at_once:
                try:
                    cell = cells.get_nowait()
                except queue.Empty:
                    return
                began = time.monotonic()
                result = run_cell(cell, host, peer)
            with lock, file.open("a", encoding="utf-8") as lines:
                lines.write(result.model_dump_json() + "\n")
                results.append(result)
                _tell(result, host.name, time.monotonic() - began)

    threads = [
        threading.Thread(target=work, args=(hosts[spec.name], waiting[_kind(spec)]))
        for spec, _ in record.hosts
        if spec.name != PEER
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def _make_ready(host: MatrixHost) -> None:
    host.reach()
    host.prepare()


def _peer_of(host: MatrixHost, hosts: dict[str, MatrixHost]) -> MatrixHost:
    """Return who falls silent beside a host: another machine, which can carry the same faults."""
    machines = [name for name in hosts if name.startswith("machine")]
    others = [name for name in machines if name != host.name]
    return hosts[others[0] if host.name in machines and others else PEER]


def _kind(spec: HostSpec) -> str:
    return "machine" if spec.backend == "vm" else "container"


def _tell(result: Result, host: str, took: float) -> None:
    how = f"clean after {result.seconds} s ({result.ended_by})" if result.ok else "FAILED"
    print(f"{took:5.0f} s  {host}: {result.cell}: {how}", file=sys.stderr)
    if not result.ok:
        print(f"    {result.problem}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
