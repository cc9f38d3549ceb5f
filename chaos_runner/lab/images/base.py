"""The cached layers under every host: Debian, and Kafka over it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chaos_runner.lab.images import debian, kafka_layer
from chaos_runner.lab.images.cache import prune
from chaos_runner.lab.record import every_lab
from chaos_runner.lab.spec import KafkaSpec, LabSpec

Say = Callable[[str], None]


def make_base(spec: LabSpec, say: Say) -> tuple[Path, Path | None]:
    """Return root file system and Kafka layer from the cache, made first where missing.

    Raises LabError when a download fails; the next call makes what is still missing.
    """
    with ThreadPoolExecutor(max_workers=2) as pool:
        root = pool.submit(debian.root_file_system, say)
        if not spec.kafka:
            return root.result(), None
        jars = pool.submit(_jars, spec.kafka, say)
        return root.result(), kafka_layer.kafka_layer(root.result(), jars.result(), say)


def prune_base() -> None:
    """Remove cached layers of earlier recipes that no lab of this machine stands on."""
    labs = every_lab()
    prune(debian.KIND, {lab.root for lab in labs}, recent=1)
    prune(kafka_layer.LAYER_KIND, {lab.kafka.parent for lab in labs if lab.kafka}, recent=2)
    prune(kafka_layer.JARS_KIND, set(), recent=2)


def _jars(kafka: KafkaSpec, say: Say) -> Path:
    if kafka.distribution is not None:
        return kafka_layer.distribution_jars(kafka.distribution)
    return kafka_layer.maven_jars(say)
