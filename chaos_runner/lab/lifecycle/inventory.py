"""The lab as an Ansible inventory, and the host keys that go with it."""

from __future__ import annotations

from chaos_runner.lab.layout import USER, HostPlace
from chaos_runner.lab.record import LabRecord

_GROUPS = {"broker": "kafka_broker", "controller": "kafka_controller"}
"""Role to group; the names are those of Confluent's cp-ansible."""

Variables = dict[str, object]


def inventory(record: LabRecord) -> dict[str, object]:
    """Return what an inventory script prints for `--list`."""
    groups = {
        group: {"hosts": [host.name for host in record.spec.hosts if role in host.roles]}
        for role, group in _GROUPS.items()
    }
    hosts = {place.name: _host_variables(record, place) for _, place in record.hosts}
    return {
        "_meta": {"hostvars": hosts},
        "all": {
            "children": ["ungrouped", *groups],
            "hosts": list(hosts),
            "vars": {"chaos_network_namespace": record.spec.name},
        },
        **groups,
    }


def known_hosts(record: LabRecord, keys: dict[str, str]) -> str:
    """Return a known_hosts file; `keys` maps host names to public keys (`type base64`)."""
    return "".join(
        f"{place.name},{place.ipv4},{place.ipv6} {keys[place.name]}\n" for _, place in record.hosts
    )


def ssh_options(record: LabRecord) -> list[str]:
    """Return the options with which ssh checks host keys against the lab's own list."""
    return [
        "-o",
        f"UserKnownHostsFile={record.place.known_hosts}",
        "-o",
        "StrictHostKeyChecking=yes",
    ]


def _host_variables(record: LabRecord, place: HostPlace) -> Variables:
    return {
        "ansible_host": place.ipv4,
        "ansible_port": 22,
        "ansible_user": USER,
        "ansible_become": True,
        "ansible_ssh_private_key_file": str(record.place.key),
        "ansible_ssh_common_args": " ".join(ssh_options(record)),
        "ansible_python_interpreter": "/usr/bin/python3",
        "chaos_addresses": [place.ipv4, place.ipv6],
    }
