"""A lab record that stands for no lab of this machine."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.lab.machines.backends import resolve_backends
from chaos_runner.lab.record import Base, LabRecord
from chaos_runner.lab.spec import load_spec


def record() -> LabRecord:
    """Return the record of the default lab on a machine without netem."""
    spec = load_spec()
    return LabRecord(
        requested=spec,
        spec=resolve_backends(spec, netem=False),
        bases={"bookworm": Base(root=Path("/cache/rootfs"), kafka=Path("/cache/kafka/layer"))},
        cluster_id="AAAAAAAAAAAAAAAAAAAAAA",
    )
