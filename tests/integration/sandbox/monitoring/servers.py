"""Prometheus and Alertmanager of Debian's packages, and a service that they watch, on 127.0.0.1.

All are plain processes of the test: nothing is installed, and no service of the machine started.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import ClassVar, Self

import yaml

from chaos_runner.checks.cutoff import Cutoff
from chaos_runner.checks.http_request import Request, UnreachableError, send
from chaos_runner.closing import Closing
from tests.integration.sandbox.monitoring.ports import free_ports
from tests.waiting import wait_until

PLACE = Path("/var/cache/chaos-lab/monitoring/usr")
"""Where scripts/install-monitoring has unpacked the packages."""
WITH_OWN_SHARE = ("unshare", "--mount", "sh", "-c", 'mount --bind "$0" /usr/share && exec "$@"')
"""Run a program that looks for its files in /usr/share, with those of the packages there."""


class Monitoring(Closing):
    """A service, the Prometheus that scrapes it and the Alertmanager that it notifies."""

    rules: ClassVar[Mapping[str, str]] = {
        "KafkaBrokerDown": "fleet_brokers < 3",
        "KafkaGone": "fleet_brokers == 0",
    }
    """An alert that fires where a broker is missing, and one that never does in these tests."""
    inside: ClassVar[Sequence[str]] = ()
    """What runs a command where the servers are to be."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._brokers = directory / "brokers"
        service, prometheus, alertmanager = free_ports(3)
        self.service = f"http://127.0.0.1:{service}"
        self.prometheus = f"http://127.0.0.1:{prometheus}"
        self.alertmanager = f"http://127.0.0.1:{alertmanager}"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        try:
            self._start_all()
        except BaseException:
            self.close()
            raise
        return self

    def _start_all(self) -> None:
        for binary in ("prometheus", "prometheus-alertmanager", "prometheus-blackbox-exporter"):
            assert (PLACE / "bin" / binary).is_file(), f"{PLACE}: run scripts/install-monitoring"
        self.start_service()
        self._start_alertmanager()
        self._start_prometheus()
        for url in (f"{self.service}/health", *self._ready()):
            wait_until(partial(self._answers, url), f"{url} answers")

    def start_service(self) -> None:
        """Start what Prometheus scrapes."""
        self.set_brokers(3)
        module = "tests.integration.sandbox.monitoring.service"
        self.start(self.service, sys.executable, "-m", module, self.port_of(self.service))

    def scraped(self) -> Mapping[str, object]:
        """Return how Prometheus scrapes it."""
        return {"static_configs": self.targets(self.service)}

    @staticmethod
    def targets(url: str) -> list[dict[str, list[str]]]:
        """Return a URL as a target in the configuration of Prometheus."""
        return [{"targets": [url.removeprefix("http://")]}]

    def close(self) -> None:
        """End every process."""
        for url in list(self._processes):
            self.end(url)

    def set_brokers(self, count: int) -> None:
        """Let the service say that so many brokers are there; it fails with fewer than three."""
        self._brokers.write_text(str(count), encoding="utf-8")

    def end(self, url: str) -> None:
        """End the process behind a URL."""
        process = self._processes.pop(url)
        process.kill()
        process.wait()

    def _ready(self) -> Sequence[str]:
        return (f"{self.prometheus}/-/ready", f"{self.alertmanager}/-/ready")

    def _answers(self, url: str) -> bool:
        for base, process in self._processes.items():
            assert process.poll() is None, f"{base} ended; see the logs in {self._directory}"
        return self.answers(url)

    def answers(self, url: str) -> bool:
        """Tell whether a URL answers with status 200."""
        return answers(url)

    def _start_alertmanager(self) -> None:
        config = {"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}
        self.start(
            self.alertmanager,
            *WITH_OWN_SHARE,
            PLACE / "share",
            PLACE / "bin" / "prometheus-alertmanager",
            f"--config.file={self.write('alertmanager.yml', config)}",
            f"--storage.path={self._directory / 'alertmanager'}",
            f"--web.listen-address={self.alertmanager.removeprefix('http://')}",
            "--cluster.listen-address=",
        )

    def _start_prometheus(self) -> None:
        rules = [
            {"alert": alert, "expr": expression, "labels": {"severity": "page"}}
            for alert, expression in self.rules.items()
        ]
        groups = {"groups": [{"name": "kafka", "rules": rules}]}
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(self.write("rules.yml", groups))],
            "scrape_configs": [{"job_name": "fleet", **self.scraped()}],
            "alerting": {"alertmanagers": [{"static_configs": self.targets(self.alertmanager)}]},
        }
        self.start(
            self.prometheus,
            PLACE / "bin" / "prometheus",
            f"--config.file={self.write('prometheus.yml', config)}",
            f"--storage.tsdb.path={self._directory / 'metrics'}",
            f"--web.listen-address={self.prometheus.removeprefix('http://')}",
        )

    def start(self, url: str, *command: str | Path) -> None:
        """Start the server that answers at a URL."""
        with (self._directory / f"{self.port_of(url)}.log").open("ab") as log:
            self._processes[url] = subprocess.Popen(
                [*self.inside, *command],
                cwd=Path(__file__).parents[4],
                env={"PATH": "/usr/bin:/bin", "BROKERS": str(self._brokers)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def write(self, name: str, content: object) -> Path:
        """Write a configuration."""
        path = self._directory / name
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return path

    @staticmethod
    def port_of(url: str) -> str:
        """Return the port of a URL."""
        return url.rpartition(":")[2]


def answers(url: str) -> bool:
    """Tell whether a URL answers with status 200."""
    with Cutoff(10) as cutoff, suppress(UnreachableError):
        return send(Request(url), cutoff).status == 200
    return False
