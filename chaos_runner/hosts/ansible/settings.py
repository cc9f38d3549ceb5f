"""Ask Ansible what the user's environment and ansible.cfg say about reaching any host.

What an inventory says of a host wins over it, as always in Ansible.
"""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chaos_runner.errors import UsageError
from chaos_runner.hosts.ansible.program import run_program
from chaos_runner.hosts.environment import quiet_environment
from chaos_runner.hosts.readable import first_lines

_TRUE = ("1", "true", "t", "yes", "y", "on")
_TIMEOUT = 60.0
"""Seconds; Ansible only reads files here."""
_SAYS_A_WAY = re.compile(
    "SSH|BECOME|SUDO|SU_|DOAS|REMOTE|PRIVATE|PKCS11|TRANSPORT|PASS|EXE|FLAGS|USER"
)
"""What stands in the names of Ansible's variables that say how a host is reached."""


_BECOME_OPTIONS = ("become_user", "become_flags", "become_exe")


@dataclass(frozen=True)
class AnsibleDefaults:
    """The settings that count where an inventory says nothing."""

    remote_user: str | None = None
    remote_port: int | None = None
    private_key_file: str | None = None
    transport: str = "ssh"
    ssh_arguments: str = ""
    ssh_common_arguments: str = ""
    ssh_extra_arguments: str = ""
    ssh_executable: str = "ssh"
    become_method: str = "sudo"
    become: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Per method, and under `*` for those without settings, what is set of _BECOME_OPTIONS."""
    become_password_methods: frozenset[str] = frozenset()
    """The methods for which a password is set; `*` stands for all."""
    unused_logins: tuple[str, ...] = ()
    """Settings by which Ansible may get in and the SSH channel does not."""


def read_defaults(environment: Mapping[str, str] | None = None) -> AnsibleDefaults:
    """Return the connection defaults of the user, as `ansible-config` tells them.

    Ansible is asked only where there is something to tell. Raises UsageError when it cannot read
    its configuration.
    """
    environment = os.environ if environment is None else environment
    file = configuration_file(environment)
    named = {name: value for name, value in environment.items() if name.startswith("ANSIBLE_")}
    if file is None and not any(map(_SAYS_A_WAY.search, named)):
        return AnsibleDefaults()
    written = (str(file), file.stat().st_mtime_ns) if file else ("", 0)
    return _asked(written, tuple(sorted(named.items())), str(Path.cwd()))


@functools.lru_cache(maxsize=8)
def _asked(
    file: tuple[str, int], named: tuple[tuple[str, str], ...], directory: str
) -> AnsibleDefaults:
    """Ask once for the same file, variables and directory."""
    command = ["ansible-config", "dump", "--only-changed", "--format", "json", "-t", "all"]
    done = run_program(command, {**os.environ, **dict(named), **quiet_environment()}, _TIMEOUT)
    if done.status != 0:
        raise UsageError(
            f"{file[0] or 'ANSIBLE_ variables'}: Ansible cannot read its configuration: "
            f"{first_lines(done.stderr.replace('[ERROR]: ', ''))}",
            "see it with `ansible-config dump`",
        )
    return _defaults_in(json.loads(done.stdout[done.stdout.index("[") :]))


def _defaults_in(dump: list[dict[str, object]]) -> AnsibleDefaults:
    base = _settings(entry for entry in dump if "name" in entry)
    plugins = {kind: content for entry in dump for kind, content in entry.items() if kind.isupper()}
    ssh = _plugins(plugins.get("CONNECTION_PLUGINS")).get("ssh", {})
    become = _plugins(plugins.get("BECOME_PLUGINS"))
    port = ssh.get("port") or base.get("DEFAULT_REMOTE_PORT", "")
    return AnsibleDefaults(
        remote_user=ssh.get("remote_user") or base.get("DEFAULT_REMOTE_USER") or None,
        remote_port=int(port) if port.isdigit() else None,
        private_key_file=ssh.get("private_key_file") or base.get("DEFAULT_PRIVATE_KEY_FILE"),
        transport=base.get("DEFAULT_TRANSPORT", "ssh"),
        ssh_arguments=ssh.get("ssh_args", ""),
        ssh_common_arguments=ssh.get("ssh_common_args", ""),
        ssh_extra_arguments=ssh.get("ssh_extra_args", ""),
        ssh_executable=ssh.get("ssh_executable") or "ssh",
        become_method=base.get("DEFAULT_BECOME_METHOD", "sudo"),
        become={
            "*": {
                option: base[f"DEFAULT_{option.upper()}"]
                for option in _BECOME_OPTIONS
                if f"DEFAULT_{option.upper()}" in base
            },
            **{
                method: {name: options[name] for name in _BECOME_OPTIONS if name in options}
                for method, options in become.items()
            },
        },
        become_password_methods=frozenset(
            {method for method, options in become.items() if options.get("become_pass")}
            | ({"*"} if base.get("BECOME_PASSWORD_FILE") else set())
        ),
        unused_logins=(
            *(["`connection_password_file`"] if base.get("CONNECTION_PASSWORD_FILE") else []),
            *(f"`{name}`" for name in ("private_key", "pkcs11_provider") if ssh.get(name)),
        ),
    )


def _settings(entries: Iterable[Mapping[str, object]]) -> dict[str, str]:
    return {
        str(entry["name"]): str(entry["value"])
        for entry in entries
        if entry.get("value") is not None and entry.get("origin")
    }


def _plugins(content: object) -> dict[str, dict[str, str]]:
    """Return per plugin, by its short name, what is set of its options."""
    found: dict[str, dict[str, str]] = {}
    for entry in content if isinstance(content, list) else []:
        for name, options in entry.items():
            found[short_name(name)] = _settings(options)
    return found


def short_name(plugin: str) -> str:
    """Return the name of one of Ansible's own plugins, old or new, without its collection."""
    for collection in ("ansible.builtin.", "ansible.legacy.", "community.general."):
        plugin = plugin.removeprefix(collection)
    return plugin


def is_true(value: object) -> bool:
    """Return what Ansible takes a value of an inventory or a setting for."""
    return value is True or str(value).strip().lower() in _TRUE


def configuration_file(environment: Mapping[str, str]) -> Path | None:
    """Return the file Ansible would read: ANSIBLE_CONFIG, then here, home, /etc."""
    named = environment.get("ANSIBLE_CONFIG")
    if named:
        path = Path(named).expanduser()
        return path / "ansible.cfg" if path.is_dir() else path if path.exists() else None
    places = (
        Path.cwd() / "ansible.cfg",
        Path("~/.ansible.cfg").expanduser(),
        Path("/etc/ansible/ansible.cfg"),
    )
    return next((place for place in places if place.is_file()), None)
