"""The configuration of Kafka on the lab's hosts."""

from __future__ import annotations

from chaos_runner.lab.layout import LabPlace
from chaos_runner.lab.spec import HostSpec, LabSpec

BROKER_PORT = 9092
CONTROLLER_PORT = 9093

_COMMON = """\
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=/var/lib/kafka/data
auto.create.topics.enable=false
unclean.leader.election.enable=false
num.partitions=6
offsets.topic.num.partitions=3
transaction.state.log.num.partitions=3
group.initial.rebalance.delay.ms=0
# Shorter than Kafka's own 9 s and 30 s, so that an experiment of half a minute sees both.
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=1000
replica.lag.time.max.ms=10000
# Where nothing changes the controllers write an empty record this often, by default twice a
# second: each goes to every broker by two fetches, a third of what an emulated one idles at.
metadata.max.idle.interval.ms=5000
# Small: the lab's brokers have little memory and few processors.
num.network.threads=2
num.io.threads=2
log.segment.bytes=16777216
log.cleaner.dedupe.buffer.size=2097152
"""


def server_properties(spec: LabSpec, host: HostSpec) -> str:
    """Return a host's server.properties: KRaft with a static quorum, listeners by address.

    Three replicas (two in sync) where there are brokers enough, else as many as there are.
    """
    place = LabPlace(spec.name)
    numbers = {each.name: number for number, each in enumerate(spec.hosts, start=1)}
    address = place.host(host.name, numbers[host.name]).ipv4
    listeners = {
        "broker": f"PLAINTEXT://{address}:{BROKER_PORT}",
        "controller": f"CONTROLLER://{address}:{CONTROLLER_PORT}",
    }
    voters = ",".join(
        f"{numbers[each.name]}@{place.host(each.name, numbers[each.name]).ipv4}:{CONTROLLER_PORT}"
        for each in spec.hosts
        if "controller" in each.roles
    )
    brokers = sum("broker" in each.roles for each in spec.hosts)
    own = [
        f"process.roles={','.join(host.roles)}",
        f"node.id={numbers[host.name]}",
        f"listeners={','.join(listeners[role] for role in host.roles)}",
        f"controller.quorum.voters={voters}",
        *([f"advertised.listeners={listeners['broker']}"] if "broker" in host.roles else []),
        *([f"broker.rack={host.rack}"] if host.rack else []),
        *_replication(min(3, brokers)),
    ]
    return "\n".join(own) + "\n" + _COMMON


def _replication(factor: int) -> list[str]:
    in_sync = max(1, factor - 1)
    return [
        f"default.replication.factor={factor}",
        f"min.insync.replicas={in_sync}",
        f"offsets.topic.replication.factor={factor}",
        f"transaction.state.log.replication.factor={factor}",
        f"transaction.state.log.min.isr={in_sync}",
        f"share.coordinator.state.topic.replication.factor={factor}",
        f"share.coordinator.state.topic.min.isr={in_sync}",
    ]
