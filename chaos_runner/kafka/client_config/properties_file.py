"""Read a properties file from disk as Kafka's tools do, unless everyone can read its secrets.

They call `java.util.Properties.load(InputStream)` (`Utils.loadProps`): ISO-8859-1.
"""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path

from chaos_runner.errors import UsageError
from chaos_runner.files import LARGEST_TEXT, open_regular, read_rest
from chaos_runner.kafka.client_config.java.properties import ClientProperty, parse_properties
from chaos_runner.kafka.client_config.java.secret_references import holds_reference
from chaos_runner.kafka.client_config.secrets import is_secret
from chaos_runner.shown import as_argument


def read_properties_file(file: Path) -> list[ClientProperty]:
    """Return what a file says, references unresolved.

    Raises UsageError: it cannot be read, has a mistake, or holds secrets and is readable by
    everyone on this machine.
    """
    try:
        with open_regular(file) as stream:
            mode = os.fstat(stream.fileno()).st_mode
            content = read_rest(stream, LARGEST_TEXT)
    except OSError as error:
        raise UsageError(
            f"{file}: the Kafka client properties cannot be read: {error.strerror}",
            "`kafka.properties_file` is relative to the experiment's directory",
        ) from error
    if content.startswith(codecs.BOM_UTF8):
        raise UsageError(
            f"{file}:1: begins with a byte-order mark, which Java reads as part of the first name",
            "save it without one",
        )
    properties = parse_properties(content.decode("iso-8859-1"), str(file))
    if mode & stat.S_IROTH:
        _refuse_secrets_for_everyone(file, properties)
    return properties


def _refuse_secrets_for_everyone(file: Path, properties: list[ClientProperty]) -> None:
    secrets = [
        written
        for written in properties
        if is_secret(written.name) and written.value and not holds_reference(written.value)
    ]
    if secrets:
        raise UsageError(
            f"{secrets[0].where}: `{secrets[0].name}` is a secret, and everyone on this machine "
            "can read the file",
            f"chmod 600 {as_argument(str(file))}",
        )
