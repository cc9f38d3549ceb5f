"""What an experiment hands to a role passes the checks that the role makes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from jinja2 import Environment

from chaos_runner.faults import FaultKind
from chaos_runner.faults.registry import fault_kinds
from chaos_runner.faults.role_checks import checks_of
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
_ANSIBLE = Environment(autoescape=False)  # noqa: S701 - conditions, and nothing is shown
_ANSIBLE.filters["regex_replace"] = lambda text, what, by: re.sub(what, by, str(text))
_ANSIBLE.filters["split"] = str.split
_ANSIBLE.tests["regex"] = lambda text, pattern: bool(re.search(pattern, text))


def complaints_of(kind: type[FaultKind], variables: Mapping[str, object]) -> str:
    """Return what the role says of the values that it is given."""
    file = Path(ROOT / "roles" / kind.role_name() / "tasks" / "apply.yml")
    task = yaml.safe_load(file.read_text(encoding="utf-8"))[0]
    forms = {name: text for name, text in task["vars"].items() if name.endswith("_form")}
    defaults = yaml.safe_load((file.parents[1] / "defaults" / "main.yml").read_text("utf-8"))
    template = _ANSIBLE.from_string(task["vars"][f"{kind.role_name()}_wrong"])
    return template.render({**defaults, **forms, **variables})


def tried(kind: type[FaultKind]) -> list[FaultKind]:
    """Return faults of a kind, one of its defaults among them where it has defaults for all."""
    required = any(field.is_required() for field in kind.model_fields.values())
    options = OPTIONS.get(kind.kind, [{"service": "kafka"}] if required else [{}])
    return [kind.model_validate(each) for each in options]


WITH_ROLE = [kind for kind in fault_kinds().values() if kind.has_role]


@pytest.mark.parametrize("kind", WITH_ROLE, ids=lambda kind: kind.kind)
def test_the_role_takes_what_an_experiment_hands_it(kind: type[FaultKind]) -> None:
    for fault in tried(kind):
        assert not complaints_of(kind, fault.role_variables(lambda _: ["192.0.2.7"])), fault


@pytest.mark.parametrize(
    ("kind", "option", "value", "said"),
    [
        ("network_partition", "peers", ["10.0.0.1", "999.1.1.1"], "found ['999.1.1.1']; allowed"),
        ("network_partition", "peers", ["10.0.0.0/33"], "found ['10.0.0.0/33']"),
        ("network_latency", "peers", ["kafka-2", ""], "found ['kafka-2', '']"),
        ("network_latency", "peers", ["127.0.0.1", "ff02::1"], "found ['127.0.0.1', 'ff02::1']"),
        ("dns_failure", "peers", ["::ffff:10.0.0.1"], "no IPv4 address within an IPv6 one"),
        ("dns_failure", "peers", ["::ffff:a00:1"], "found ['::ffff:a00:1']"),
        ("network_partition", "spared", ["10.0.0", "beef"], "found ['10.0.0', 'beef']"),
        ("network_latency", "own_addresses", ["10.0.0.0/8"], "found ['10.0.0.0/8']"),
        ("network_latency", "measured", ["fd00::1::2"], "found ['fd00::1::2']"),
        ("network_partition", "ports", [9092, 99999, 0, -1], "found ['99999', '0', '-1']"),
        ("network_latency", "ports", ["9094-9092"], "found ['9094-9092']"),
        ("network_partition", "ports", "9092", "a list of ports such as 9092"),
        ("network_partition", "ports", 9092, "found 9092"),
        ("network_partition", "mtu", 67, "found 67; allowed is a whole number, 68 to 65535, or 0."),
        ("network_loss", "states", ["1%", "101%"], "found ['101%']"),
        ("network_loss", "correlation", "101%", "found 101%; allowed is a percentage such as 5%"),
    ],
)
def test_the_role_names_the_option_and_the_value_it_does_not_take(
    kind: str, option: str, value: object, said: str
) -> None:
    name = f"{fault_kinds()[kind].role_name()}_{option}"
    complaint = complaints_of(fault_kinds()[kind], {name: value})
    assert complaint.startswith(f" {name}: found ")
    assert said in complaint
    assert complaint.count("allowed is") == 1


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
        *_, limit = checks_of(name, option)
        return bool(_ANSIBLE.compile_expression(limit)(**{name: written}))

    assert takes(most)
    assert not takes(most * 2)
    assert least <= 0 or (takes(least) and not takes(least - (0.1 if least > 1 else least / 2)))
