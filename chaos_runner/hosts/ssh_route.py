"""Work out how ssh would reach a host, from the inventory, ssh's own options and its config.

Pure: the config is asked through a function. As for ssh, the first value found counts: what
the inventory sets on its own, then options in `ansible_ssh_common_args` and
`ansible_ssh_extra_args`, then `~/.ssh/config`, then ssh's defaults.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chaos_runner.fleet.inventory import Host

ConfigLookup = Callable[[str], Mapping[str, str | list[str]]]
"""Give the options of `~/.ssh/config` for a host name, keys in lower case."""

_FLAGS_WITH_VALUE = "BbcDEeFIiJLlmOopQRSWw"
_FLAG_OPTIONS = {"i": "identityfile", "J": "proxyjump", "l": "user", "p": "port"}
_USER_KNOWN_HOSTS = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")
_GLOBAL_KNOWN_HOSTS = ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")


@dataclass(frozen=True)
class SshRoute:
    """Hold where to connect, as whom, through what, and which host keys are known."""

    host_name: str
    port: int = 22
    user: str | None = None
    identity_files: tuple[Path, ...] = ()
    known_hosts_files: tuple[Path, ...] = ()
    known_as: str = ""
    """`HostKeyAlias`: the name under which the host's key is known, where it is another one."""
    jumps: tuple[str, ...] = ()
    """`[user@]host[:port]` of each jump host, the first to connect to first."""
    proxy_command: str = ""
    only_these_identities: bool = False

    @property
    def known_names(self) -> tuple[str, ...]:
        """Return the names under which known_hosts files may have the host's key.

        As for ssh a key without a port counts for every port of the host.
        """
        if self.known_as:
            return (self.known_as,)
        if self.port == 22:
            return (self.host_name,)
        return (f"[{self.host_name}]:{self.port}", self.host_name)


def route_to(host: Host, config: ConfigLookup) -> SshRoute:
    """Return the way to an inventory's host. ValueError: its ssh arguments make no sense."""
    written = {"user": [host.user]} if host.user else {}
    if host.port != 22 or "ansible_port" in host.variables:
        written["port"] = [str(host.port)]
    if host.private_key_file:
        written["identityfile"] = [host.private_key_file]
    return _route(host.address, [written, parse_ssh_arguments(host.ssh_arguments)], config)


def route_to_jump(jump: str, config: ConfigLookup) -> SshRoute:
    """Return the way to a jump host, to which, as in ssh, only the config applies."""
    user, _, place = jump.rpartition("@")
    name, _, port = place.rpartition(":") if place.rpartition(":")[2].isdigit() else (place, "", "")
    written = {"user": [user] if user else [], "port": [port] if port else []}
    return _route(name.strip("[]"), [written], config)


def parse_ssh_arguments(arguments: str) -> dict[str, list[str]]:
    """Return the options in a piece of an ssh command line: lower-case key to its values.

    `-o Key=Value`, `-oKey=Value`, `-o "Key Value"` and the short forms -i, -J, -l and -p are
    read; flags without a bearing on the way to a host are passed over.
    """
    options: dict[str, list[str]] = {}
    words = iter(shlex.split(arguments))
    for word in words:
        if not word.startswith("-") or len(word) < 2:
            continue
        value = word[2:] or (next(words, "") if word[1] in _FLAGS_WITH_VALUE else "")
        if word[1] == "o":
            key, text = _key_and_value(value)
            options.setdefault(key, []).append(text)
        elif word[1] in _FLAG_OPTIONS:
            options.setdefault(_FLAG_OPTIONS[word[1]], []).append(value)
    return options


def _key_and_value(option: str) -> tuple[str, str]:
    for position, character in enumerate(option):
        if character in "= \t":
            value = option[position:].lstrip(" \t").removeprefix("=").strip()
            return option[:position].lower(), value.strip('"')
    raise ValueError(f"ssh option `{option}` has no value")


@dataclass(frozen=True)
class _Options:
    """Look an option up in several places, the strongest first."""

    places: Sequence[Mapping[str, Sequence[str]]]
    config: Mapping[str, str | list[str]] = field(default_factory=dict)

    def first(self, key: str, default: str = "") -> str:
        return next(iter(self.every(key)), default)

    def every(self, key: str) -> list[str]:
        found = [value for place in self.places for value in place.get(key, ())]
        configured = self.config.get(key, [])
        return [*found, *([configured] if isinstance(configured, str) else configured)]

    def files(self, key: str, default: Sequence[str]) -> tuple[Path, ...]:
        names = shlex.split(self.first(key)) or default
        return tuple(Path(name).expanduser() for name in names if name != "none")


def _route(
    name: str, places: Sequence[Mapping[str, Sequence[str]]], config: ConfigLookup
) -> SshRoute:
    options = _Options(places, config(name))
    host_name = options.first("hostname", name).replace("%h", name)
    port = options.first("port", "22")
    if not port.isdigit():
        raise ValueError(f"ssh port `{port}` is no number")
    user = options.first("user") or None
    jumps = options.first("proxyjump")
    command = "" if jumps else options.first("proxycommand")
    known = ("userknownhostsfile", _USER_KNOWN_HOSTS), ("globalknownhostsfile", _GLOBAL_KNOWN_HOSTS)
    return SshRoute(
        host_name=host_name,
        port=int(port),
        user=user,
        identity_files=tuple(Path(file).expanduser() for file in options.every("identityfile")),
        known_hosts_files=tuple(file for key, names in known for file in options.files(key, names)),
        known_as=options.first("hostkeyalias"),
        jumps=() if jumps == "none" else tuple(filter(None, jumps.split(","))),
        proxy_command="" if command == "none" else _filled(command, host_name, port, user or ""),
        only_these_identities=options.first("identitiesonly").lower() == "yes",
    )


def _filled(command: str, host_name: str, port: str, user: str) -> str:
    """Fill in the tokens of a ProxyCommand; the values are quoted, no shell reads them."""
    tokens = {"%h": host_name, "%p": port, "%r": user}
    for token, value in tokens.items():
        command = command.replace(token, shlex.quote(value) if value else "")
    return command
