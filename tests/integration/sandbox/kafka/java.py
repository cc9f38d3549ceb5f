"""Kafka's own programs, started by java for the brokers of tests."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.lab.images.kafka_layer import maven_jars

_LOGGING = """\
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%p %m%n
rootLogger.level=INFO
rootLogger.appenderRef.console.ref=console
"""


def java_of_kafka(directory: Path, *options: str) -> list[str]:
    """Return the command, without its main class; its log goes to the console.

    `options` are java's own; the settings of the log are written into `directory`.
    """
    logging = directory / "log4j2.properties"
    logging.write_text(_LOGGING)
    small = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"]
    jars = maven_jars(lambda _: None)
    return ["java", *options, *small, f"-Dlog4j2.configurationFile={logging}", "-cp", f"{jars}/*"]
