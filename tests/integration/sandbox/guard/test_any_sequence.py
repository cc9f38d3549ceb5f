"""Whatever is done to the guard, in whatever order, killed whenever: revert ends at the start.

CHAOS_GUARD_EXAMPLES sets how many sequences are tried.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from chaos_runner.fleet.commands import render_fault_script
from tests.integration.sandbox.guard.sandbox import Answer, Sandbox

EXAMPLES = int(os.environ.get("CHAOS_GUARD_EXAMPLES", "12"))
PATIENCE = 60.0
"""Seconds for a busy machine to end what a sequence began."""
SCRIPTS = {
    "f_1": render_fault_script("network_partition", {}),
    "f_2": render_fault_script("network_partition", {"network_partition_ports": [9092]}),
    "f_3": render_fault_script(
        "network_partition", {"network_partition_peers": ["198.18.200.1", "2001:db8::7"]}
    ),
}
RUNS = ("run-a", "run-b")

faults = st.sampled_from(sorted(SCRIPTS))
runs = st.sampled_from(RUNS)
leases = st.sampled_from(["2", "3", "30"])
moments = st.one_of(st.none(), st.floats(min_value=0.005, max_value=0.6))


class AnySequence(RuleBasedStateMachine):
    """One guard on one host; every verb may be killed at any moment."""

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = Sandbox()

    @initialize()
    def remember(self) -> None:
        """Keep the fingerprint from before everything."""
        self.first = self.sandbox.fingerprint()

    @rule(
        fault=faults,
        run=runs,
        lease=leases,
        verb=st.sampled_from(["inject", "arm"]),
        killed=moments,
        whole=st.booleans(),
    )
    def put_on(
        self, fault: str, run: str, lease: str, verb: str, killed: float | None, whole: bool
    ) -> None:
        options = ("--run", run, "--kind", "network_partition", "--lease", lease, "--cap", "60")
        words = (verb, fault, *options)
        self._ask(*words, script=SCRIPTS[fault], kill_after=killed, whole=whole)

    @rule(fault=faults, killed=moments, whole=st.booleans())
    def apply(self, fault: str, killed: float | None, whole: bool) -> None:
        self._ask("apply", fault, kill_after=killed, whole=whole)

    @rule(run=runs, lease=leases, killed=moments, whole=st.booleans())
    def renew(self, run: str, lease: str, killed: float | None, whole: bool) -> None:
        self._ask("renew", run, lease, kill_after=killed, whole=whole)

    @rule(fault=faults, killed=moments, whole=st.booleans())
    def revert(self, fault: str, killed: float | None, whole: bool) -> None:
        self._ask("revert", fault, kill_after=killed, whole=whole)

    @rule(run=runs, killed=moments, whole=st.booleans())
    def revert_run(self, run: str, killed: float | None, whole: bool) -> None:
        self._ask("revert", "--run", run, kill_after=killed, whole=whole)

    @rule(run=runs, killed=moments, whole=st.booleans())
    def forget(self, run: str, killed: float | None, whole: bool) -> None:
        self._ask("forget", "--run", run, kill_after=killed, whole=whole)

    @rule(fault=faults, killed=moments, whole=st.booleans())
    def reach_the_cap(self, fault: str, killed: float | None, whole: bool) -> None:
        with suppress(ValueError):  # what the timer calls answers to nobody
            self.sandbox.guard("expire", fault, kill_after=killed, whole=whole)

    @rule()
    def kill_the_watchdogs(self) -> None:
        self.sandbox.kill_watchdogs()

    @rule()
    def flush_by_somebody_else(self) -> None:
        self.sandbox.run(["nft", "flush", "ruleset"])

    @rule()
    def fill_the_disk(self) -> None:
        self.sandbox.run(
            ["sh", "-c", "cat /dev/zero >/var/lib/chaos-runner/filler 2>/dev/null || :"]
        )

    @rule()
    def free_the_disk(self) -> None:
        self.sandbox.run(
            ["sh", "-c", "rm -f /var/lib/chaos-runner/filler || :"]
        )  # it may be read-only

    @rule()
    def make_the_disk_read_only(self) -> None:
        self.sandbox.run(["sh", "-c", "mount -o remount,ro /var/lib/chaos-runner || :"])

    @rule()
    def make_the_disk_writable(self) -> None:
        self.sandbox.run(["mount", "-o", "remount,rw", "/var/lib/chaos-runner"])

    @rule()
    def stall_the_disk_for_one_roll_back(self) -> None:
        programs = ("/usr/local/sbin/sync", "/usr/local/sbin/dd")
        for program in programs:
            self.sandbox.run(["tee", program], b"#!/bin/sh\nexec sleep 1000\n")
            self.sandbox.run(["chmod", "755", program])
        self._ask("revert", "--all")
        self.sandbox.run(["rm", *programs])

    @rule(fault=faults, places=st.sampled_from(["/var/lib", "/run", "/run /var/lib"]))
    def tear_a_record(self, fault: str, places: str) -> None:
        script = (
            f"for place in {places}; do file=$place/chaos-runner/{fault}/journal; "
            "[ ! -e $file ] || true >$file; done 2>/dev/null"
        )
        self.sandbox.run(["sh", "-c", script + " || :"])

    @rule()
    def fill_run(self) -> None:
        self.sandbox.run(["sh", "-c", "cat /dev/zero >/run/chaos-runner/filler 2>/dev/null || :"])

    @rule()
    def free_run(self) -> None:
        self.sandbox.run(["rm", "-f", "/run/chaos-runner/filler"])

    @rule()
    def lose_run(self) -> None:
        self.sandbox.run(["sh", "-c", "rm -rf /run/chaos-runner/*"])

    @invariant()
    def looking_always_works(self) -> None:
        assert self._ask("audit").code == 0

    def teardown(self) -> None:
        """Take everything back: the host is as it was before the first verb, and says so."""
        try:
            self.make_the_disk_writable()
            self.free_the_disk()
            self.free_run()
            until = time.monotonic() + PATIENCE
            answer = self._ask("revert", "--all")
            # A busy machine is still at what the sequence began.
            while answer.data and answer.data["state"] == "pending" and time.monotonic() < until:
                answer = self._ask("revert", "--all")
            assert answer.data is not None
            assert answer.data["state"] == "clean", answer.data
            assert self.sandbox.fingerprint() == self.first
            again = self._ask("revert", "--all")
            assert again.data is not None
            assert again.data["state"] == "clean"
        finally:
            self.sandbox.close()

    def _ask(
        self,
        *words: str,
        script: str = "",
        kill_after: float | None = None,
        whole: bool = False,
    ) -> Answer:
        """Ask the guard; one that was not killed has said how it went, and not crashed."""
        answer = self.sandbox.guard(*words, script=script, kill_after=kill_after, whole=whole)
        if answer.data is not None:
            assert answer.data["verb"] == words[0]
            assert answer.code in (0, 1, 3, 4), answer
        return answer


@pytest.mark.timeout(1200)
def test_revert_ends_where_it_all_began() -> None:
    if os.geteuid() != 0:
        pytest.fail("this needs root for namespaces; `scripts/test unit golden` runs the others")
    run_state_machine_as_test(
        AnySequence,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
