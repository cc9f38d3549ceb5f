"""`chaos-runner probe`: measure a cluster without any fault, for a health check or in CI."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chaos_runner.cli.options.experiment import asked_experiment, duration_option, require_groups
from chaos_runner.cli.options.shared import InventoryOption, RunsOption, TrustOption
from chaos_runner.cli.text.output import Output, OutputOption, print_json

ForOption = Annotated[
    str, typer.Option("--for", metavar="TIME", help="How long to measure, 5s to 24h.")
]


def _tolerance(help_text: str, metavar: str = "TIME") -> object:
    return typer.Option(metavar=metavar, help=help_text, rich_help_panel="Tolerances")


def probe(
    experiment: Annotated[
        Path | None,
        typer.Argument(help="An experiment, for its Kafka, probe and tolerances; no fault is run."),
    ] = None,
    bootstrap_servers: Annotated[
        str | None, typer.Option(help="`host:port`, separated by commas.")
    ] = None,
    properties_file: Annotated[
        Path | None, typer.Option(help="A Java properties file with client properties.")
    ] = None,
    profile: Annotated[str | None, typer.Option(help="`tuned` or `defaults`.")] = None,
    length: ForOption = "30s",
    rate: Annotated[str | None, typer.Option(help="Records a second, such as `200/s`.")] = None,
    size: Annotated[str | None, typer.Option(help="Size of a record, such as `1KiB`.")] = None,
    warm_up: Annotated[
        str | None, typer.Option(metavar="TIME", help="How long it may take to be stable first.")
    ] = None,
    loss: Annotated[str | None, _tolerance("At most, such as `0%`.", "SHARE")] = None,
    duplicates: Annotated[str | None, _tolerance("At most.", "SHARE")] = None,
    availability: Annotated[str | None, _tolerance("At least, such as `99.9%`.", "SHARE")] = None,
    ack_p50: Annotated[str | None, _tolerance("At most, such as `20ms`.")] = None,
    ack_p99: Annotated[str | None, _tolerance("At most.")] = None,
    ack_max: Annotated[str | None, _tolerance("At most.")] = None,
    end_to_end_p50: Annotated[str | None, _tolerance("At most.")] = None,
    end_to_end_p99: Annotated[str | None, _tolerance("At most.")] = None,
    end_to_end_max: Annotated[str | None, _tolerance("At most.")] = None,
    under_replicated_partitions: Annotated[
        int | None, _tolerance("At most so many.", "COUNT")
    ] = None,
    under_min_isr_partitions: Annotated[int | None, _tolerance("At most so many.", "COUNT")] = None,
    offline_partitions: Annotated[int | None, _tolerance("At most so many.", "COUNT")] = None,
    brokers: Annotated[int | None, _tolerance("At least so many alive.", "COUNT")] = None,
    controller: Annotated[str | None, _tolerance("`active`: it must answer.", "WORD")] = None,
    group_lag: Annotated[
        int | None, _tolerance("At most so many records behind, each --group.", "COUNT")
    ] = None,
    group_status: Annotated[
        str | None, _tolerance("No --group worse than `OK`, `WARN`, `STALL` or `STOP`.", "WORD")
    ] = None,
    group: Annotated[
        list[str] | None, typer.Option(help="A consumer group to follow; may be given again.")
    ] = None,
    inventory: InventoryOption = None,
    runs: RunsOption = None,
    trust: TrustOption = False,
    output: OutputOption = Output.text,
) -> None:
    """Probe a cluster and judge it, touching no host.

    What stands on the command line wins over the experiment. Without either's bootstrap servers
    the brokers of the inventory are probed. Ends as `run` does: 0 held, 1 deviated,
    3 inconclusive.
    """
    from chaos_runner.cli.live.running import measure_and_report
    from chaos_runner.cli.text.measurement import measurement_as_json, print_measurement
    from chaos_runner.experiment.load import load_experiment
    from chaos_runner.planning.plan import NO_FILE
    from chaos_runner.planning.trust_gate import require_trust
    from chaos_runner.workspace import find_runs

    loaded = load_experiment(experiment) if experiment else None
    tolerances = {
        "loss": loss,
        "duplicates": duplicates,
        "availability": availability,
        "ack_p50": ack_p50,
        "ack_p99": ack_p99,
        "ack_max": ack_max,
        "end_to_end_p50": end_to_end_p50,
        "end_to_end_p99": end_to_end_p99,
        "end_to_end_max": end_to_end_max,
        "under_replicated_partitions": under_replicated_partitions,
        "under_min_isr_partitions": under_min_isr_partitions,
        "offline_partitions": offline_partitions,
        "brokers": brokers,
        "controller": controller,
        "group_lag": group_lag,
        "group_status": group_status,
    }
    kafka = {
        "bootstrap_servers": bootstrap_servers,
        "properties_file": str(properties_file.absolute()) if properties_file else None,
        "profile": profile,
        "groups": group or None,
    }
    asked = asked_experiment(
        loaded,
        kafka=kafka,
        probe={"rate": rate, "size": size},
        steady_state=tolerances,
        phases={"warm_up": warm_up},
    )
    require_groups(asked)
    if experiment is not None:  # what stands on the command line is the user's own
        own = frozenset(name for name, value in kafka.items() if value is not None)
        require_trust(asked, experiment, trusted=trust, own=own)
    done, report = measure_and_report(
        asked.without_faults(f"Probe: {asked.title}", duration_option("for", length)),
        experiment or NO_FILE,
        "probe",
        inventory,
        find_runs(runs),
    )
    if output is Output.json:
        print_json(measurement_as_json(done, report))
    else:
        print_measurement(done, report, as_normal=False)
    raise typer.Exit(done.outcome.exit_code)
