"""Every text that a file of somebody else's may hold is known for what it reaches.

A new key of any file is refused here until somebody has said what its text may do.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

import chaos_runner
from chaos_runner.errors import RefusedError
from chaos_runner.experiment.load import load_experiment
from chaos_runner.planning.trust_gate import require_trust
from chaos_runner.yaml_input.written_model import WrittenModel

FAULT = "faults:\n  - network_partition:\n    duration: 60s\n"
POWER = (
    "{host_power: {switch_on: %s, switch_off: %s}, duration: 60s,"
    " targets: {group: kafka_broker, count: 1}}"
)
NEEDS_TRUST = {
    "Alerts.alertmanager": "safeguards: [{alerts: {alertmanager: 'http://ours', alert: A}}]",
    "Alerts.prometheus": "safeguards: [{alerts: {prometheus: 'http://ours', alert: A}}]",
    "Authorization.env": "safeguards: [{http: {url: 'https://a', authorization: {env: ours}}}]",
    "Authorization.file": "safeguards: [{http: {url: 'https://a', authorization: {file: ours}}}]",
    "Command.argv": "safeguards: [{command: [ours]}]",
    "Http.url": "safeguards: [{http: {url: 'http://ours.example'}}]",
    "KafkaSettings.properties": "kafka: {properties: {ssl.ca.location: ours}}",
    "KafkaSettings.properties_file": "kafka: {properties_file: ../ours.properties}",
    "LoadOptions.command": "load: {topic: a, command: [ours]}",
    "LoadOptions.host": "load: {topic: a, host: ours}",
    "LoadOptions.topic": "load: {topic: ours}",
    "ProbeOptions.topic": "probe: {topic: ours}",
    "ProbeOptions.zones": "probe: {zones: [ours]}",
    "Prometheus.url": (
        "safeguards: [{prometheus: {url: 'http://ours.example', query: up, at_most: 1}}]"
    ),
    "ServerCheck.ca_file": "safeguards: [{http: {url: 'https://a', ca_file: ours}}]",
    "HostPower.switch_off": POWER % ("[a]", "[ours]"),
    "HostPower.switch_on": POWER % ("[ours]", "[b]"),
}
"""What reaches a file, a program, a variable or a server of the user's, each in an experiment."""
REACH_NOTHING = {
    "sent to a server that needs trust": "Alerts.alert Alerts.labels Prometheus.query",
    "compared with an answer": "Http.contains",
    "servers of the experiment's own, which get none of the user's secrets": (
        "KafkaSettings.bootstrap_servers"
    ),
    "names in the cluster, where the blast radius has to allow what is done to them": (
        "Allowance.groups Allowance.topics GroupRebalance.group GroupRebalance.topics"
        " KafkaSettings.groups LeaderMove.topics ProbeOptions.topic_prefix"
        " ReplicationThrottle.topics"
    ),
    "names in the inventory": (
        "NetworkPartition.groups OptOut.group OptOut.host Targets.coordinator_of Targets.exclude"
        " Targets.follower_of Targets.group Targets.hosts Targets.leader_of Targets.rack"
    ),
    "options of a fault, which hold no character of the shell": (
        "DiskFill.path DiskSlow.path DiskStall.path DnsFailure.peers EmulationFault.interface"
        " InodeFill.path IoStress.path LogFlood.file NetworkBandwidth.rate NetworkFault.peers"
        " NetworkFault.spared ProcessPause.executable ProcessPause.pid_file ServiceFault.service"
        " ServiceThrottle.cpu TrafficFault.ports"
    ),
    "other files of the kind, named by their ending and judged as the first": (
        "AgendaItem.experiment ScheduledExperiment.experiment Windows.calendar"
    ),
    "moments and places, parsed or looked up in a table": (
        "Consent.hours Consent.kinds Consent.time_zone GameDay.end GameDay.start"
        " GameDay.time_zone Holidays.country Holidays.subdivision Schedule.time_zone"
        " ScheduledExperiment.cron Windows.hours"
    ),
    "text for people, escaped where it is shown": (
        "AcceptedRisk.reason AcceptedRisk.who AgendaItem.briefing AgendaItem.debriefing"
        " AgendaItem.expected AgendaItem.noticed_first_by AgendaItem.pause AgendaItem.question"
        " Announcement.how Announcement.to CheckEntry.name Consent.contact Evidence.limit"
        " Evidence.observed Evidence.phase Evidence.tolerance Experiment.description"
        " Experiment.owner Experiment.tags Experiment.title Finding.experiment Finding.notes"
        " Finding.owner Finding.title Fix.what Freeze.reason GameDay.description"
        " GameDay.environment GameDay.place GameDay.title Hypothesis.cost Hypothesis.direction"
        " Hypothesis.effect Hypothesis.test OptOut.reason Person.contact Person.name"
        " Schedule.owner Schedule.title Verified.observed"
    ),
    "names of runs, looked up in the history": "Evidence.run Verified.run",
    "the package's own catalogue": (
        "Cause.against Cause.cost Cause.effect Cause.fits Cause.needs Cause.remedy Cause.says"
        " Cause.source Cause.test Cause.title"
    ),
    "looked through before anything is started": "WorkspaceConfig.inventory",
    "directories in which new files of ours are made": (
        "WorkspaceConfig.findings WorkspaceConfig.runs"
    ),
}


def models(kind: type[WrittenModel] = WrittenModel) -> Iterator[type[WrittenModel]]:
    for each in kind.__subclasses__():
        yield each
        yield from models(each)


def holds_text(annotation: Any) -> bool:
    if get_origin(annotation) is Literal:
        return False
    return annotation in (str, Path, object, Any) or any(map(holds_text, get_args(annotation)))


def test_what_each_text_of_a_file_may_do_is_known() -> None:
    for module in pkgutil.walk_packages(chaos_runner.__path__, "chaos_runner."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    texts = {
        f"{model.__name__}.{name}"
        for model in models()
        if model.__module__.startswith("chaos_runner.")
        for name, field in model.model_fields.items()
        if name in model.__annotations__ and holds_text(field.annotation)
    }
    known = [*NEEDS_TRUST, *" ".join(REACH_NOTHING.values()).split()]
    assert sorted(texts) == sorted(known)


@pytest.mark.parametrize("key", NEEDS_TRUST)
def test_what_reaches_for_something_needs_trust_and_is_named(key: str, tmp_path: Path) -> None:
    written = NEEDS_TRUST[key]
    body = f"faults: [{written}]\n" if "host_power" in written else f"{FAULT}{written}\n"
    file = tmp_path / "experiment.yml"
    file.write_text(f"title: From a stranger\n{body}", encoding="utf-8")
    with pytest.raises(RefusedError, match="ours"):
        require_trust(load_experiment(file), file, trusted=False)
