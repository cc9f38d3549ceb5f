"""The cached layers under every host: Debian, and Kafka over it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chaos_runner.lab.images import debian, kafka_layer
from chaos_runner.lab.images.cache import prune
from chaos_runner.lab.record import Base, every_lab
from chaos_runner.lab.spec import SUITES, KafkaSpec, LabSpec, Suite

Say = Callable[[str], None]


def make_bases(spec: LabSpec, say: Say) -> dict[Suite, Base]:
    """Return what the hosts of each release stand on, from the cache, made first where missing.

    Raises LabError when a download fails; the next call makes what is still missing.
    """
    with ThreadPoolExecutor(max_workers=2) as pool:
        jars = pool.submit(_jars, spec.kafka, say) if spec.kafka else None
        roots = {suite: debian.root_file_system(suite, say) for suite in spec.suites}
        return {
            suite: Base(
                root=root,
                kafka=kafka_layer.kafka_layer(suite, root, jars.result(), say)
                if jars is not None and suite in spec.kafka_suites
                else None,
            )
            for suite, root in roots.items()
        }


def prune_bases() -> None:
    """Remove cached layers of earlier recipes that no lab of this machine stands on."""
    bases = [base for lab in every_lab() for base in lab.bases.values()]
    for suite in SUITES:
        prune(debian.cache_kind(suite), {base.root for base in bases}, recent=1)
        layers = {base.kafka.parent for base in bases if base.kafka}
        prune(kafka_layer.cache_kind(suite), layers, recent=2)
    prune(kafka_layer.JARS_KIND, set(), recent=2)


def _jars(kafka: KafkaSpec, say: Say) -> Path:
    if kafka.distribution is not None:
        return kafka_layer.distribution_jars(kafka.distribution)
    return kafka_layer.maven_jars(say)
