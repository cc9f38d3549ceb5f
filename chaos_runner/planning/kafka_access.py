"""How the probe reaches Kafka: as the experiment says, else its properties file, else the hosts."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.experiment.settings import KafkaSettings
from chaos_runner.kafka.client_config.client_settings import check_client


def known_servers(kafka: KafkaSettings, experiment_file: Path) -> str:
    """Return the bootstrap servers that the experiment or its properties file names, or "".

    They are as they are written: a reference stays one, since what it leads to is not for
    people to read. Checks the client properties on the way, all but the references to secrets,
    so that a plan refuses what a run would refuse. Raises UsageError.
    """
    in_file = check_client(kafka.properties, kafka.in_file(experiment_file))
    return kafka.bootstrap_servers or in_file
