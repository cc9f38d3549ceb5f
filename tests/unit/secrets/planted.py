"""Plant secrets wherever a user may write them, and look for them wherever people read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

SECRETS = {
    "inline": "Inline-9c1f",
    "file": "File-71be",
    "variable": "Variable-d00d",
    "other_file": "OtherFile-4a2e",
    "jaas": "Jaas-88aa",
    "key": "Key-5f5f",
    "address": "Address-c3c3",
    "beside": "Beside-e1e1",
    "inline_beside": "InlineBeside-b7b7",
    "jaas_beside": "JaasBeside-0d0d",
}
"""Where each secret is planted, and the secret. None is part of any other text."""

VARIABLE = "PROBE_SECRET"


@dataclass(frozen=True)
class Planted:
    """An experiment whose client properties are full of secrets."""

    experiment: Path
    environment: dict[str, str]


def plant(directory: Path, servers: str, protocol: str = "SASL_PLAINTEXT") -> Planted:
    """Write an experiment, its properties file and what both refer to."""
    others = directory / "others.properties"
    others.write_text(f"kafka.secret={SECRETS['other_file']}\n")
    properties = directory / "client.properties"
    properties.write_text(
        f"security.protocol={protocol}\n"
        "sasl.mechanism=PLAIN\n"
        "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required "
        f'username="ops" password="{SECRETS["jaas"]}'
        f'{SECRETS["jaas_beside"]}${{env:{VARIABLE}}}";\n'
        f"ssl.key.password={SECRETS['file']}\n"
        f"ssl.keystore.password=${{env:{VARIABLE}}}\n"
        f"sasl.oauthbearer.scope={SECRETS['beside']}-${{env:{VARIABLE}}}\n"
        f"client.rack=${{file:{others}:kafka.secret}}\n"
        f"sasl.oauthbearer.token.endpoint.url=https://me:{SECRETS['address']}@example.com/token\n"
    )
    for file in (others, properties):
        file.chmod(0o600)
    experiment = directory / "experiment.yml"
    inline = {
        "sasl.oauthbearer.client.secret": SECRETS["inline"],
        "sasl.oauthbearer.assertion.private.key.pem": SECRETS["key"],
        "group.id": f"{SECRETS['inline_beside']}-${{env:{VARIABLE}}}",
    }
    experiment.write_text(
        "title: Secrets stay secret\n"
        "kafka:\n"
        f"  bootstrap_servers: {servers}\n"
        "  properties_file: client.properties\n"
        f"  properties: {json.dumps(inline)}\n"
        "faults:\n"
        "  - network_partition:\n"
    )
    return Planted(experiment, {VARIABLE: SECRETS["variable"]})


def shown_in(text: str) -> list[str]:
    """Return where the secrets were planted that a text shows."""
    return [place for place, secret in SECRETS.items() if secret in text]


def shown_under(directory: Path) -> dict[str, list[str]]:
    """Return the files below a directory that show a secret, each with the places."""
    found = {
        str(file): shown_in(file.read_text(errors="replace"))
        for file in sorted(directory.rglob("*"))
        if file.is_file()
    }
    return {file: places for file, places in found.items() if places}
