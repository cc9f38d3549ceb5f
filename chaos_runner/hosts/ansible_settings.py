"""Find the settings under which Ansible runs: the user's own, and ours over them.

The user's ansible.cfg is honoured, found as Ansible finds it, for everything that says how
hosts are reached (remote_user, private_key_file, ssh_args, become, a vault password file …).
Ours win where safety or the reading of results depends on them: host keys are checked, a dead
link is noticed within 15 s, output is never censored, prompts never appear. What an inventory
says of a host wins over both, as always in Ansible.
"""

from __future__ import annotations

import configparser
import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chaos_runner.content import content_directory

_TRUE = ("1", "true", "t", "yes", "y", "on")
_SUDO_TIMEOUT = 30
"""Seconds Ansible waits for sudo: a host under load needs more than the 10 it has for connecting.

Ansible knows one timeout for both; ssh's own ConnectTimeout comes first and keeps the 10.
"""
_KEEPALIVE = "-o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3"


@dataclass(frozen=True)
class AnsibleDefaults:
    """Hold what the user's environment and ansible.cfg say about reaching any host."""

    remote_user: str | None = None
    remote_port: int | None = None
    private_key_file: str | None = None
    become: bool = False
    ssh_arguments: str = ""
    ssh_common_arguments: str = ""


def read_defaults(environment: Mapping[str, str] | None = None) -> AnsibleDefaults:
    """Return the connection defaults of the user; the environment wins over ansible.cfg."""
    environment = os.environ if environment is None else environment
    file = _configuration_file(environment)
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    if file is not None:
        parser.read(file)

    def setting(variable: str, section: str, key: str) -> str:
        return environment.get(variable, "") or parser.get(section, key, fallback="")

    port = setting("ANSIBLE_REMOTE_PORT", "defaults", "remote_port")
    return AnsibleDefaults(
        remote_user=setting("ANSIBLE_REMOTE_USER", "defaults", "remote_user") or None,
        remote_port=int(port) if port.isdigit() else None,
        private_key_file=setting("ANSIBLE_PRIVATE_KEY_FILE", "defaults", "private_key_file")
        or None,
        become=is_true(setting("ANSIBLE_BECOME", "privilege_escalation", "become")),
        ssh_arguments=setting("ANSIBLE_SSH_ARGS", "ssh_connection", "ssh_args"),
        ssh_common_arguments=setting(
            "ANSIBLE_SSH_COMMON_ARGS", "ssh_connection", "ssh_common_args"
        ),
    )


def is_true(value: object) -> bool:
    """Return what Ansible takes a value of an inventory or a setting for."""
    return value is True or str(value).strip().lower() in _TRUE


def virtual_environment_path() -> str:
    """Return a PATH on which Ansible's programs of this very installation come first.

    The command may be started without its virtual environment being active.
    """
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"


def quiet_environment() -> dict[str, str]:
    """Return what makes any of Ansible's programs answer plainly and without asking.

    LC_ALL, because Ansible refuses to start in a locale that is not UTF-8, and its output is read.
    """
    return {
        "PATH": virtual_environment_path(),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_FORCE_COLOR": "0",
        "ANSIBLE_DEPRECATION_WARNINGS": "False",
        "ANSIBLE_ASK_PASS": "False",
        "ANSIBLE_BECOME_ASK_PASS": "False",
    }


def playbook_environment(control_directory: Path | None) -> dict[str, str]:
    """Return the environment of a playbook run.

    Connections are shared through sockets in `control_directory`, or made anew for every step
    where it is None. The directory must be the caller's own: Ansible's default names sockets by
    address, port and user, which are the same in two network namespaces.
    """
    return quiet_environment() | {
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_ROLES_PATH": str(content_directory("roles")),
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_SSH_ARGS": _ssh_arguments(control_directory),
        "ANSIBLE_TIMEOUT": str(_SUDO_TIMEOUT),
        "ANSIBLE_NO_LOG": "False",
        "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "False",
        "ANSIBLE_LOCALHOST_WARNING": "False",
    }


def _ssh_arguments(control_directory: Path | None) -> str:
    """Return ours before the user's: of an option given twice, ssh takes the first."""
    if control_directory is None:
        sharing = "-o ControlMaster=no -o ControlPath=none"
    else:
        path = control_directory / "%C"
        sharing = f"-o ControlMaster=auto -o ControlPersist=60s -o ControlPath={path}"
    return f"-C {_KEEPALIVE} {sharing} {read_defaults().ssh_arguments}".strip()


def _configuration_file(environment: Mapping[str, str]) -> Path | None:
    """Return the file Ansible would read: ANSIBLE_CONFIG, then here, home, /etc."""
    named = environment.get("ANSIBLE_CONFIG")
    if named:
        path = Path(named).expanduser()
        return path / "ansible.cfg" if path.is_dir() else path
    places = [Path("~/.ansible.cfg").expanduser(), Path("/etc/ansible/ansible.cfg")]
    if not Path.cwd().stat().st_mode & stat.S_IWOTH:  # Ansible ignores it there, for safety
        places.insert(0, Path.cwd() / "ansible.cfg")
    return next((place for place in places if place.is_file()), None)
