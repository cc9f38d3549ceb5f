"""Tell what an experiment reaches for beyond itself: a stranger's may do so only when trusted.

Its checks and safeguards may start programs of this machine and ask servers, and its `kafka`
section may name variables, files and addresses, and the servers that secrets are sent to. What is
judged is what was read, as `client_settings` gets it; lines of the experiment are looked up only
to name them.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from chaos_runner.errors import RefusedError, UsageError
from chaos_runner.experiment.models import Experiment
from chaos_runner.kafka.client_config.java.properties import ClientProperty
from chaos_runner.kafka.client_config.java.secret_references import holds_reference, references_in
from chaos_runner.kafka.client_config.property_access import reaches_of
from chaos_runner.kafka.client_config.property_scope import addressed
from chaos_runner.kafka.client_config.secrets import is_secret
from chaos_runner.kafka.client_config.user_settings import inline_properties, trimmed
from chaos_runner.units import printable
from chaos_runner.yaml_input.document import read_document

_NAME = re.compile(r"[a-z]{1,20}([._-][A-Za-z0-9]{1,20}){1,7}|acks|debug|retries", re.ASCII)
"""What is shown as the name of a property, and could be no password or token."""
_HOW_SECRETS_TRAVEL = ("security.", "sasl.", "ssl.", "https.", "enable.ssl.")


def require_trust(
    experiment: Experiment, file: Path, *, trusted: bool, own: frozenset[str] = frozenset()
) -> None:
    """Raise RefusedError, naming all that an experiment reaches for, unless it is trusted.

    `own` names the keys of `kafka` that the user wrote on the command line instead. What no
    trust allows is not looked for here: `known_servers` refuses it. Raises UsageError when the
    properties file cannot be read.
    """
    _refuse_unless(trusted, file, list(reached_for(experiment, file, own)))


def require_trust_in_all(
    file: Path,
    experiments: Iterable[tuple[Experiment, Path]],
    *,
    trusted: bool,
) -> None:
    """Do the same for a file that names experiments: one refusal, with what all of them reach for.

    Whoever says --trust then has seen all of it.
    """
    found = [
        words for experiment, its_file in experiments for words in reached_for(experiment, its_file)
    ]
    _refuse_unless(trusted, file, found)


def _refuse_unless(trusted: bool, file: Path, reached: Sequence[str]) -> None:
    if trusted or not reached:
        return
    raise RefusedError(
        f"{file} reaches for what is yours; nothing was done:\n  " + "\n  ".join(reached),
        "read these lines, and say --trust (or set CHAOS_RUNNER_TRUST=1) if they are as you want",
    )


def reached_for(
    experiment: Experiment, file: Path, own: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Yield in words each program, variable, file and address that an experiment reaches for."""
    lines = read_document(file)
    for number, safeguard in enumerate(experiment.safeguards, start=1):
        if (check := safeguard.chosen_check) is not None:
            line = lines.line_of(("safeguards", number - 1, check.kind))
            for reach in check.reaches():
                yield f"{file}:{line}: safeguard {number} {reach}"
    for number, entry in enumerate(experiment.steady_state.checks or (), start=1):
        line = lines.line_of(("steady_state", "checks", number - 1, entry.check.kind))
        for reach in entry.check.reaches():
            yield f"{file}:{line}: check {number} {reach}"
    for number, fault in enumerate(experiment.faults, start=1):
        line = lines.line_of(("faults", number - 1, fault.options.kind))
        for reach in fault.options.reaches():
            yield f"{file}:{line}: fault {number} {reach}"
    if experiment.probe.topic is not None:
        line = lines.line_of(("probe", "topic"))
        yield f"{file}:{line}: probe.topic writes into the existing topic {experiment.probe.topic}"
    if experiment.probe.zones:
        line, zones = lines.line_of(("probe", "zones")), ", ".join(experiment.probe.zones)
        yield f"{file}:{line}: probe.zones starts probes on {zones}, with Kafka's secrets"
    if (load := experiment.load) is not None:
        line, where = lines.line_of(("load",)), f" on {load.host}" if load.host else ""
        runs = shlex.join(load.command)
        yield f"{file}:{line}: load runs `{runs}` as you{where}, and writes into {load.topic}"
    kafka = experiment.kafka
    for name, why in _reaching(inline_properties(kafka.properties)):
        line = lines.line_of(("kafka", "properties", name))
        yield f"{file}:{line}: kafka.properties {why}"
    properties = kafka.file_beside(file)
    if properties is None:
        return
    if "properties_file" in own or _lies_beside(properties, file):
        written = kafka.in_file(file)
    else:
        line = lines.line_of(("kafka", "properties_file"))
        yield f"{file}:{line}: kafka.properties_file reads {properties}, which lies elsewhere"
        try:
            written = kafka.in_file(file)
        except UsageError:
            return  # whoever needs it says what is wrong with it
    if "properties_file" not in own:
        places = {each.name: each.where for each in written}
        for name, why in _reaching(written):
            yield f"{places[name]}: {why}"
    yield from _secrets_astray(experiment, file, written, own)


def _lies_beside(properties: Path, file: Path) -> bool:
    return properties.resolve().is_relative_to(file.resolve().parent)


def _reaching(written: Sequence[ClientProperty]) -> Iterator[tuple[str, str]]:
    """Yield the name of each property that reaches for something, and in words for what."""
    for each in written:
        if holds_reference(each.value):
            found = printable(references_in(each.value))
            yield each.name, f"reads {found} for {_shown(each.name)}"
        for name, why in reaches_of(trimmed(each)):
            as_what = f" ({name})" if name != each.name else ""
            yield each.name, f"{_shown(each.name)}{as_what} {why}"


def _secrets_astray(
    experiment: Experiment, file: Path, written: Sequence[ClientProperty], own: frozenset[str]
) -> Iterator[str]:
    """Yield what of the experiment itself decides where, or how, the file's secrets are sent."""
    secrets = [each for each in written if is_secret(each.name) and each.value.strip()]
    if not secrets:
        return
    lines, kafka, where = read_document(file), experiment.kafka, secrets[0].where
    if kafka.bootstrap_servers and "bootstrap_servers" not in own:
        line = lines.line_of(("kafka", "bootstrap_servers"))
        yield f"{file}:{line}: sends the secrets of {where} to {kafka.bootstrap_servers}"
    for name in kafka.properties:
        if addressed(name)[1].startswith(_HOW_SECRETS_TRAVEL):
            line = lines.line_of(("kafka", "properties", name))
            yield f"{file}:{line}: {name} changes how the secrets of {where} are sent"


def _shown(name: str) -> str:
    """Return a name for people; a file that is no properties file may have a secret there."""
    return name if _NAME.fullmatch(name) else "a property without a proper name"
