"""A real Kafka cluster of a few brokers, on loopback in a network namespace of its own.

Broker N listens on 127.0.0.N, so that an inventory can tell the brokers apart. The first is the
KRaft controller as well, the one voter of a dynamic quorum (KIP-853).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chaos_runner.lab.record import new_cluster_id
from tests.integration.conftest import COMMAND, REPOSITORY, Finished
from tests.integration.sandbox.kafka.java import java_of_kafka
from tests.waiting import PATIENCE, wait_until

SERVER = "127.0.0.1:9092"
_PROPERTIES = """\
process.roles={roles}
node.id={number}
listeners={listeners}
advertised.listeners={own}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
controller.quorum.bootstrap.servers=127.0.0.1:9093
log.dirs={directory}/data-{number}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
replica.lag.time.max.ms=4000
"""


@dataclass(frozen=True)
class SmallCluster:
    """Where the cluster lives: its files, the process that holds its namespace, its brokers."""

    directory: Path
    holder: int
    brokers: tuple[subprocess.Popen[bytes], ...]

    @property
    def inventory(self) -> Path:
        """Return an inventory of its brokers."""
        file = self.directory / "hosts"
        lines = [f"k{n} ansible_host=127.0.0.{n}" for n in range(1, len(self.brokers) + 1)]
        file.write_text("\n".join(["[kafka_broker]", *lines, ""]))
        return file

    def inside(self, command: Sequence[str | Path]) -> list[str]:
        """Return a command as it runs in the namespace."""
        return ["nsenter", "-t", str(self.holder), "-n", *map(str, command)]

    def start(self, state: Path, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start the command line in the namespace, with a state directory of its own."""
        return subprocess.Popen(
            self.inside([*COMMAND, *arguments]),
            cwd=REPOSITORY,
            env={**os.environ, "XDG_STATE_HOME": str(state)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def call(self, state: Path, *arguments: str | Path) -> Finished:
        """Call the command line in the namespace, and wait for its end."""
        process = self.start(state, *arguments)
        stdout, stderr = process.communicate(timeout=PATIENCE)
        return Finished(process.returncode, stdout, stderr)

    def ask(self, question: str, *arguments: object) -> object:
        """Ask the cluster something as its administrator; see `administering`."""
        done = subprocess.run(
            self.inside(
                [sys.executable, "-m", "tests.integration.sandbox.kafka.administering", question]
            ),
            cwd=REPOSITORY,
            input=json.dumps(arguments),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@contextmanager
def small_cluster(
    directory: Path, brokers: int, network: int | None = None, address: str = ""
) -> Iterator[SmallCluster]:
    """Start the cluster, and end it; `network` is a process in whose namespace it is to be.

    With an `address` a single broker listens there, and not on loopback.
    """
    java = java_of_kafka(directory)
    cluster = new_cluster_id()
    files = [
        _formatted(java, directory, cluster, number, address or f"127.0.0.{number}")
        for number in range(1, brokers + 1)
    ]
    there = ["unshare", "-n"] if network is None else ["nsenter", "-t", str(network), "-n"]
    holder = subprocess.Popen(
        [*there, "sh", "-c", "ip link set lo up && exec sleep 3600"],
        stdin=subprocess.DEVNULL,
    )
    running: list[subprocess.Popen[bytes]] = []
    try:
        wait_until(
            lambda: Path(f"/proc/{holder.pid}/comm").read_text() == "sleep\n", "its loopback is up"
        )
        for file in files:
            with file.with_suffix(".log").open("w") as log:
                enter = ["nsenter", "-t", str(holder.pid), "-n"]
                process = subprocess.Popen(
                    [*enter, *java, "kafka.Kafka", str(file)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            running.append(process)
        for file, process in zip(files, running, strict=True):
            wait_until(lambda: _has_started(file, process), f"{file.name} has started")  # noqa: B023
        yield SmallCluster(directory, holder.pid, tuple(running))
    finally:
        for each in (*running, holder):
            each.send_signal(signal.SIGKILL)
            each.wait(PATIENCE)


def _formatted(
    java: Sequence[str], directory: Path, cluster: str, number: int, address: str
) -> Path:
    own = f"PLAINTEXT://{address}:9092"
    file = directory / f"broker-{number}.properties"
    file.write_text(
        _PROPERTIES.format(
            number=number,
            directory=directory,
            own=own,
            roles="broker,controller" if number == 1 else "broker",
            listeners=f"{own},CONTROLLER://127.0.0.1:9093" if number == 1 else own,
        )
    )
    votes = "--standalone" if number == 1 else "--no-initial-controllers"
    tool = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(file), votes]
    done = subprocess.run([*java, *tool], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return file


def _has_started(file: Path, process: subprocess.Popen[bytes]) -> bool:
    log = file.with_suffix(".log").read_text()
    assert process.poll() is None, log[-3000:]
    return "Kafka Server started" in log
