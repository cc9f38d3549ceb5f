"""Record the calling process, then become the command: the record is there before it is.

Usage: python -m chaos_runner.lab.machines.launcher RECORD LOCK_DESCRIPTOR NAMESPACE|- COMMAND…

The inherited lock of `lab up` is held until the record is written, so that a `lab down`
never misses a process that is just starting. Only the standard library is imported.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from chaos_runner.lab.commands import become
from chaos_runner.lab.namespace import enter
from chaos_runner.lab.processes import record_self


def main() -> None:
    """Record, enter the network namespace, and run the command in this process's place."""
    record, lock, namespace, *command = sys.argv[1:]
    record_self(Path(record))
    os.set_inheritable(int(lock), False)
    if namespace != "-":
        enter(namespace)
    become(command)


if __name__ == "__main__":
    main()
