"""Turn the inventory variables of one host into a Host."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address

from chaos_runner.fleet.inventory import (
    CONSENT_VARIABLE,
    EXECUTION_NODE_VARIABLE,
    NETWORK_NAMESPACE_VARIABLE,
    Host,
)
from chaos_runner.hosts.ansible.settings import AnsibleDefaults, is_true, short_name
from chaos_runner.hosts.inventory.connection_values import Unreadable, holds_encrypted
from chaos_runner.hosts.readable import without
from chaos_runner.hosts.ssh.arguments import without_sharing

_SECRET = re.compile(r"pass(word|wd|phrase)?(_|$)|secret|token|credential|private_key$|vault", re.I)
_ONE_HOST = re.compile(r"(?!(all|ungrouped)\Z)[^\s*?!&~,;:@%\[\]{}\"'\\]+|[0-9a-fA-F:.]+(%\w+)?")
"""Names that Ansible takes for one host wherever it takes a pattern."""
_SSH = ("ssh", "smart")
_NO_POSIX_SHELL = ("powershell", "cmd")

# Of several names for one thing Ansible takes the last that is set.
_ADDRESS = ("ansible_host", "ansible_ssh_host")
_PORT = ("ansible_port", "ansible_ssh_port")
_USER = ("ansible_user", "ansible_ssh_user")
_KEY_FILE = ("ansible_private_key_file", "ansible_ssh_private_key_file")
_PASSWORDS = ("ansible_password", "ansible_ssh_pass", "ansible_ssh_password")
_LOGINS = (
    *_PASSWORDS,
    *("ansible_private_key", "ansible_ssh_private_key", "ansible_ssh_pkcs11_provider"),
)
"""What lets Ansible in, and the SSH channel does not use."""
_SSH_ARGUMENTS = ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")
_READ = re.compile(
    "|".join((*_ADDRESS, *_PORT, *_USER, *_KEY_FILE, *_SSH_ARGUMENTS))
    + r"|ansible_connection|ansible_shell_type|ansible_ssh_executable"
    + r"|ansible_become(_method|_user|_flags|_exe)?|ansible_\w+_(user|flags|exe)"
    + f"|chaos_addresses|kafka_port|{CONSENT_VARIABLE}|{NETWORK_NAMESPACE_VARIABLE}"
    + f"|{EXECUTION_NODE_VARIABLE}"
)


def is_read(variable: str) -> bool:
    """Tell whether a variable says something that both ways to a host must know."""
    return _READ.fullmatch(variable) is not None


def host_of(
    name: str,
    variables: Mapping[str, object],
    worked_out: Mapping[str, object],
    defaults: AnsibleDefaults,
) -> Host:
    """Return the host; what cannot be read of it is told in its `unusable` and `unread`.

    `variables` are as the inventory has them, `worked_out` are the values of those that are
    templates or encrypted. Where they say nothing, `defaults` (the user's Ansible settings)
    hold, so that both channels reach the host alike. Variables whose names speak of secrets, or
    whose values are encrypted, are not kept.
    """
    read = _Reader({**variables, **worked_out})
    hidden = tuple(_hidden(variables, worked_out))
    unread: dict[str, str] = {}
    addresses: tuple[str, ...] = ()
    kafka_port = None
    try:
        addresses = read.addresses("chaos_addresses")
    except ValueError as error:
        unread["chaos_addresses"] = str(error)
    try:
        kafka_port = read.port("kafka_port")
    except ValueError as error:
        unread["kafka_port"] = str(error)
    consent, why = _consent(variables, worked_out)
    if why:
        unread[CONSENT_VARIABLE] = why
    host = Host(
        name=name,
        address=name,
        addresses=addresses,
        kafka_port=kafka_port or 9092,
        hidden=hidden,
        unread={name: without(why, hidden) for name, why in unread.items()},
        variables=_kept({**variables, **consent}),
    )
    try:
        return _reached(host, read, defaults)
    except ValueError as error:
        never_reached = isinstance(error, _NoWayEverError)
        return replace(host, unusable=without(str(error), hidden), never_reached=never_reached)


class _NoWayEverError(ValueError):
    """A host on which chaos-runner never worked, whatever else its variables say."""


def _consent(
    variables: Mapping[str, object], worked_out: Mapping[str, object]
) -> tuple[dict[str, object], str]:
    """Return the host's consent as Ansible would use it, and why it cannot be read."""
    if CONSENT_VARIABLE not in variables:
        return {}, ""
    if holds_encrypted(variables[CONSENT_VARIABLE]):
        return {}, f"`{CONSENT_VARIABLE}` is encrypted, and people have to read it"
    value = worked_out.get(CONSENT_VARIABLE, variables[CONSENT_VARIABLE])
    if isinstance(value, Unreadable):
        return {}, f"`{CONSENT_VARIABLE}` cannot be read: {value.why}"
    return {CONSENT_VARIABLE: value}, ""


def _hidden(variables: Mapping[str, object], worked_out: Mapping[str, object]) -> Iterator[str]:
    """Yield the values that come out of a vault, by themselves or through a template."""
    in_vault = [name for name, value in variables.items() if holds_encrypted(value)]
    for name, value in worked_out.items():
        written = str(variables.get(name))
        if name in in_vault or any(each in written for each in in_vault):
            yield from map(str, value if isinstance(value, list) else [value])


def _reached(host: Host, read: _Reader, defaults: AnsibleDefaults) -> Host:
    """Return the host with the way to it; ValueError says why there is none."""
    if not (_ONE_HOST.fullmatch(host.name) and host.name.isprintable()):
        raise _NoWayEverError("its name would be taken for a pattern, which may name other hosts")
    connection = read.text("ansible_connection")
    if short_name(connection or defaults.transport) not in _SSH:
        named = "`ansible_connection`" if connection else "`transport` of Ansible's settings"
        raise _NoWayEverError(
            f"{named} is `{connection or defaults.transport}`, and chaos-runner works over "
            "OpenSSH's `ssh` only"
        )
    read.text(NETWORK_NAMESPACE_VARIABLE)
    shell = read.text("ansible_shell_type")
    if shell in _NO_POSIX_SHELL:
        why = f"`ansible_shell_type` is `{shell}`, and faults need a Linux host"
        raise _NoWayEverError(why)
    user = read.text(*_USER) or defaults.remote_user
    host = _with_become(host, read, defaults, user)
    arguments = zip(
        _SSH_ARGUMENTS,
        (defaults.ssh_arguments, defaults.ssh_common_arguments, defaults.ssh_extra_arguments),
        strict=True,
    )
    pieces = [_ssh_arguments(read, variable, set_) for variable, set_ in arguments]
    port = read.port(*_PORT) or defaults.remote_port
    return replace(
        host,
        address=read.text(*_ADDRESS) or host.name,
        port=port or 22,
        port_given=port is not None,
        user=user,
        private_key_file=read.text(*_KEY_FILE) or defaults.private_key_file,
        ssh_arguments=" ".join(filter(None, pieces)),
        ssh_words_before=len(shlex.split(pieces[0])),
        unused_logins=(
            *(f"`{name}`" for name in _LOGINS if read.has(name)),
            *defaults.unused_logins,
        ),
        ssh_executable=read.text("ansible_ssh_executable") or defaults.ssh_executable,
        execution_node=read.text(EXECUTION_NODE_VARIABLE),
    )


def _ssh_arguments(read: _Reader, variable: str, default: str) -> str:
    written = read.text(variable) if read.names(variable) else default
    try:
        return without_sharing(written)
    except ValueError as error:
        raise ValueError(f"`{variable}` is torn: {error}: {written}") from error


def _with_become(host: Host, read: _Reader, defaults: AnsibleDefaults, user: str | None) -> Host:
    """Add whom the plays, which ask for `become`, become there, and how.

    As Ansible does it: a variable of the host wins over the play, and who is logged in as that
    user already becomes nobody.
    """
    method = short_name(read.text("ansible_become_method") or defaults.become_method)
    settings = {**defaults.become.get("*", {}), **defaults.become.get(method, {})}

    def option(name: str) -> str:
        own = read.text(f"ansible_become_{name}", f"ansible_{method}_{name}")
        return own or settings.get(f"become_{name}", "")

    become_user = option("user") or "root"
    wanted = is_true(read.value("ansible_become")) if read.has("ansible_become") else True
    passwords = ("ansible_become_password", "ansible_become_pass", f"ansible_{method}_pass")
    return replace(
        host,
        become=wanted and user != become_user,
        become_method=method,
        become_user=become_user,
        become_flags=option("flags"),
        become_exe=option("exe"),
        become_asks_password=any(map(read.has, passwords))
        or bool({method, "*"} & defaults.become_password_methods),
    )


def _kept(variables: Mapping[str, object]) -> dict[str, object]:
    return {
        key: value
        for key, value in variables.items()
        if not _SECRET.search(key) and not holds_encrypted(value)
    }


class _Reader:
    """The variables of one host by type, each under any of its names, of which the last wins."""

    def __init__(self, variables: Mapping[str, object]) -> None:
        self._variables = variables

    def has(self, name: str) -> bool:
        return self._variables.get(name) not in (None, "")

    def names(self, name: str) -> bool:
        """Tell whether a variable is set, to nothing perhaps, which switches a default off."""
        return self._variables.get(name) is not None

    def value(self, *names: str) -> object:
        for name in reversed(names):
            if self.has(name):
                value = self._variables[name]
                if isinstance(value, Unreadable):
                    raise ValueError(f"`{name}` has no value: {value.why}")
                return value
        return None

    def text(self, *names: str) -> str:
        value = self.value(*names)
        return "" if value is None else str(value)

    def port(self, *names: str) -> int | None:
        value = self.value(*names)
        if value is None:
            return None
        try:
            port = Decimal(str(value))  # blanks around it and `22.0` are fine, as for Ansible
            if 0 < port < 65536 and port == int(port):
                return int(port)
        except InvalidOperation:
            pass  # no number
        name = next(name for name in reversed(names) if self.has(name))
        raise ValueError(f"`{name}` is no port: {value}")

    def addresses(self, name: str) -> tuple[str, ...]:
        value = self.value(name)
        if value is None:
            return ()
        written = value if isinstance(value, list) else str(value).split(",")
        try:
            return tuple(str(ip_address(str(entry).strip())) for entry in written)
        except ValueError as error:
            raise ValueError(f"`{name}`: {error}") from error
