"""Look at a cluster as the probe would, without leaving anything behind.

`python -m chaos_runner.kafka.survey.doctor`, started by `process`, is told and answers as the
survey.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from chaos_runner.errors import ProbeError, UsageError
from chaos_runner.kafka.client_config.client_settings import client_settings
from chaos_runner.kafka.client_config.java.properties import ClientProperty
from chaos_runner.kafka.cluster.connection import admin_client, find_brokers
from chaos_runner.kafka.cluster.connectivity import split_servers
from chaos_runner.kafka.cluster.foreign_servers import strangers, words_on
from chaos_runner.kafka.cluster.placement import MOST_REPLICAS, place
from chaos_runner.kafka.cluster.rights import require_idempotence
from chaos_runner.kafka.cluster.topic import create_topic, require_deletion, topic_of
from chaos_runner.kafka.cluster.visibility import why_topics_hidden
from chaos_runner.kafka.common.notices import Notices
from chaos_runner.kafka.survey.answer import CHECKS, SURVEY_MEMORY, ClusterCheck, SurveySettings
from chaos_runner.own_process import keep_secrets

ANSWER_LIMIT = 10.0
RIGHTS_LIMIT = 5.0


def check_cluster(
    bootstrap_servers: str, client: Mapping[str, str], in_file: Sequence[ClientProperty] = ()
) -> list[ClusterCheck]:
    """Return what the probe would meet: brokers, their reachability, whether a topic can be made.

    `client` are the client properties of an experiment, `in_file` those of its properties file.
    The topic is only validated by the cluster, never made. Takes about ten seconds, and more
    where brokers do not answer.
    """
    where = "kafka"
    checks: list[ClusterCheck] = []
    try:
        settings = client_settings(bootstrap_servers, client, in_file=in_file)
        notices = Notices(lambda _: None, settings)
        admin = admin_client(settings, notices)
        brokers = find_brokers(admin, settings, notices, ANSWER_LIMIT)
        checks += [
            ClusterCheck(where, "ok", f"broker {broker} answers at {address}")
            for broker, address in brokers.items()
        ]
        strange = words_on(strangers(split_servers(bootstrap_servers), brokers))
        if strange:
            checks.append(ClusterCheck(where, "warning", strange))
        hidden = why_topics_hidden(admin, RIGHTS_LIMIT)
        if hidden:
            hint = "docs/reference/kafka-clients.md lists the rights that the probe needs"
            checks.append(ClusterCheck(where, "warning", hidden, hint))
        require_idempotence(settings, RIGHTS_LIMIT)
        require_deletion(admin, next(iter(brokers)), RIGHTS_LIMIT)
        placement = place(brokers)
        create_topic(admin, topic_of("doctor"), placement, ANSWER_LIMIT, only_validate=True)
    except (ProbeError, UsageError) as error:
        return [*checks, ClusterCheck(where, "problem", error.message, error.hint)]
    checks.append(ClusterCheck(where, "ok", "the probe's topic can be made"))
    if len(brokers) <= MOST_REPLICAS:
        checks.append(
            ClusterCheck(
                where,
                "warning",
                f"{len(brokers)} brokers leave no partition without a replica on a target",
                f"a control group needs more than {MOST_REPLICAS} brokers",
            )
        )
    return checks


def main() -> None:
    """Read settings, look, and print what was found as one line of JSON."""
    keep_secrets(SURVEY_MEMORY)
    settings = SurveySettings.model_validate_json(sys.stdin.readline())
    checks = check_cluster(settings.bootstrap_servers, settings.client, settings.in_file)
    print(CHECKS.dump_json(checks).decode(), flush=True)


if __name__ == "__main__":
    main()
    # The client's own shutdown may wait for brokers that will never answer.
    os._exit(0)
