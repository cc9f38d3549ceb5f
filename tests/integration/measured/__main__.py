"""Measure every fault kind: `python -m THIS_PACKAGE [--only TEXT]... [--suite RELEASE]`.

Brings a lab of its own up, puts each fault on through the host guard, looks from outside, takes it
back, and writes a line for each into docs/reference/measured.jsonl, where it stands in the place of
an earlier one of the same fault, host and release. `scripts/generate` makes tables of them.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.faults.pages.measured import MEASURED_FILE, Measured, read_measured
from chaos_runner.hosts.inventory.reader import read_inventory
from chaos_runner.lab.lifecycle import lab
from chaos_runner.lab.namespace import enter
from chaos_runner.lab.record import read_lab
from chaos_runner.lab.spec import SUITES, load_spec
from tests.integration.measured.cases import CASES, Case
from tests.integration.measured.host import MeasuredHost
from tests.integration.measured.installing import install_host_guard
from tests.integration.measured.network import Servers

HERE = Path(__file__).parent
INVENTORY = HERE.parents[2] / "inventories" / "lab"
MAKES = {"container": "container", "machine": "VM"}
_GOES_DOWN = 10.0
"""Seconds within which a host goes down that is restarted."""
_writing = threading.Lock()


class _RefusedError(Exception):
    """A fault that this host's own guard refuses, with nothing done."""


def main() -> int:
    """Measure the chosen cases on both hosts at once; return 1 where one fails or is not clean."""
    parser = argparse.ArgumentParser(prog="scripts/measure", description=__doc__)
    parser.add_argument("--only", action="append", help="faults with this text; may be repeated")
    parser.add_argument("--suite", choices=SUITES, default="bookworm", help="the Debian release")
    parser.add_argument("--host", choices=MAKES, action="append", help="by default both")
    arguments = parser.parse_args()
    chosen = arguments.host or list(MAKES)
    spec = load_spec(HERE / "lab.yml")
    hosts = tuple(host for host in spec.hosts if host.name in chosen)
    changes = {"name": f"{spec.name}-{arguments.suite}", "suite": arguments.suite, "hosts": hosts}
    spec = spec.model_copy(update=changes)
    os.environ["CHAOS_LAB"] = spec.name
    try:
        lab.up(spec, lambda who, what: print(f"{who}: {what}", file=sys.stderr))
        install_host_guard(spec.name)
        return _measure(spec.name, arguments.only or [""], chosen)
    finally:
        lab.down(spec.name, lambda _who, _what: None)


def _measure(name: str, only: list[str], chosen: list[str]) -> int:
    assert read_lab(name) is not None
    hosts = read_inventory(INVENTORY).hosts
    enter(name)
    Servers()
    failed: list[str] = []

    def work(host: MeasuredHost) -> None:
        cases = [case for case in CASES if any(text in case.written for text in only)]
        for result in _on(host, cases, failed):
            _keep(result)
            print(f"{host.make}: {result.written}: {result.summary()}", file=sys.stderr)
            if not result.clean:
                failed.append(result.written)

    with ThreadPoolExecutor() as pool:
        looked_at = [MeasuredHost(hosts[each], MAKES[each]) for each in chosen]
        for done in [pool.submit(work, host) for host in looked_at]:
            done.result()
    return 1 if failed else 0


def _on(host: MeasuredHost, cases: list[Case], failed: list[str]) -> Iterator[Measured]:
    host.reach()
    host.prepare()
    system, there = host.system(), host.capabilities()
    for case in cases:
        needs = {each.name for each in case.fault.needed()}
        if needs <= there and (case.in_container or host.make != MAKES["container"]):
            try:
                yield _one(host, case, system)
            except _RefusedError as refusal:  # e.g. a container without a controller for it
                print(f"{host.make}: {case.written}: refused: {refusal}", file=sys.stderr)
            except (ChaosRunnerError, AssertionError, ValueError, KeyError) as error:
                print(f"{host.make}: {case.written}: FAILED: {error!r}", file=sys.stderr)
                failed.append(case.written)
                host.reach()
                host.roll_back()


def _one(host: MeasuredHost, case: Case, system: str) -> Measured:
    host.run(case.before or ":")
    before = case.look(host)
    put_on = host.inject(case.fault)
    if not put_on.answer.get("ok"):
        host.run(case.after or ":")
        raise (_RefusedError if put_on.answer.get("refused") else AssertionError)(put_on.answer)
    if case.restarts:
        time.sleep(_GOES_DOWN)
    during = case.look(host)
    taken_back = host.roll_back()
    after = case.look(host)
    clean = taken_back.answer.get("state") == "clean" and host.is_clean()
    if case.restarts:
        host.prepare()
    host.run(case.after or ":")
    return Measured(
        kind=case.kind,
        written=case.written,
        host=host.make,
        system=system,
        before=before,
        during=during,
        after=after,
        seconds_on=put_on.seconds,
        seconds_off=taken_back.seconds,
        clean=clean,
    )


def _keep(result: Measured) -> None:
    with _writing, MEASURED_FILE.open("a", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # another release may be measured beside this one
        kept = [each for each in read_measured() if each.place != result.place]
        lines = sorted(each.model_dump_json() for each in (*kept, result))
        MEASURED_FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
