"""Real Kafka brokers on this machine's loopback, reached by clients as from afar.

Each broker has a listener for every delay, advertised at a proxy that holds back what the broker
answers by so much. So both sides of a comparison meet the same delays, without a qdisc.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from chaos_runner.lab.images.kafka_layer import maven_jars
from chaos_runner.lab.record import new_cluster_id

_PROXY = Path(__file__).with_name("delaying_proxy.py")
_JAVA = ("java", "-Xmx384m", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Djava.awt.headless=true")
_START_LIMIT = 120.0
_LOGGING = """\
appender.file.type=File
appender.file.name=file
appender.file.fileName={log}
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=%d %p %m%n
rootLogger.level=WARN
rootLogger.appenderRef.file.ref=file
"""
_PROPERTIES = """\
process.roles={roles}
node.id={node}
listeners={listeners}
advertised.listeners={advertised}
listener.security.protocol.map={protocols}
inter.broker.listener.name=INTERNAL
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:{controller}
log.dirs={directory}/data
auto.create.topics.enable=false
default.replication.factor={replicas}
offsets.topic.replication.factor={replicas}
offsets.topic.num.partitions=3
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=2
"""


@dataclass(frozen=True)
class Brokers:
    """The bootstrap servers for each delay in milliseconds, and the brokers' processes."""

    servers: dict[int, str]
    processes: list[int]


@contextmanager
def running_brokers(count: int, delays: Sequence[int]) -> Iterator[Brokers]:
    """Yield brokers that answer late by each of the delays, in milliseconds."""
    jars = maven_jars(lambda text: print(text, file=sys.stderr))
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        controller = _free_port()
        cluster = new_cluster_id()
        servers: dict[int, list[str]] = {delay: [] for delay in delays}
        processes: list[int] = []
        waiting: list[tuple[int, Path]] = []
        for node in range(1, count + 1):
            own = directory / str(node)
            own.mkdir()
            real = {f"DELAY{delay}": _free_port() for delay in delays}
            seen = {f"DELAY{delay}": _free_port() for delay in delays}
            _write(own, node, min(3, count), controller, real, seen)
            java = [
                *_JAVA,
                f"-Dlog4j2.configurationFile={own / 'log4j2.properties'}",
                *("-cp", f"{jars}/*"),
            ]
            settings = str(own / "server.properties")
            tool = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", settings]
            subprocess.run([*java, *tool], check=True, stdout=subprocess.DEVNULL)
            processes.append(stack.enter_context(_running([*java, "kafka.Kafka", settings])))
            routes = [f"{seen[name]}:{real[name]}:{name.removeprefix('DELAY')}" for name in real]
            stack.enter_context(_running([sys.executable, str(_PROXY), *routes]))
            for delay in delays:
                servers[delay].append(f"127.0.0.1:{seen[f'DELAY{delay}']}")
            waiting += [(port, own / "log") for port in (*real.values(), *seen.values())]
        for port, log in waiting:
            _await_port(port, log)
        named = {delay: ",".join(addresses) for delay, addresses in servers.items()}
        yield Brokers(named, processes)


def _write(
    directory: Path,
    node: int,
    replicas: int,
    controller: int,
    real: dict[str, int],
    seen: dict[str, int],
) -> None:
    """Write the files of one broker; the first is the controller, too."""
    internal = _free_port()
    own = {"CONTROLLER": controller} if node == 1 else {}
    listeners = {**real, "INTERNAL": internal, **own}
    advertised = {**seen, "INTERNAL": internal}
    names = [*real, "INTERNAL", "CONTROLLER"]
    text = _PROPERTIES.format(
        roles="broker,controller" if node == 1 else "broker",
        node=node,
        listeners=",".join(f"{name}://127.0.0.1:{port}" for name, port in listeners.items()),
        advertised=",".join(f"{name}://127.0.0.1:{port}" for name, port in advertised.items()),
        protocols=",".join(f"{name}:PLAINTEXT" for name in names),
        controller=controller,
        directory=directory,
        replicas=replicas,
    )
    (directory / "server.properties").write_text(text)
    (directory / "log4j2.properties").write_text(_LOGGING.format(log=directory / "log"))


@contextmanager
def _running(command: list[str]) -> Iterator[int]:
    """Yield the process id of a command that ends with the block."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=dict(os.environ)
    )
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_port(port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                words = log.read_text()[-2000:] if log.exists() else ""
                sys.exit(f"a broker did not come up within {_START_LIMIT:.0f} s: {words}")
            time.sleep(0.2)
