"""Start a host as a container: systemd-nspawn on an overlay, held by a supervisor."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from chaos_runner.lab.images.overlay_tree import Tree
from chaos_runner.lab.layout import HostPlace
from chaos_runner.lab.machines.cgroups import groups_of
from chaos_runner.lab.machines.supervisor import Container
from chaos_runner.lab.network import clear_port, container_port
from chaos_runner.lab.record import write_whole


def nspawn_command(place: HostPlace) -> list[str]:
    """Return the command that boots the container from its mounted tree."""
    return [
        # Without its lock file, which a killed nspawn would leave behind: the record is ours.
        *("env", "SYSTEMD_NSPAWN_LOCK=0"),
        *("systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit"),
        *("--settings=no", "--link-journal=no", "--resolv-conf=off", "--timezone=off"),
        # Firewall and qdiscs are the host's own business, as on a real one.
        "--capability=CAP_NET_ADMIN",
        f"--directory={place.merged}",
        f"--machine={place.namespace}",
        f"--hostname={place.name}",
        f"--network-namespace-path=/run/netns/{place.namespace}",
    ]


def container_of(place: HostPlace, tree: Tree) -> Container:
    """Return everything the supervisor needs to start the container."""
    return Container(
        clear=clear_port(place),
        network=container_port(place),
        cgroups=[str(group) for group in groups_of(place.lab, place.name)],
        command=tree.mounted(nspawn_command(place)),
    )


def container_start(place: HostPlace, tree: Tree) -> list[str]:
    """Write the supervisor's file and return the supervisor's command."""
    file = place.directory / "container.json"
    write_whole(file, json.dumps(asdict(container_of(place, tree)), indent=2))
    return [sys.executable, "-P", "-m", "chaos_runner.lab.machines.supervisor", str(file)]
