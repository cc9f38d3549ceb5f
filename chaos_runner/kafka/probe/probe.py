"""The probe process, started by session.Probe: `python -m …`, or `chaos-runner-probe` elsewhere.

It lives as long as its standard input is open, and takes its topic away however it ends.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from itertools import chain

from confluent_kafka.admin import AdminClient

from chaos_runner.errors import ChaosRunnerError, UsageError
from chaos_runner.kafka.client_config.client_settings import ClientSettings, client_settings
from chaos_runner.kafka.cluster.connection import (
    Brokers,
    admin_client,
    find_brokers,
    secrets_hidden,
)
from chaos_runner.kafka.cluster.connectivity import host_and_port, resolved
from chaos_runner.kafka.cluster.described_settings import (
    TELLING,
    broker_settings,
    topic_settings,
)
from chaos_runner.kafka.cluster.exposure import reach_among, why_no_control
from chaos_runner.kafka.cluster.health_watch import HealthPoll
from chaos_runner.kafka.cluster.rights import require_idempotence, require_records_may_flow
from chaos_runner.kafka.cluster.visibility import why_topics_hidden
from chaos_runner.kafka.common.messages import Failed, ProbeSettings, Ready
from chaos_runner.kafka.common.notices import Notices
from chaos_runner.kafka.probe.assembly import group_watch, make_engine, second_reader
from chaos_runner.kafka.probe.channel import Channel, ControllerGoneError
from chaos_runner.kafka.probe.drain import Drain
from chaos_runner.kafka.probe.ledger_summary import final_summary, tell_anomalies
from chaos_runner.kafka.probe.probe_topic import topic_for
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.own_process import keep_secrets
from chaos_runner.versions import versions

RIGHTS_LIMIT = 5.0
SIGHT_LIMIT = 5.0
MEMORY = 8 * 1024**3
"""Bytes, a MiB for each thread included: a probe has about nine clients with one a broker each."""


def main() -> int:
    """Run one probe over standard input and output; return the exit status."""
    keep_secrets(MEMORY)
    # The run decides when the probe ends. A terminal's Ctrl-C and hang-up are for the run.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    channel = Channel(sys.stdin, sys.stdout)
    signal.signal(signal.SIGTERM, lambda *_: channel.hang_up())
    try:
        settings = channel.open()
        run_probe(settings, channel)
    except ChaosRunnerError as error:
        usage = isinstance(error, UsageError)
        channel.send(Failed(text=error.message, hint=error.hint, usage=usage))
        return error.exit_code
    except ControllerGoneError:
        return 0
    finally:
        channel.close()
    return 0


def run_probe(settings: ProbeSettings, channel: Channel) -> None:
    """Meet the cluster, send and read until told to finish, and say how it ended."""
    began = time.monotonic()
    for name, value in settings.variables.items():
        os.environ[name] = value
    client = client_settings(
        settings.bootstrap_servers,
        settings.client,
        settings.rate,
        profile=settings.profile,
        in_file=settings.in_file,
    )
    with secrets_hidden(client):
        _run_with(client, settings, channel, began)


def _run_with(
    client: ClientSettings, settings: ProbeSettings, channel: Channel, began: float
) -> None:
    notices = Notices(channel.send, client)
    for line in client.left_out:
        notices.tell("info", line)
    admin = admin_client(client, notices)
    brokers = find_brokers(admin, client, notices, settings.start_limit, channel.check)
    addresses = _addresses(settings, brokers)
    reach = reach_among(settings.faults, brokers, addresses)
    if settings.faults and not reach.brokers:
        notices.tell(
            "info",
            "the faults reach no broker that the cluster advertises: all partitions are alike, and "
            "there is no control group",
        )
    left = max(1.0, settings.start_limit - (time.monotonic() - began))
    require_idempotence(client, min(left, RIGHTS_LIMIT), channel.check)
    with topic_for(admin, client, settings, brokers, reach, left, notices) as (topic, found):
        placement = found.placement
        exposed = [
            reach.exposure(replicas, leader)
            for replicas, leader in zip(placement, found.leaders, strict=True)
        ]
        missing = why_no_control(exposed, placement)
        if missing:
            notices.tell("warning", missing)
        require_records_may_flow(admin, topic, RIGHTS_LIMIT)
        described = _described(admin, topic, brokers)  # before the schedule, which waits for nobody
        watch = group_watch(admin, client, notices, settings.groups)
        health = HealthPoll(admin, topic, len(exposed), watch, _why_partial(admin, notices))
        engine = make_engine(
            settings, client, topic, exposed, health, channel, notices, found.starts
        )
        engine.start()
        ready = _ready(settings, client, topic, brokers, placement, exposed, engine.began)
        untouched_by = [
            fault.fault
            for fault in settings.faults
            if fault.meant_for_brokers
            and not reach_among([fault], brokers, addresses).touches(placement)
        ]
        channel.send(ready.model_copy(update={**described, "untouched_by": untouched_by}))
        gc.freeze()
        finish = engine.run()
        drain = Drain(
            engine, second_reader(client, topic, notices), finish.limit, engine.waiting.tell
        )
        drain.run()
        tell_anomalies(engine.ledger, notices, idempotent=client.idempotent)
        finished = final_summary(finish.request, drain, exposed)
        engine.stop()
        notices.hush_clients()
        engine.waiting.tell("the probe's topic to be taken away")
    channel.send(finished)


def _addresses(settings: ProbeSettings, brokers: Brokers) -> dict[str, set[str]]:
    """Return what the names of the brokers, and of the machines that faults reach, resolve to."""
    names = {
        name
        for fault in settings.faults
        for machine in chain(fault.hit, *fault.between)
        for name in machine
    }
    return resolved([*names, *(host_and_port(address)[0] for address in brokers.values())])


def _why_partial(admin: AdminClient, notices: Notices) -> str:
    hidden = why_topics_hidden(admin, SIGHT_LIMIT)
    if hidden:
        notices.tell("info", f"{hidden}; under-replicated and offline ones cannot be judged")
    return hidden


def _described(admin: AdminClient, topic: str, brokers: Brokers) -> dict[str, dict[str, str]]:
    """Return the settings that explain what a fault does, as far as they may be read."""
    of_topics = topic_settings(admin, [topic], TELLING, RIGHTS_LIMIT)
    of_broker = broker_settings(admin, next(iter(brokers)), RIGHTS_LIMIT)
    return {"topic_settings": of_topics.get(topic, {}), "broker_settings": of_broker}


def _ready(
    settings: ProbeSettings,
    client: ClientSettings,
    topic: str,
    brokers: Brokers,
    placement: list[list[int]],
    exposed: list[Exposure],
    began: float,
) -> Ready:
    return Ready(
        topic=topic,
        brokers={str(broker): address for broker, address in brokers.items()},
        placement={str(number): replicas for number, replicas in enumerate(placement)},
        exposure={str(number): exposure for number, exposure in enumerate(exposed)},
        rate=settings.rate,
        size=settings.size,
        client=client.redacted,
        profile=client.profile,
        began=began,
    )


def start() -> None:
    """Run the program `chaos-runner-probe`; with `--version` it says which it is."""
    if sys.argv[1:] == ["--version"]:
        print(versions()["chaos-runner"])
        return
    status = main()
    sys.stderr.flush()
    # The clients' own shutdown may wait for brokers that will never answer.
    os._exit(status)


if __name__ == "__main__":
    start()
