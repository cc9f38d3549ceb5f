"""Work inside an overlay tree without leaving a mount behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chaos_runner.lab.commands import contained, run

_MOUNT = 'mount -t overlay overlay -o "lowerdir=$1,upperdir=$2,workdir=$3" "$4"'
_IN_TREE = f"""
{_MOUNT}
shift 3
"""


@dataclass(frozen=True)
class Tree:
    """An overlay: the layers below (uppermost first), the layer that takes changes."""

    layers: tuple[Path, ...]
    upper: Path
    work: Path
    merged: Path

    def make_directories(self) -> None:
        """Make the three directories an overlay mount needs."""
        for directory in (self.upper, self.work, self.merged):
            directory.mkdir(parents=True, exist_ok=True)

    def mount_arguments(self) -> list[str]:
        """Return what the mount scripts take as their first four arguments."""
        below = ":".join(str(layer) for layer in self.layers)
        return [below, str(self.upper), str(self.work), str(self.merged)]

    def run(self, script: str, *arguments: str, what: str) -> str:
        """Run a shell script with the tree mounted at `$1`, and `$2`… as given.

        It has mount, process and network namespaces of its own. Raises LabError, with
        `what` it was for, when the script fails.
        """
        command = ["unshare", "--net", "sh", "-euc", _IN_TREE + script, "sh"]
        return run(contained([*command, *self.mount_arguments(), *arguments]), what)

    def mounted(self, command: list[str]) -> list[str]:
        """Return the command in a mount namespace of its own in which the tree is mounted.

        The mount ends with the last process of that namespace; nobody has to undo it.
        """
        script = f'{_MOUNT}\nshift 4\nexec "$@"'
        namespace = ["unshare", "--mount", "--propagation", "slave", "--"]
        return [*namespace, "sh", "-euc", script, "sh", *self.mount_arguments(), *command]
