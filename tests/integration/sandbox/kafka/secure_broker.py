"""One real Kafka broker with SASL and TLS, on loopback in a network namespace of its own.

Nothing of it is reachable from anywhere else, and everything ends with the process that holds
the namespace.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chaos_runner.lab.record import new_cluster_id
from tests.integration.conftest import REPOSITORY, Finished
from tests.integration.sandbox.kafka.java import java_of_kafka
from tests.integration.sandbox.kafka.token_server import AUDIENCE
from tests.waiting import PATIENCE, wait_until

SASL, MUTUAL = "127.0.0.1:9092", "127.0.0.1:9094"
"""The listeners: SASL over TLS, and TLS that asks for the client's certificate."""
TOKEN_PORT = 8080
PLAIN_PASSWORD, SCRAM_PASSWORD, STORE_PASSWORD = "Plain-7c2e", "Scram-91d0", "Store-44aa"

_SECURITY = "org.apache.kafka.common.security"
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
listeners=SASL_SSL://{sasl},SSL://{mutual},INTERNAL://127.0.0.1:9095,CONTROLLER://127.0.0.1:9093
advertised.listeners=SASL_SSL://{sasl},SSL://{mutual},INTERNAL://127.0.0.1:9095
inter.broker.listener.name=INTERNAL
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL
controller.quorum.voters=1@127.0.0.1:9093
log.dirs={directory}/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
auto.create.topics.enable=false
ssl.keystore.type=PEM
ssl.keystore.location={directory}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={directory}/ca.pem
listener.name.ssl.ssl.client.auth=required
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512,OAUTHBEARER
listener.name.sasl_ssl.plain.sasl.jaas.config={security}.plain.PlainLoginModule required \
user_ops="{password}";
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={security}.scram.ScramLoginModule required;
{oauth}.sasl.jaas.config={security}.oauthbearer.OAuthBearerLoginModule required;
{oauth}.sasl.server.callback.handler.class=\
{security}.oauthbearer.OAuthBearerValidatorCallbackHandler
{oauth}.sasl.oauthbearer.jwks.endpoint.url={keys}
{oauth}.sasl.oauthbearer.expected.audience={audience}
{oauth}.connections.max.reauth.ms=600000
"""


@dataclass(frozen=True)
class SecureBroker:
    """Where the broker lives: its files, and the process that holds its namespace."""

    directory: Path
    holder: int

    def chaos_runner(
        self, *arguments: str | Path, environment: Mapping[str, str] | None = None
    ) -> Finished:
        """Call the command line inside the namespace; its experiments are the user's own."""
        command = [sys.executable, "-m", "chaos_runner", *map(str, arguments)]
        done = subprocess.run(
            self.inside(command),
            capture_output=True,
            text=True,
            timeout=300,
            env={**os.environ, "CHAOS_RUNNER_TRUST": "1", **(environment or {})},
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def inside(self, command: list[str]) -> list[str]:
        """Return a command as it runs in the namespace."""
        return ["nsenter", "-t", str(self.holder), "-n", *command]


@contextmanager
def secure_broker(directory: Path) -> Iterator[SecureBroker]:
    """Start the broker, and end it with all that belongs to it."""
    _make_certificates(directory)
    keys = f"file:{directory}/jwks.json"
    text = _PROPERTIES.format(
        sasl=SASL,
        mutual=MUTUAL,
        directory=directory,
        security=_SECURITY,
        password=PLAIN_PASSWORD,
        oauth="listener.name.sasl_ssl.oauthbearer",
        keys=keys,
        audience=AUDIENCE,
    )
    properties = directory / "server.properties"
    properties.write_text(text)
    java = java_of_kafka(directory, f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={keys}")
    _format(java, properties)
    holder = subprocess.Popen(
        ["unshare", "-n", "sh", "-c", "ip link set lo up && exec sleep 3600"],
        stdin=subprocess.DEVNULL,
    )
    broker = tokens = None
    try:
        secure = SecureBroker(directory, holder.pid)
        _wait_for_loopback(secure)
        server = [
            sys.executable,
            "-m",
            "tests.integration.sandbox.kafka.token_server",
            str(directory),
        ]
        tokens = subprocess.Popen(
            secure.inside([*server, str(TOKEN_PORT)]), cwd=REPOSITORY, stdin=subprocess.DEVNULL
        )
        wait_until((directory / "jwks.json").exists, "the server of tokens has its key")
        with (directory / "broker.log").open("w") as log:
            broker = subprocess.Popen(
                secure.inside([*java, "kafka.Kafka", str(properties)]),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        _wait_until_it_listens(secure, broker)
        yield secure
    finally:
        for process in (broker, tokens, holder):
            if process is not None:
                process.send_signal(signal.SIGKILL)
                process.wait(PATIENCE)


def _format(java: list[str], properties: Path) -> None:
    cluster = new_cluster_id()
    user = f"SCRAM-SHA-512=[name=ops,password={SCRAM_PASSWORD}]"
    tool = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)]
    _run([*java, *tool, "--add-scram", user], properties.parent)


def _make_certificates(directory: Path) -> None:
    """Make an authority, and signed by it the broker's and the client's keys in PEM."""
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes"]
    authority = [*new, "-x509", "-days", "2", "-subj", "/CN=test"]
    _run([*authority, "-keyout", "ca.key", "-out", "ca.pem"], directory)
    (directory / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    for name in ("broker", "client"):
        files = ["-keyout", f"{name}.key", "-out", f"{name}.csr"]
        _run([*new, "-subj", f"/CN={name}", *files], directory)
        signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"]
        request = ["openssl", "x509", "-req", "-in", f"{name}.csr", "-extfile", "names"]
        _run([*request, *signed, "-out", f"{name}.crt"], directory)
        pair = [(directory / f"{name}.{kind}").read_text() for kind in ("key", "crt")]
        (directory / f"{name}.pem").write_text("".join(pair))


def _run(command: list[str], directory: Path) -> None:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"


def _wait_for_loopback(broker: SecureBroker) -> None:
    command = broker.inside(["ip", "-o", "link", "show", "up", "lo"])
    wait_until(
        lambda: bool(subprocess.run(command, capture_output=True, check=False).stdout),
        "the namespace is up",
    )


def _wait_until_it_listens(broker: SecureBroker, process: subprocess.Popen[bytes]) -> None:
    command = broker.inside(["ss", "-Hlnt"])

    def listens() -> bool:
        assert process.poll() is None, (broker.directory / "broker.log").read_text()[-3000:]
        return b":9092 " in subprocess.run(command, capture_output=True, check=False).stdout

    wait_until(listens, "the broker listens")
