"""Open the journal and the probe of a run, execute it, and close both whatever happens."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.execution.announcing.announcements import RunAnnouncements
from chaos_runner.execution.context import RunContext
from chaos_runner.execution.observations import Observations
from chaos_runner.execution.phases import Outcome, execute
from chaos_runner.execution.run_verdict import doubt_untouched
from chaos_runner.execution.stopping.interruption import Interruption
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.hosts.nodes.zone_probes import probe_commands
from chaos_runner.journal.events import (
    Event,
    HostChecked,
    PhaseStarted,
    ProbeStarted,
    RunFinished,
    RunStarted,
    Waiting,
)
from chaos_runner.journal.journal import Journal
from chaos_runner.journal.process_lock import RUN_LOCK, hold_lock
from chaos_runner.kafka.common.messages import ProbeSettings, Ready
from chaos_runner.kafka.zones.probes import Probes
from chaos_runner.planning.plan import Plan
from chaos_runner.verdict.run_reason import RunReason
from chaos_runner.verdict.safeguards import look_back

MOST_TOPICS_JOURNALLED = 50
PROBE_START_LIMIT = 30.0
"""Seconds for the probe to reach the cluster and make its topic."""


def start_run(
    plan: Plan,
    ansible: AnsibleChannel,
    interruption: Interruption,
    runs_directory: Path,
    versions: dict[str, str],
    observe: Callable[[Event], None],
    announcements: RunAnnouncements,
) -> Outcome:
    """Execute a plan in a new directory of `runs_directory`; return how it ended.

    Raises ProbeError or UsageError, with the journal closed, when the probe cannot start: no
    host has been touched then.
    """
    journal = Journal(runs_directory / plan.identity.run, observe, announcements.observe)
    announcements.write_into(journal)
    zones = plan.experiment.probe.zones
    observations = Observations(journal, zones, look_back(plan.experiment.safeguards))
    commands = probe_commands(zones, plan.inventory)
    probe = Probes(_probe_settings(plan), observations.receive, commands)
    try:
        with hold_lock(journal.path.parent / RUN_LOCK, "executes this run", ""):
            _write_beginning(journal, plan, versions)
            ready = _start_probe(probe, journal, plan)
            context = RunContext(plan, journal, ansible, interruption, observations, probe)
            doubt_untouched(context, ready.untouched_by)
            return execute(context)
    finally:
        probe.kill()
        announcements.close()
        journal.close()


def _probe_settings(plan: Plan) -> ProbeSettings:
    experiment = plan.experiment
    return ProbeSettings(
        run=plan.identity.run,
        bootstrap_servers=plan.bootstrap_servers,
        rate=experiment.probe.rate,
        size=experiment.probe.size,
        profile=experiment.kafka.profile,
        in_file=list(experiment.kafka.in_file(plan.experiment_file)),
        client=experiment.kafka.properties,
        faults=list(plan.reaches),
        groups=experiment.kafka.groups,
        topic=experiment.probe.topic or "",
        topic_prefix=experiment.probe.topic_prefix or "",
        drain_limit=experiment.phases.drain,
    )


def _write_beginning(journal: Journal, plan: Plan, versions: dict[str, str]) -> None:
    experiment = plan.experiment
    as_json = experiment.model_dump(mode="json", exclude_none=True)
    as_json.get("kafka", {}).pop("properties", None)  # may hold secrets; the probe redacts its own
    journal.write(
        RunStarted(
            run=plan.identity.run,
            kind=plan.kind,
            title=experiment.title,
            description=experiment.description,
            owner=experiment.owner or "",
            tags=experiment.tags,
            experiment_file=plan.experiment_name,
            experiment=as_json,
            inventory=plan.inventory_name,
            faults=list(plan.faults),
            blast_radius=plan.blast_radius.shortened(MOST_TOPICS_JOURNALLED),
            one_channel=plan.one_channel,
            left_out=plan.left_out,
            cluster=plan.cluster,
            steady_state=experiment.steady_state.model_dump(mode="json", exclude_none=True),
            versions=versions,
            process=os.getpid(),
        )
    )
    journal.write(PhaseStarted(phase="preflight"))
    for host, facts in plan.facts.items():
        problems = [problem.text for problem in plan.problems.get(host, [])]
        journal.write(HostChecked(host=host, facts=facts, problems=problems))


def _start_probe(probe: Probes, journal: Journal, plan: Plan) -> Ready:
    journal.write(Waiting(what="the probe to reach the cluster and to make its topic"))
    try:
        ready: Ready = probe.start(PROBE_START_LIMIT)
    except ChaosRunnerError as error:
        journal.write(
            RunFinished(
                verdict="inconclusive",
                exit_code=error.exit_code,
                reasons=[RunReason(code="probe_not_started", detail=error.message)],
            )
        )
        raise
    journal.write(
        ProbeStarted(
            topic=ready.topic,
            brokers=ready.brokers,
            placement=ready.placement,
            exposure=ready.exposure,
            untouched_by=ready.untouched_by,
            rate=plan.experiment.probe.rate,
            size=plan.experiment.probe.size,
            client=ready.client,
            profile=ready.profile,
            topic_settings=ready.topic_settings,
            broker_settings=ready.broker_settings,
            zones=ready.zones,
        )
    )
    return ready
