"""Write extra variables for Ansible: those of the caller as data, and those that always win.

Ansible takes any text in an extra variable for a template, and a template can start programs on
the control node. Texts of people and hosts go there as well (why a fleet is halted, a host's
device), so every text of the caller's is marked as data, whoever wrote it.

Extra variables win over everything that an inventory, the environment or ansible.cfg say, so what
must hold on every host stands here.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ssh.arguments import ours, socket_of, split_arguments

_BEFORE, _AFTER = "chaos_ssh_arguments_before", "chaos_ssh_arguments_after"
_PROGRAMS = "chaos_ssh_programs"
_KEY_FILES = "chaos_ssh_key_files"
_OF_HOSTS = "chaos_host_variables"


class _Data(str):
    """A text that is not a template."""

    __slots__ = ()


class _Dumper(yaml.CSafeDumper):
    """A writer of such texts with the tag by which Ansible knows them."""


def _represent(dumper: _Dumper, text: _Data) -> yaml.Node:
    return dumper.represent_scalar("!unsafe", str(text), style='"')


_Dumper.add_representer(_Data, _represent)


def as_data(values: Mapping[str, object]) -> str:
    """Return YAML for Ansible in which no text is a template."""
    return yaml.dump(_marked(values), Dumper=_Dumper, default_flow_style=True)


def extra_variables(
    variables: Mapping[str, object],
    host_variables: Mapping[str, Mapping[str, object]],
    hosts: Mapping[str, Host],
    control_directory: Path | None,
    programs: Mapping[str, str],
    *options: str,
) -> str:
    """Return the text of a YAML file of variables for a run on these hosts.

    Values are texts, numbers, true, false, null, and lists and mappings of them; those in
    `host_variables` are for single hosts, and a host without one that others have fails.

    Ours among the ssh arguments come first, and the host's own after them, before and after its
    user and port as Ansible has them, whatever it finds elsewhere. The key file is the one that was
    read, since templates of `playbook_dir` have another value here. `programs` has for each ssh
    that a host is reached by what is started in place of it, `options` go to each, as `Name=value`.
    """
    arguments = {name: split_arguments(host) for name, host in hosts.items()}
    sockets = {
        name: socket_of(name, control_directory) if control_directory else None for name in hosts
    }
    before = {
        name: f"{ours(sockets[name], *options)} {shlex.join(words)}"
        for name, (words, _) in arguments.items()
    }
    after = {name: shlex.join(words) for name, (_, words) in arguments.items()}
    return yaml.dump(
        {
            **{name: _marked(value) for name, value in variables.items()},
            _OF_HOSTS: _marked(host_variables),
            **{
                name: f"{{{{ {_OF_HOSTS}[inventory_hostname].{name} }}}}"
                for own in host_variables.values()
                for name in own
            },
            _BEFORE: _marked(before),
            _AFTER: _marked(after),
            _PROGRAMS: _marked(
                {name: programs[host.ssh_executable] for name, host in hosts.items()}
            ),
            _KEY_FILES: _marked(
                {name: host.private_key_file or "" for name, host in hosts.items()}
            ),
            "ansible_ssh_private_key_file": f"{{{{ {_KEY_FILES}[inventory_hostname] }}}}",
            "ansible_ssh_executable": f"{{{{ {_PROGRAMS}[inventory_hostname] }}}}",
            "ansible_ssh_args": f"{{{{ {_BEFORE}[inventory_hostname] }}}}",
            "ansible_ssh_common_args": f"{{{{ {_AFTER}[inventory_hostname] }}}}",
            "ansible_ssh_extra_args": "",
            "ansible_host_key_checking": True,
            "ansible_ssh_host_key_checking": True,
            "ansible_ssh_verbosity": 0,
        },
        Dumper=_Dumper,
        default_flow_style=True,
    )


def _marked(value: object) -> object:
    """Mark every text but the keys, which Ansible does not take for templates."""
    match value:
        case "":
            return value  # Ansible takes an empty text that is marked for nothing at all
        case str():
            # a byte of the command line that is no UTF-8 cannot be written
            return _Data(value.encode("utf-8", errors="replace").decode("utf-8"))
        case Mapping():
            return {str(key): _marked(item) for key, item in value.items()}
        case Sequence():
            return [_marked(item) for item in value]
        case _:
            return value
