"""The layer with Apache Kafka that lies over the root file system of Kafka hosts."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from chaos_runner.errors import LabError
from chaos_runner.lab.commands import contained, run
from chaos_runner.lab.images.cache import cached, fingerprint
from chaos_runner.lab.images.overlay_tree import Tree
from chaos_runner.lab.spec import Suite

JARS_KIND = "jars"
_FILES = Path(__file__).parents[1] / "files"
_TEXTS = ("kafka.service", "log4j2.properties", "make-archive.sh")
_JVM_FLAGS = (
    # Small and quick to start rather than fast for hours: a lab's broker lives for minutes.
    *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"),
    *("-Djava.awt.headless=true", "-Dlog4j2.configurationFile=/etc/kafka/log4j2.properties"),
    *("-XX:SharedArchiveFile=/opt/kafka/kafka.jsa", "-Xshare:auto"),
)


def maven_jars(tell: Callable[[str], None]) -> Path:
    """Return the cached directory of Kafka's jars, fetched by Maven when the pom is new."""
    pom = _FILES / "pom.xml"

    def make(directory: Path) -> None:
        tell("fetching Apache Kafka with Maven")
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime"]
        command = ["mvn", "-q", "-B", "-f", str(pom), *goal, f"-DoutputDirectory={directory}"]
        run(contained(command), "fetching Apache Kafka with Maven")

    return cached(JARS_KIND, fingerprint(pom.read_text()), make)


def distribution_jars(distribution: Path) -> Path:
    """Return the `libs` directory of an unpacked Kafka, or raise LabError."""
    libs = distribution / "libs"
    if not any(libs.glob("kafka_*.jar")):
        raise LabError(
            f"{distribution} is no unpacked Kafka: it has no libs/kafka_*.jar",
            "point `kafka: {distribution: …}` at the directory that has bin/ and libs/",
        )
    return libs


def cache_kind(suite: Suite) -> str:
    """Return what the cache calls the layers over root file systems of a release."""
    return f"kafka-{suite}"


def kafka_layer(suite: Suite, root: Path, jars: Path, tell: Callable[[str], None]) -> Path:
    """Return the cached layer for these jars over this root file system, with its archive.

    A class archive is good for exactly one JRE and class path, so the layer is made again
    when either changes.
    """
    texts = [(_FILES / name).read_text() for name in _TEXTS]
    key = fingerprint(str(root), *_names_of(jars), *_JVM_FLAGS, *texts)

    def make(directory: Path) -> None:
        _write_layer(directory / "layer", jars)
        tell("making Kafka's class archive")
        tree = Tree((root,), directory / "layer", directory / "work", directory / "merged")
        tree.make_directories()
        tree.run(texts[-1], what="making Kafka's class archive")
        shutil.rmtree(directory / "work")

    return cached(cache_kind(suite), key, make) / "layer"


def java_arguments(jars: Iterable[str]) -> str:
    """Return the JVM's argument file: flags, then the class path in an order that is fixed."""
    class_path = ":".join(f"/opt/kafka/libs/{jar}" for jar in sorted(jars))
    return "\n".join([*_JVM_FLAGS, "-cp", class_path]) + "\n"


def _names_of(jars: Path) -> list[str]:
    return [f"{jar.name} {jar.stat().st_size}" for jar in sorted(jars.glob("*.jar"))]


def _write_layer(layer: Path, jars: Path) -> None:
    libs = layer / "opt/kafka/libs"
    libs.mkdir(parents=True)
    for jar in jars.glob("*.jar"):
        shutil.copy2(jar, libs)
    (layer / "opt/kafka/java.args").write_text(java_arguments(jar.name for jar in libs.iterdir()))
    for name, place in (("log4j2.properties", "kafka"), ("kafka.service", "systemd/system")):
        (layer / "etc" / place).mkdir(parents=True)
        shutil.copy(_FILES / name, layer / "etc" / place)
    wants = layer / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir()
    (wants / "kafka.service").symlink_to("/etc/systemd/system/kafka.service")
