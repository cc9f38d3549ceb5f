"""A controller without a Kafka probe: its preflight, faults, leases and roll-back are real ones.

`python -m THIS_MODULE EXPERIMENT RUNS [MARGIN]`. Exits as `chaos-runner run` would. The margin is
for how many seconds beyond a lease the roll-back asks a silent host.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from chaos_runner.cli.text.streams import steady_output
from chaos_runner.errors import ChaosRunnerError, HostsNotCleanError, InjectionError, ProbeError
from chaos_runner.execution import put_back
from chaos_runner.execution.context import RunContext
from chaos_runner.execution.fault_context import faults_applied
from chaos_runner.execution.hold_phase import TICK
from chaos_runner.execution.observations import Observations
from chaos_runner.execution.stopping.interruption import RunInterruptedError, watch_signals
from chaos_runner.experiment.load import load_experiment
from chaos_runner.hosts.ansible.channel import never
from chaos_runner.journal.journal import Journal
from chaos_runner.kafka.common.messages import ProbeSettings
from chaos_runner.kafka.zones.probes import Probes
from chaos_runner.operations.fleet import open_fleet
from chaos_runner.operations.plan import plan_experiment
from chaos_runner.workspace import find_inventory


class NoProbe(Probes):
    """A stand-in for a probe that is never missed."""

    def raise_if_dead(self) -> None:
        """Say nothing: there is none."""


def main(experiment: Path, runs: Path) -> int:
    """Hold the experiment's faults for their duration, and return the exit code."""
    session = open_fleet(find_inventory(None))
    plan = plan_experiment(load_experiment(experiment), experiment, session)
    plan.refuse_if_unsafe()
    with watch_signals(lambda _: None) as interruption:
        journal = Journal(runs / plan.identity.run, lambda _: None)
        observations = Observations(journal)
        probe = NoProbe(ProbeSettings(run="none", bootstrap_servers="none:1"), observations.receive)
        context = RunContext(plan, journal, session.ansible, interruption, observations, probe)
        try:
            with faults_applied(context, never) as heartbeat:
                context.enter("during")
                end = time.monotonic() + max(fault.duration for fault in plan.faults)
                while time.monotonic() < end and not heartbeat.vanished:
                    if interruption.wait(TICK):
                        break
        except (InjectionError, RunInterruptedError) as error:
            print(error.message, file=sys.stderr)
        journal.close()
    if any(state != "clean" for state in context.hosts.values()):
        return HostsNotCleanError.exit_code
    if interruption.arrived():
        return interruption.exit_code
    if context.not_applied:
        return InjectionError.exit_code
    return ProbeError.exit_code if context.inconclusive else 0


if __name__ == "__main__":
    if len(sys.argv) > 3:
        put_back.ROLL_BACK_MARGIN = float(sys.argv[3])
    steady_output()  # as the program does: its terminal may be closed
    try:
        sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
    except ChaosRunnerError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
