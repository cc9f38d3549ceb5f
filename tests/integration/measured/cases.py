"""What is measured: each fault kind with options, and the look that shows its effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import yaml

from chaos_runner.faults.kind import FaultKind
from chaos_runner.faults.registry import fault_kinds
from tests.integration.measured import machine, network, pings
from tests.integration.measured.host import DISK, PORT, MeasuredHost


@dataclass(frozen=True)
class Case:
    """One fault, and what is looked at before it, while it is on and afterwards."""

    kind: str
    look: Callable[[MeasuredHost], str]
    options: Mapping[str, object] = field(default_factory=dict)
    before: str = ""
    """Shell that makes ready for it."""
    after: str = ""
    """Shell that takes that away."""
    in_container: bool = True
    """Whether it makes sense on a container, whose disk is that of its machine."""
    restarts: bool = False
    """Whether the host goes away for it."""

    @property
    def fault(self) -> FaultKind:
        """Return it as a checked fault."""
        return fault_kinds()[self.kind].model_validate(dict(self.options))

    @property
    def written(self) -> str:
        """Return it as an experiment has it."""
        options = yaml.safe_dump(dict(self.options), default_flow_style=True, width=1000).strip()
        return f"{self.kind}: {options}" if self.options else f"{self.kind}:"


def _service(kind: str, look: Callable[[MeasuredHost], str], **options: object) -> Case:
    return Case(kind, look, {"service": "served", **options}, after="systemctl start served")


CASES = (
    Case("network_latency", pings.round_trip, {"delay": "100ms"}),
    Case(
        "network_latency",
        pings.round_trip,
        {"delay": "50ms", "jitter": "10ms", "distribution": "normal"},
    ),
    Case("network_latency", pings.round_trip, {"delay": "100ms", "direction": "in"}),
    Case("network_latency", pings.round_trip, {"delay": "100ms", "direction": "both"}),
    Case("network_latency", pings.in_bursts, {"delay": "1ms", "slot": "50ms"}),
    Case("network_loss", pings.lost, {"loss": "10%"}),
    Case("network_loss", pings.lost, {"loss": "10%", "direction": "in"}),
    Case("network_loss", pings.lost_in_a_row, {"loss": "5%", "burst": 4}),
    Case(
        "network_loss",
        pings.lost_in_a_row,
        {"states": ["1%", "20%", "10%", "50%", "0.5%"]},
    ),
    Case("network_corruption", network.datagrams_lost, {"corrupt": "5%"}),
    Case("network_duplication", pings.doubled, {"duplicate": "5%"}),
    Case("network_reordering", pings.overtaken, {"reorder": "25%", "delay": "20ms"}),
    Case("network_bandwidth", network.throughput, {"rate": "10mbit"}),
    Case("network_bandwidth", network.throughput_in, {"rate": "10mbit", "direction": "in"}),
    Case("network_partition", pings.reached),
    Case("network_partition", network.connections, {"ports": [PORT]}),
    Case("network_partition", network.connections, {"ports": [PORT], "action": "reject"}),
    Case("network_partition", network.connections, {"ports": [PORT], "action": "reset"}),
    Case("network_partition", pings.reached, {"direction": "in"}),
    Case("network_partition", pings.reached, {"direction": "out"}),
    Case("network_flap", pings.comes_and_goes, {"down": "2s", "up": "2s"}),
    Case("mtu_black_hole", pings.small_and_large, {"mtu": 1000}),
    Case("connection_exhaustion", network.open_and_new, {"ports": [PORT]}),
    Case("connection_exhaustion", network.open_and_new, {"ports": [PORT], "action": "reset"}),
    Case("dns_failure", network.names, {"peers": [network.OUTSIDE]}),
    Case("dns_failure", network.names, {"peers": [network.OUTSIDE], "action": "reject"}),
    Case("dns_failure", network.names, {"peers": [network.OUTSIDE], "action": "nxdomain"}),
    Case(
        "dns_failure",
        network.time_of_names,
        {"peers": [network.OUTSIDE], "action": "slow", "delay": "2s"},
    ),
    _service("service_stop", machine.state),
    _service("service_pause", network.requests),
    _service("service_kill", machine.state),
    _service("service_kill", machine.restarts, interval="5s"),
    _service("file_descriptors", network.requests),
    Case("process_pause", machine.program, {"executable": "/srv/waiting"}),
    Case(
        "service_throttle",
        machine.processor_time,
        {"service": "busy", "cpu": "20%"},
        before="systemctl start busy",
        after="systemctl stop busy",
    ),
    Case(
        "disk_slow",
        machine.written,
        {"service": "writing", "path": "/srv", "write": "2MiB"},
        before="systemctl start writing",
        after="systemctl stop writing; rm -f /srv/written",
    ),
    Case("cpu_stress", machine.load, {"workers": 1, "load": "50%"}),
    Case("memory_stress", machine.memory, {"size": "128MiB"}),
    Case("io_stress", machine.written, {"path": "/srv", "workers": 2}, in_container=False),
    Case(
        "log_flood",
        machine.lines,
        {"file": f"{DISK}/flood.log", "lines": 500, "most": "8MiB"},
    ),
    Case("disk_fill", machine.room, {"path": DISK, "level": "90%"}),
    Case("inode_fill", machine.inodes, {"path": DISK}),
    Case("disk_stall", machine.change, {"path": DISK}),
    Case("clock_skew", machine.clock, {"offset": "-5m"}),
    Case("clock_skew", machine.clock_drift, {"drift": "6s"}),
    Case("host_reboot", machine.boots, restarts=True),
    Case("host_panic", machine.boots, restarts=True),
)
