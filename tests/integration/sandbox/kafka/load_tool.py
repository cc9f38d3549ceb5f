"""Kafka's own load tool, as tests start it."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.integration.conftest import REPOSITORY

TOOL = "org.apache.kafka.tools.ProducerPerformance"


def tool_jars(directory: Path) -> Path:
    """Put the jars of Kafka's tools into a directory, as a distribution has them, and return it."""
    pom = REPOSITORY / "benchmarks" / "verifiable" / "pom.xml"
    copy = ["dependency:copy-dependencies", "-DincludeScope=runtime"]
    command = ["mvn", "-q", "-B", "-f", str(pom), *copy, f"-DoutputDirectory={directory}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return directory


def tool_command(jars: Path, tool: str = TOOL) -> Sequence[str]:
    """Return what starts a tool."""
    return ["java", "-Xmx128m", "-cp", f"{jars}/*", tool]


def tool_processes(jars: Path) -> list[int]:
    """Return the processes of the load tool, wherever on this machine they are."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if TOOL in words and str(jars) in words:
            found.append(int(entry.name))
    return found
