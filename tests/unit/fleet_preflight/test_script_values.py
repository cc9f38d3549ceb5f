"""Values from inventories and hosts become the text of a shell script only in forms of the role."""

from __future__ import annotations

import pytest

from chaos_runner.errors import InjectionError
from chaos_runner.faults.registry import fault_kinds
from chaos_runner.faults.role_files import variables_of
from chaos_runner.fleet.script_values import refuse_wrong_values

WITH_A_ROLE = [name for name, kind in fault_kinds().items() if kind.has_role]


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"network_partition_peers": ["192.0.2.1", "2001:db8::/64"]},
        {"network_partition_ports": [9092, "9093-9095"], "network_partition_down": ""},
        {"network_partition_direction": "in"},
    ],
)
def test_forms_of_the_role_pass(variables: dict[str, object]) -> None:
    refuse_wrong_values("network_partition", variables)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("network_partition_peers", ["192.0.2.1", "192.0.2.2; reboot"]),
        ("network_partition_peers", ["192.0.2.1\n"]),
        ("network_partition_direction", "both; reboot"),
        ("network_partition_mtu", "$(reboot)"),
    ],
)
def test_any_other_is_refused_with_its_name(name: str, value: object) -> None:
    with pytest.raises(InjectionError, match=f"{name} has a form that is not allowed"):
        refuse_wrong_values("network_partition", {name: value})


@pytest.mark.parametrize("kind", WITH_A_ROLE)
def test_a_kind_takes_what_it_offers_whatever_others_of_its_role_do(kind: str) -> None:
    for name, option in variables_of([fault_kinds()[kind]]).items():
        for choice in option.choices:
            refuse_wrong_values(kind, {name: choice})
