"""Take one fault of a cluster back: `python -m chaos_runner.kafka.admin_faults.undo`.

Settings come as one JSON line on standard input, so that no secret stands in an argument list.
"""

from __future__ import annotations

import os
import sys

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.kafka.admin_faults.cluster import Cluster
from chaos_runner.kafka.admin_faults.protocol.messages import MEMORY, Ended, UndoSettings
from chaos_runner.kafka.admin_faults.undoing import differing, take_back
from chaos_runner.measurements.cluster_fault import ClusterEnding
from chaos_runner.own_process import keep_secrets


def main() -> None:
    """Read the settings, do it, and print one line."""
    keep_secrets(MEMORY)
    settings = UndoSettings.model_validate_json(sys.stdin.readline())
    try:
        answer = _answer(settings)
    except ChaosRunnerError as error:
        answer = Ended(error=error.message)
    print(answer.model_dump_json(), flush=True)


def _answer(settings: UndoSettings) -> Ended:
    cluster = Cluster(settings.access)
    if not settings.only_look:
        return Ended(
            ending=ClusterEnding(by="revert", differences=take_back(cluster, settings.undo))
        )
    left = differing(cluster, settings.undo)
    ours = (f"{each} is still as the fault made it" for each in (*left.configs, *left.replicas))
    return Ended(ending=ClusterEnding(by="revert", differences=(*ours, *left.differences)))


if __name__ == "__main__":
    main()
    # The client's own shutdown may wait for brokers that will never answer.
    os._exit(0)
