"""Switch a machine off and on in a network namespace: `python -m … DIRECTORY`, as JSON.

The machine is an address of the loopback, which stand-ins for the user's commands have the kernel
drop, as when nobody is there any more.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import cast

from chaos_runner.kafka.admin_faults import powering
from chaos_runner.kafka.admin_faults.action import Look
from chaos_runner.kafka.admin_faults.cluster import Cluster
from chaos_runner.kafka.admin_faults.undoing import differing, take_back
from chaos_runner.measurements.cluster_fault import ClusterUndo, SwitchPower
from chaos_runner.wording.readings import readings_words

SWITCH = """\
[ "$2 $3" = "k2 127.0.0.2" ] || exit 3
case $1 in
  off)
    nft add table ip power
    nft 'add chain ip power in { type filter hook input priority 0; }'
    nft add rule ip power in ip daddr 127.0.0.2 drop ;;
  on) nft delete table ip power ;;
esac
"""
NO_CLUSTER = cast(Cluster, None)
"""None is asked: it could be down with its machines."""


def main(directory: Path) -> None:
    """Do it, and print what was seen."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    switch = directory / "switch"
    switch.write_text(SWITCH, encoding="utf-8")
    words = ("sh", str(switch))
    change = SwitchPower(
        off=(*words, "off", "{host}", "{address}"), on=(*words, "on", "{host}", "{address}")
    )
    change = change.model_copy(update={"hosts": (change.on_host("k2", "127.0.0.2", 22),)})
    undo = ClusterUndo(run="r", fault="k1_1", kind="host_power", cluster="c")
    with socket.create_server(("127.0.0.2", 22)):
        action = powering.Powering(change)
        undo = action.prepare(NO_CLUSTER, undo)
        still = in_words(action.effect(NO_CLUSTER, undo, 0.0))
        action.apply(NO_CLUSTER, undo)
        seen = in_words(action.effect(NO_CLUSTER, undo, 30.0))
        while_off = differing(NO_CLUSTER, undo).differences
        after = take_back(NO_CLUSTER, undo)
        again = take_back(NO_CLUSTER, undo)
        back = differing(NO_CLUSTER, undo).differences
    print(json.dumps([still, seen, while_off, after, again, back]))


def in_words(look: Look) -> tuple[bool, str]:
    return look[0], readings_words(look[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
