"""One real Kafka broker with an authorizer, on loopback in a network namespace of its own.

Users log in by SASL/PLAIN and may do what ACLs allow them, which the broker's own user gives.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chaos_runner.lab.record import new_cluster_id
from tests.integration.sandbox.kafka.java import java_of_kafka
from tests.waiting import PATIENCE, wait_until

SERVER = "127.0.0.1:9092"
ADMIN = "admin"

_PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
listeners=SASL_PLAINTEXT://{server},CONTROLLER://127.0.0.1:9093
advertised.listeners=SASL_PLAINTEXT://{server}
inter.broker.listener.name=SASL_PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT
controller.quorum.voters=1@127.0.0.1:9093
log.dirs={directory}/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
auto.create.topics.enable=true
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:{admin}
sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.sasl_plaintext.plain.sasl.jaas.config={plain} required username="{admin}" \
password="{admin}" {users};
{more}
"""


@dataclass(frozen=True)
class AuthorizedBroker:
    """Where the broker lives: its files, and the process that holds its namespace."""

    directory: Path
    holder: int

    def python(self, module: str, *arguments: str, stdin: str = "") -> str:
        """Run a module inside the namespace; return what it prints."""
        done = subprocess.run(
            self.inside([sys.executable, "-m", module, *arguments]),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def inside(self, command: Sequence[str]) -> list[str]:
        """Return a command as it runs in the namespace."""
        return ["nsenter", "-t", str(self.holder), "-n", *command]


@contextmanager
def authorized_broker(
    directory: Path, users: Sequence[str], more: str = ""
) -> Iterator[AuthorizedBroker]:
    """Start the broker with these users, whose passwords are their names, and end it."""
    known = " ".join(f'user_{name}="{name}"' for name in (ADMIN, *users))
    properties = directory / "server.properties"
    properties.write_text(
        _PROPERTIES.format(
            server=SERVER, directory=directory, admin=ADMIN, plain=_PLAIN, users=known, more=more
        )
    )
    java = java_of_kafka(directory)
    cluster = new_cluster_id()
    tool = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)]
    done = subprocess.run([*java, *tool], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    holder = subprocess.Popen(
        ["unshare", "-n", "sh", "-c", "ip link set lo up && exec sleep 3600"],
        stdin=subprocess.DEVNULL,
    )
    broker = None
    try:
        running = AuthorizedBroker(directory, holder.pid)
        with (directory / "broker.log").open("w") as log:
            broker = subprocess.Popen(
                # The namespace has its loopback as soon as the holder has become `sleep`.
                [
                    *_waiting_for(holder.pid),
                    *running.inside([*java, "kafka.Kafka", str(properties)]),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        _wait_until_it_listens(running, broker)
        yield running
    finally:
        for process in (broker, holder):
            if process is not None:
                process.send_signal(signal.SIGKILL)
                process.wait(PATIENCE)


def _waiting_for(holder: int) -> list[str]:
    script = 'until grep -q sleep "/proc/$1/comm"; do sleep 0.05; done; shift; exec "$@"'
    return ["sh", "-c", script, "sh", str(holder)]


def _wait_until_it_listens(broker: AuthorizedBroker, process: subprocess.Popen[bytes]) -> None:
    log = broker.directory / "broker.log"

    def has_started() -> bool:
        assert process.poll() is None, log.read_text()[-3000:]
        return "Kafka Server started" in log.read_text()

    wait_until(has_started, "the broker has started")
