"""Prometheus and Alertmanager of Debian's packages, and a service that they watch, on 127.0.0.1.

All are plain processes of the test: nothing is installed, and no service of the machine started.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Self

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
RULES = {
    "groups": [
        {
            "name": "kafka",
            "rules": [
                {
                    "alert": "KafkaBrokerDown",
                    "expr": "fleet_brokers < 3",
                    "labels": {"severity": "page"},
                },
                {"alert": "KafkaGone", "expr": "fleet_brokers == 0"},
            ],
        }
    ]
}
"""An alert that fires where a broker is missing, and one that never does in these tests."""


class Monitoring(Closing):
    """A service, the Prometheus that scrapes it and the Alertmanager that it notifies."""

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
        for binary in ("prometheus", "prometheus-alertmanager"):
            assert (PLACE / "bin" / binary).is_file(), f"{PLACE}: run scripts/install-monitoring"
        self.set_brokers(3)
        module = "tests.integration.sandbox.monitoring.service"
        self._start(self.service, sys.executable, "-m", module, self._port(self.service))
        self._start_alertmanager()
        self._start_prometheus()
        for url in (f"{self.service}/health", *self._ready()):
            wait_until(partial(self._answers, url), f"{url} answers")

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
        return answers(url)

    def _start_alertmanager(self) -> None:
        config = {"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}
        self._start(
            self.alertmanager,
            *WITH_OWN_SHARE,
            PLACE / "share",
            PLACE / "bin" / "prometheus-alertmanager",
            f"--config.file={self._write('alertmanager.yml', config)}",
            f"--storage.path={self._directory / 'alertmanager'}",
            f"--web.listen-address={self.alertmanager.removeprefix('http://')}",
            "--cluster.listen-address=",
        )

    def _start_prometheus(self) -> None:
        def targets(url: str) -> list[dict[str, list[str]]]:
            return [{"targets": [url.removeprefix("http://")]}]

        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(self._write("rules.yml", RULES))],
            "scrape_configs": [{"job_name": "fleet", "static_configs": targets(self.service)}],
            "alerting": {"alertmanagers": [{"static_configs": targets(self.alertmanager)}]},
        }
        self._start(
            self.prometheus,
            PLACE / "bin" / "prometheus",
            f"--config.file={self._write('prometheus.yml', config)}",
            f"--storage.tsdb.path={self._directory / 'metrics'}",
            f"--web.listen-address={self.prometheus.removeprefix('http://')}",
        )

    def _start(self, url: str, *command: str | Path) -> None:
        with (self._directory / f"{self._port(url)}.log").open("ab") as log:
            self._processes[url] = subprocess.Popen(
                command,
                cwd=Path(__file__).parents[4],
                env={"PATH": "/usr/bin:/bin", "BROKERS": str(self._brokers)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _write(self, name: str, content: object) -> Path:
        path = self._directory / name
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return path

    @staticmethod
    def _port(url: str) -> str:
        return url.rpartition(":")[2]


def answers(url: str) -> bool:
    """Tell whether a URL answers with status 200."""
    with Cutoff(10) as cutoff, suppress(UnreachableError):
        return send(Request(url), cutoff).status == 200
    return False
