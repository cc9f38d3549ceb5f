"""Write the extra variables of a playbook run: those of the caller, and those that always win.

Extra variables win over everything that an inventory, the environment or ansible.cfg say, so
what must hold on every host stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ssh_arguments import arguments_for

_ARGUMENTS = "chaos_ssh_arguments"


class _Data(str):
    """Text that is no template, whatever it looks like."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Write texts as data: Ansible takes none of them for a template."""

    def ignore_aliases(self, data: object) -> bool:
        """Write what occurs twice twice."""
        return True


_Dumper.add_representer(
    _Data, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text), style='"')
)


def extra_variables(
    variables: Mapping[str, object], hosts: Mapping[str, Host], control_directory: Path | None
) -> str:
    """Return a file of variables for a run on these hosts.

    Every text of the caller's stays as it is: a reason that somebody typed, or a name from a
    host, is no template. Each host gets its own ssh arguments with ours before them.
    """
    ours = {
        "ansible_host_key_checking": True,
        "ansible_ssh_host_key_checking": True,
        "ansible_ssh_args": f"{{{{ {_ARGUMENTS}[inventory_hostname] }}}}",
        "ansible_ssh_common_args": "",
        "ansible_ssh_extra_args": "",
        "ansible_ssh_verbosity": 0,
    }
    arguments = {
        name: arguments_for(host.ssh_arguments, control_directory) for name, host in hosts.items()
    }
    data = {name: _as_data(value) for name, value in {**variables, _ARGUMENTS: arguments}.items()}
    return yaml.dump({**data, **ours}, Dumper=_Dumper, allow_unicode=False, sort_keys=False)


def _as_data(value: object) -> object:
    if isinstance(value, str):
        # A byte of the command line that is no UTF-8 cannot be written.
        return _Data(value.encode("utf-8", errors="replace").decode("utf-8"))
    if isinstance(value, Mapping):
        return {key: _as_data(content) for key, content in value.items()}
    if isinstance(value, list | tuple):
        return [_as_data(content) for content in value]
    return value
