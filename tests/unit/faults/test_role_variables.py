"""What an experiment hands to a role passes the checks that the role makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from chaos_runner.faults import FaultKind
from chaos_runner.faults.registry import fault_kinds
from tests.unit.docs.examples import ROOT

OPTIONS: Mapping[str, list[dict[str, object]]] = {
    "clock_skew": [{"offset": "-5m"}],
    "disk_fill": [{"path": "/var/log"}, {"path": "/var/lib/kafka", "level": "80.5%"}],
    "disk_slow": [{"service": "kafka", "path": "/srv", "write": "1MiB", "read_operations": 5}],
    "disk_stall": [{"path": "/var/lib/kafka"}],
    "inode_fill": [{"path": "/var/log"}, {"path": "/var/lib/kafka", "left": 10}],
    "io_stress": [{"path": "/srv"}, {"path": "/srv", "access": "read", "block": "4KiB"}],
    "host_reboot": [{"how": "hard"}],
    "log_flood": [{"file": "/srv/flood.log", "length": "1KiB"}],
    "memory_stress": [{"size": "16MiB"}, {"share": "12.5%"}],
    "network_bandwidth": [{"rate": "8mbit"}],
    "network_corruption": [{"corrupt": "0.5%", "correlation": "25%"}],
    "network_duplication": [{"duplicate": "1%"}],
    "network_latency": [{"delay": "100ms"}, {"delay": "1.5s", "jitter": "20ms"}],
    "network_loss": [{"loss": "10%"}, {"loss": "10%", "burst": 4}],
    "network_reordering": [{"reorder": "10%", "delay": "50ms"}],
    "process_pause": [{"executable": "/usr/bin/sleep"}, {"pid_file": "/run/a.pid"}],
    "service_kill": [{"service": "kafka"}, {"service": "kafka@1", "interval": "2.5s"}],
    "service_throttle": [
        {"service": "kafka", "cpu": "150%"},
        {"service": "kafka", "memory": "1GiB"},
        {"service": "kafka", "io_weight": 1},
    ],
}
"""What is tried of a kind beside its defaults, or in place of them where it has none."""
_CHECK = re.compile(r"(\w+) \| (?:string is|map\('string'\) \| reject\()['(, ]*regex'?[(, ]+'(.*)'")
_CHOICES = re.compile(r"(\w+) in (\[.*\])$")


def checks_of(kind: type[FaultKind]) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yield the variables that the role checks, each with what it checks it against."""
    file = Path(ROOT / "roles" / kind.role_name() / "tasks" / "apply.yml")
    for line in yaml.safe_load(file.read_text(encoding="utf-8"))[0]["ansible.builtin.assert"][
        "that"
    ]:
        if found := _CHECK.match(line):
            yield found[1], re.compile(found[2].replace("\\\\", "\\"))
        elif found := _CHOICES.match(line):
            choices = map(re.escape, yaml.safe_load(found[2]))
            yield found[1], re.compile(f"^({'|'.join(choices)})$")


def tried(kind: type[FaultKind]) -> list[FaultKind]:
    """Return faults of a kind, one of its defaults among them where it has defaults for all."""
    required = any(field.is_required() for field in kind.model_fields.values())
    options = OPTIONS.get(kind.kind, [{"service": "kafka"}] if required else [{}])
    return [kind.model_validate(each) for each in options]


WITH_ROLE = [kind for kind in fault_kinds().values() if kind.has_role]


@pytest.mark.parametrize("kind", WITH_ROLE, ids=lambda kind: kind.kind)
def test_the_role_takes_what_an_experiment_hands_it(kind: type[FaultKind]) -> None:
    checks = list(checks_of(kind))
    assert checks
    for fault in tried(kind):
        variables = fault.role_variables(lambda _: ["192.0.2.7"])
        for name, pattern in checks:
            value = variables.get(name, [])
            for each in value if isinstance(value, list) else [value]:
                assert pattern.search(str(each)), f"{name}: {each!r} of {fault!r}"
