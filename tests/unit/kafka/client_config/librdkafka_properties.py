"""Every property that the installed librdkafka knows, with its description, from itself."""

from __future__ import annotations

import ctypes
from pathlib import Path

import confluent_kafka


def every_property(scratch: Path) -> dict[str, str]:
    """Return name to description, of the table that librdkafka writes as its documentation."""
    (library,) = Path(confluent_kafka.__file__).parent.parent.glob(
        "confluent_kafka.libs/librdkafka-*.so*"
    )
    c = ctypes.CDLL(None)
    c.fopen.restype = ctypes.c_void_p
    c.fclose.argtypes = [ctypes.c_void_p]
    show = ctypes.CDLL(str(library)).rd_kafka_conf_properties_show
    show.argtypes = [ctypes.c_void_p]
    stream = c.fopen(str(scratch).encode(), b"w")
    show(stream)
    c.fclose(stream)
    rows = [line.split(" | ") for line in scratch.read_text().splitlines() if " | " in line]
    return {row[0].strip(): " | ".join(row[5:]) for row in rows if row[0].strip() != "Property"}
