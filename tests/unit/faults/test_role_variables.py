"""What an experiment hands to a role passes the checks that the role makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml
from jinja2 import Environment

from chaos_runner.faults import FaultKind
from chaos_runner.faults.registry import fault_kinds
from chaos_runner.faults.role_checks import checks_of as conditions_of
from chaos_runner.faults.role_files import variables_of
from chaos_runner.faults.role_options import RoleOption
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
    for line in _assertions(file):
        if found := _CHECK.match(line):
            yield found[1], re.compile(found[2].replace("\\\\", "\\"))
        elif found := _CHOICES.match(line):
            choices = map(re.escape, yaml.safe_load(found[2]))
            yield found[1], re.compile(f"^({'|'.join(choices)})$")


def _assertions(file: Path) -> list[str]:
    return list(
        yaml.safe_load(file.read_text(encoding="utf-8"))[0]["ansible.builtin.assert"]["that"]
    )


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


_ANSIBLE = Environment(autoescape=False)  # noqa: S701 - conditions, and nothing is shown
_ANSIBLE.filters["regex_replace"] = lambda text, what, by: re.sub(what, by, str(text))

LIMITED = [
    (name, option)
    for kind in WITH_ROLE
    for name, option in variables_of([kind]).items()
    if option.limits
]


@pytest.mark.parametrize(("name", "option"), LIMITED, ids=[name for name, _ in LIMITED])
def test_a_role_has_the_limits_of_its_kind(name: str, option: RoleOption) -> None:
    least, most = option.limits or (0, 0)

    def takes(value: float) -> bool:
        unit = {"percentage": "%", "duration": "s"}.get(option.form, "")
        written = f"{value:.9f}".rstrip("0").rstrip(".") + unit
        *_, limit = conditions_of(name, option)
        return bool(_ANSIBLE.compile_expression(limit)(**{name: written}))

    assert takes(most)
    assert not takes(most * 2)
    assert least <= 0 or (takes(least) and not takes(least - (0.1 if least > 1 else least / 2)))
