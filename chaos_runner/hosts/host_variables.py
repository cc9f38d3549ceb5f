"""Turn the inventory variables of one host into a Host."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address

from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ansible_settings import AnsibleDefaults, is_true

_SECRET = re.compile(r"pass(word|wd|phrase)?(_|$)|secret|token|credential|private_key$|vault", re.I)


def host_of(name: str, variables: Mapping[str, object], defaults: AnsibleDefaults) -> Host:
    """Return the host; ValueError says which variable holds no usable value.

    Where the inventory says nothing, `defaults` (the user's Ansible settings) hold, so that both
    hands reach the host alike. Variables whose names speak of secrets are left out.
    """
    read = _Reader(variables)
    arguments = (
        read.text("ansible_ssh_common_args") or defaults.ssh_common_arguments,
        read.text("ansible_ssh_extra_args"),
    )
    return Host(
        name=name,
        address=read.text("ansible_host", "ansible_ssh_host") or name,
        port=read.port("ansible_port", "ansible_ssh_port") or defaults.remote_port or 22,
        user=read.text("ansible_user", "ansible_ssh_user") or defaults.remote_user,
        private_key_file=read.text("ansible_ssh_private_key_file", "ansible_private_key_file")
        or defaults.private_key_file,
        become=is_true(read.value("ansible_become"))
        if read.has("ansible_become")
        else defaults.become,
        ssh_arguments=" ".join(part for part in arguments if part),
        addresses=read.addresses("chaos_addresses"),
        kafka_port=read.port("kafka_port") or 9092,
        variables={key: value for key, value in variables.items() if not _SECRET.search(key)},
    )


class _Reader:
    """Read variables of one host by type, each under any of its names."""

    def __init__(self, variables: Mapping[str, object]) -> None:
        self._variables = variables

    def has(self, name: str) -> bool:
        return self._variables.get(name) is not None

    def value(self, *names: str) -> object:
        for name in names:
            if self.has(name):
                value = self._variables[name]
                if "{{" in str(value) or "{%" in str(value):
                    raise ValueError(f"`{name}` is a template: {value}")
                return value
        return None

    def text(self, *names: str) -> str:
        value = self.value(*names)
        return "" if value is None else str(value)

    def port(self, *names: str) -> int | None:
        value = self.value(*names)
        if value is None:
            return None
        if not str(value).isdigit() or not 0 < int(str(value)) < 65536:
            raise ValueError(f"`{names[0]}` is no port: {value}")
        return int(str(value))

    def addresses(self, name: str) -> tuple[str, ...]:
        value = self.value(name)
        if value is None:
            return ()
        written = value if isinstance(value, list) else str(value).split(",")
        try:
            return tuple(str(ip_address(str(entry).strip())) for entry in written)
        except ValueError as error:
            raise ValueError(f"`{name}`: {error}") from error
