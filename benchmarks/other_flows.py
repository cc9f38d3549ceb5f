"""Measure a flow that a fault of netem does not name, before the fault, during and after it.

On a machine with netem, for each kind of queue that an interface may have: a link leads to a peer
in a namespace of its own; packets to one of its addresses are delayed, and those to the other are
looked at. A program carries frames where the link has a queue: read what is alike, and not how much
it is. The lab is one of this benchmark's own.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
from dataclasses import dataclass

from chaos_runner.faults.kinds.network.network_latency import NetworkLatency
from chaos_runner.hosts.inventory.reader import read_inventory
from chaos_runner.lab.lifecycle import lab
from chaos_runner.lab.namespace import enter
from chaos_runner.lab.spec import HostSpec, LabSpec
from tests.integration.conftest import LAB_INVENTORY
from tests.integration.measured.host import MeasuredHost
from tests.integration.measured.installing import install_host_guard

ROOTS = ("noqueue", "fq_codel", "fq", "mq")
NAMED, OTHER = "198.18.210.2", "198.18.210.3"
ROUNDS = 3
PORT, SENT = 5001, 5_000_000
"""Bytes of each transfer, some seconds' worth on an emulated machine."""
DELAY = "100ms"

BEGIN = """
ip netns add beyond && ip -n beyond link set lo up
"""
NOQUEUE = "ip link add shaped type veth peer name far netns beyond"
QUEUE = """
sysctl -qw net.core.default_qdisc={of_each}
ip tuntap add dev shaped mode tap {more}
ip -n beyond tuntap add dev far mode tap
cat >/run/forward.py <<'FORWARD'
import fcntl, os, select, struct, sys

def end(file, name, flags):
    fcntl.ioctl(file, 0x400454CA, struct.pack("16sH", name, 0x1002 | flags))  # TUNSETIFF: a tap
    return file

far = end(os.open("/dev/net/tun", os.O_RDWR), b"far", 0)
many = len(sys.argv) > 1  # IFF_MULTI_QUEUE
near = [end(file, b"shaped", 0x100 if many else 0) for file in ((3, 4) if many else (3,))]
while True:
    for came in select.select([far, *near], [], [])[0]:
        os.write(near[0] if came == far else far, os.read(came, 65536))
FORWARD
systemd-run -q --collect --unit=forward sh -c 'exec 3<>/dev/net/tun 4<>/dev/net/tun &&
  exec ip netns exec beyond python3 /run/forward.py {more}'
until [ -e /sys/class/net/shaped/queues/tx-{last} ] && [ -e /sys/class/net/shaped/carrier ]; do
  sleep 0.2
done
"""
"""The tap's own queue is the kernel's choice, as that of a card is: mq where it has several."""
UP = f"""
ip address add 198.18.210.1/24 dev shaped && ip link set shaped up && ip -n beyond link set far up
for each in {NAMED} {OTHER}; do ip -n beyond address add $each/24 dev far; done
cat >/run/sink.py <<'SINK'
import socket
with socket.create_server(("{OTHER}", {PORT})) as server:
    while True:
        with server.accept()[0] as taken:
            left = {SENT}
            while left > 0 and (came := taken.recv(1 << 16)):
                left -= len(came)
            taken.sendall(b".")
SINK
systemd-run -q --collect --unit=sink ip netns exec beyond python3 /run/sink.py
until ping -n -q -c 1 -W 1 {OTHER} && ip netns exec beyond ss -ltn | grep -q :{PORT}; do
  sleep 0.2
done
"""
DOWN = "systemctl stop sink forward; ip link del shaped; ip netns del beyond; sleep 1"
SEND = f"""
import socket, time
began = time.monotonic()
with socket.create_connection(("{OTHER}", {PORT})) as out:
    out.sendall(bytes({SENT}))
    out.recv(1)
print(time.monotonic() - began)
"""


@dataclass(frozen=True)
class Flow:
    """What a flow is like: its round trip in ms, and its Mbit/s over TCP."""

    round_trip: float
    throughput: float


def look(host: MeasuredHost) -> Flow:
    """Return what the flow that no fault names is like."""
    rates = [
        SENT * 8 / 1e6 / float(host.run("python3 -", SEND.encode(), 120)) for _ in range(ROUNDS)
    ]
    return Flow(round_trip(host, OTHER), statistics.median(rates))


def round_trip(host: MeasuredHost, address: str) -> float:
    """Return the mean round trip of pings, in ms."""
    said = host.run(f"ping -n -q -c 50 -i 0.02 {address}")
    found = re.search(r"= [\d.]+/([\d.]+)/", said)
    if found is None:
        sys.exit(f"no ping is answered: {said}")
    return float(found[1])


def main() -> int:
    """Print a line for each kind of queue; return 1 where a fault is not put on or not clean."""
    spec = LabSpec(name="flows", kafka=False, hosts=(HostSpec(name="machine", backend="vm"),))
    os.environ["CHAOS_LAB"] = spec.name
    try:
        lab.up(spec, lambda who, what: print(f"{who}: {what}", file=sys.stderr))
        install_host_guard(spec.name)
        inventory = read_inventory(LAB_INVENTORY)
        enter(spec.name)
        host = MeasuredHost(inventory.hosts["machine"], "VM")
        host.reach()
        print("| queue | named: before, during | other flow: before | during | after | clean |")
        print("| --- | --- | --- | --- | --- | --- |")
        return max([_one(host, root) for root in ROOTS])
    finally:
        lab.down(spec.name, lambda _who, _what: None)


def _link(root: str) -> str:
    if root == "noqueue":
        return NOQUEUE
    more = "multi_queue" if root == "mq" else ""
    return QUEUE.format(more=more, of_each="fq_codel" if more else root, last=1 if more else 0)


def _one(host: MeasuredHost, root: str) -> int:
    host.run(BEGIN + _link(root) + UP)
    queue = host.run("tc qdisc show dev shaped root | cut -d ' ' -f 2")
    if queue != root:
        sys.exit(f"the link has {queue}, not {root}")
    options = {"delay": DELAY, "peers": [NAMED], "interface": "shaped"}
    fault = NetworkLatency.model_validate(options)
    before, named = look(host), round_trip(host, NAMED)
    put_on = host.inject(fault)
    during, delayed = look(host), round_trip(host, NAMED)
    clean = host.roll_back().answer.get("state") == "clean" and host.is_clean()
    flows = [before, during, look(host)]
    host.run(DOWN)
    words = [f"{each.round_trip:.2f} ms, {each.throughput:.0f} Mbit/s" for each in flows]
    print(f"| {root} | {named:.2f}, {delayed:.2f} ms | {' | '.join(words)} | {clean} |", flush=True)
    return 0 if clean and put_on.answer.get("effect") is True else 1


if __name__ == "__main__":
    sys.exit(main())
