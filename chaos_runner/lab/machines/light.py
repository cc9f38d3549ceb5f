"""Start a host as a few namespaces with an sshd: for fleets of hundreds on one machine."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.lab.images.overlay_tree import Tree
from chaos_runner.lab.layout import HostPlace

_BECOME = Path(__file__).parents[1] / "files" / "light-host.sh"


def light_command(place: HostPlace, tree: Tree) -> list[str]:
    """Return the command that is the host as long as it runs; call it in the host's network.

    Its processes and mounts end with it, also when it is killed.
    """
    return [
        *("unshare", "--mount", "--propagation", "private", "--uts", "--ipc"),
        *("--pid", "--fork", "--kill-child=KILL", "--"),
        *("sh", "-euc", _BECOME.read_text(), "sh", *tree.mount_arguments(), place.name),
    ]
