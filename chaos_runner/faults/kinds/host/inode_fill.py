"""Use up the inodes of a file system by empty files."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from chaos_runner.faults.kind import FaultKind
from chaos_runner.faults.values import AbsolutePath

_MOST_LEFT = 1_000_000
"""Inodes. Who leaves more free shows nothing."""


class InodeFill(FaultKind):
    """Use up the inodes of a file system, and free them again.

    Empty files in a directory `.chaos-…-inodes` of its own take them: there is room, and no file
    can be made, root's neither. Only for file systems that count their inodes (ext4, tmpfs; not
    btrfs), and at most two million are taken. What others make or remove meanwhile is theirs.
    """

    kind: ClassVar[str] = "inode_fill"
    survives_restart: ClassVar[bool] = True
    role_defaults: ClassVar[dict[str, object]] = {"path": "/var/lib/kafka"}

    path: AbsolutePath
    """A directory of the file system."""
    left: Annotated[int, Field(ge=0, le=_MOST_LEFT)] = 0
    """How many inodes stay free."""

    def describe(self) -> str:
        """Return e.g. `use up all inodes but 10 of /var/lib/kafka`."""
        return f"use up {self._which()} of {self.path}"

    def outcome(self) -> str:
        """Return e.g. `had all inodes but 10 of /var/lib/kafka used up`."""
        return f"had {self._which()} of {self.path} used up"

    def _which(self) -> str:
        return f"all inodes but {self.left}" if self.left else "all inodes"

    def occupied(self) -> str:
        """Return the path: two faults would each count the other's files as the host's own."""
        return f"inodes of {self.path}"
