"""Look for anything a lab could have left on the machine."""

from __future__ import annotations

import os
import re
from pathlib import Path

from chaos_runner.lab.layout import STATE
from chaos_runner.lab.machines import cgroups
from chaos_runner.lab.processes import identify


def leftovers(lab: str) -> list[str]:
    """Return every process, namespace, mount, control group and file that names the lab."""
    return [
        *(f"process {pid}: {text}" for pid, text in _processes() if _names(lab, text)),
        *(
            f"mount {line}"
            for line in Path("/proc/mounts").read_text().splitlines()
            if _names(lab, line)
        ),
        *(f"namespace {name}" for name in _entries("/run/netns") if _names(lab, name)),
        *(f"group {path}" for path in cgroups.groups_of(lab) if path.exists()),
        *(f"file {name}" for name in _entries(str(STATE)) if _names(lab, name)),
        *(
            f"nspawn {name}"
            for name in _entries("/run/systemd/nspawn/propagate")
            if _names(lab, name)
        ),
    ]


def network_namespaces() -> set[int]:
    """Return the identities of the network namespaces in which some process is."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/ns/net"):
        try:
            found.add(entry.stat().st_ino)
        except OSError:
            continue
    return found


def _names(lab: str, text: str) -> bool:
    """Tell whether the text has the lab's name as a whole, not as the end of a longer one."""
    return re.search(rf"(?<![\w-]){re.escape(lab)}(?!\w)", text) is not None


def _entries(directory: str) -> list[str]:
    path = Path(directory)
    return sorted(entry.name for entry in path.iterdir()) if path.is_dir() else []


def _processes() -> list[tuple[int, str]]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        pid = int(entry.parent.name)
        try:
            text = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            text += (entry.parent / "cgroup").read_text()
        except OSError:
            continue
        # A zombie has ended: only its parent, the machine's first process, has yet to notice.
        if pid != os.getpid() and identify(pid) is not None:
            found.append((pid, text))
    return found
