"""Run Kafka's own VerifiableProducer and VerifiableConsumer, and match what they tell."""

from __future__ import annotations

import argparse
import json
import subprocess
import threading
import time
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path

from running_probe import LINGER, Cost, cost_of

from chaos_runner.kafka.client_config.client_settings import client_settings
from chaos_runner.kafka.cluster.connection import admin_client, find_brokers
from chaos_runner.kafka.cluster.placement import place
from chaos_runner.kafka.cluster.topic import create_topic, delete_topic
from chaos_runner.kafka.common.notices import Notices

_SOURCES = Path(__file__).parent / "verifiable"
_ASK_SECONDS = 30.0
_VALUE = '"value":"'
_JAVA = [
    "java",
    # As bin/kafka-run-class.sh starts Kafka's tools.
    *("-Xmx256M", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20"),
    *("-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent"),
    "-Djava.awt.headless=true",
]


def fetch_tools(directory: Path) -> str:
    """Fetch Kafka's tools with Maven, compile the sized clients, and return the class path."""
    libraries = directory / "libs"
    subprocess.run(
        [
            *("mvn", "-q", "-B", "-f", str(_SOURCES / "pom.xml")),
            *("dependency:copy-dependencies", "-DincludeScope=runtime"),
            f"-DoutputDirectory={libraries}",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    sources = map(str, sorted(_SOURCES.glob("*.java")))
    subprocess.run(["javac", "-cp", f"{libraries}/*", "-d", str(directory), *sources], check=True)
    return f"{directory}:{libraries}/*"


@dataclass
class VerifiableClients:
    """The two processes while they run; `acked` and `read` count records so far."""

    servers: str
    rate: int
    size: int
    linger: int
    class_path: str
    topic: str
    names_each: bool
    """The consumer tells each record by name, as it must for any to be missed."""
    acked: int = 0
    read: int = 0
    matched: int = 0
    """Records that the one has named as acknowledged and the other as read."""
    _unmatched: tuple[set[str], set[str]] = field(default_factory=lambda: (set(), set()))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _processes: list[subprocess.Popen[str]] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    @property
    def processes(self) -> list[int]:
        """Return the process ids."""
        return [process.pid for process in self._processes]

    @property
    def matching(self) -> float:
        """Return the CPU time in seconds that reading and matching what they print took so far."""
        threads = [thread.ident for thread in self._threads if thread.ident is not None]
        return sum(time.clock_gettime(time.pthread_getcpuclockid(each)) for each in threads)

    def __enter__(self) -> VerifiableClients:
        """Make the topic, placed as the probe's, and start reading before sending."""
        self._settings = client_settings(self.servers, {})
        self._notices = Notices(lambda _: None, self._settings)
        self._admin = admin_client(self._settings, self._notices)
        brokers = find_brokers(self._admin, self._settings, self._notices, _ASK_SECONDS)
        create_topic(self._admin, self.topic, place(brokers), _ASK_SECONDS)
        names_each = str(self.names_each).lower()
        self._start(["SizedVerifiableConsumer", self.servers, self.topic, names_each])
        producer = ["SizedVerifiableProducer", self.servers, self.topic]
        self._start([*producer, str(self.rate), str(self.size), str(self.linger)])
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes and delete the topic."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(_ASK_SECONDS)
        for thread in self._threads:
            thread.join()
        delete_topic(self._admin, self.topic, _ASK_SECONDS)

    def _start(self, arguments: list[str]) -> None:
        process = subprocess.Popen(
            [*_JAVA, "-cp", self.class_path, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        thread = threading.Thread(target=self._count, args=(process,))
        thread.start()
        self._processes.append(process)
        self._threads.append(thread)

    def _count(self, process: subprocess.Popen[str]) -> None:
        if process.stdout is None:
            return
        with process.stdout:
            for line in process.stdout:
                # One line a record: parsing each as JSON would starve the machine it shares.
                if '"name":"producer_send_success"' in line:
                    self.acked += 1
                    if self.names_each:
                        self._match(line, *self._unmatched)
                elif '"name":"record_data"' in line:
                    self._match(line, *reversed(self._unmatched))
                elif '"name":"records_consumed"' in line:
                    self.read += int(json.loads(line)["count"])

    def _match(self, line: str, one_side: set[str], other_side: set[str]) -> None:
        """Take the record's name out of the other side's set, or put it into the own one."""
        start = line.index(_VALUE) + len(_VALUE)
        name = line[start : line.index('"', start)]
        with self._lock:
            if name in other_side:
                other_side.remove(name)
                self.matched += 1
            else:
                one_side.add(name)


def verifiable_round(options: argparse.Namespace, class_path: str, *, names_each: bool) -> Cost:
    """Return the cost of Kafka's verifiable clients over the measured seconds."""
    topic = f"benchmark-verifiable-{uuid.uuid4().hex[:8]}"
    clients = VerifiableClients(
        options.bootstrap_servers, options.rate, options.size, LINGER, class_path, topic, names_each
    )
    with clients:
        time.sleep(options.warm_up)
        if not names_each:
            return cost_of(
                clients.processes, options.seconds, lambda: min(clients.acked, clients.read)
            )
        before = clients.matching
        cost = cost_of(clients.processes, options.seconds, lambda: clients.matched)
        return replace(cost, matching=clients.matching - before)
