"""Write PEM as OpenSSL reads it, from what Kafka's own client takes for PEM (KIP-651).

Java removes every blank between the base64 letters (`PemParser` in `DefaultSslEngineFactory`),
so that a certificate may stand in one line of a properties file. OpenSSL wants lines.
"""

from __future__ import annotations

import re

_BLOCK = re.compile(
    r"-+BEGIN\s+(?P<label>[A-Z0-9][A-Z0-9\s]*?)-+\s+"
    r"(?P<base64>[A-Za-z0-9/+=\s]*?)"
    r"-+END\s+(?P<end>[A-Z0-9][A-Z0-9\s]*?)-+(?:\s|$)"
)
_LINE = 64
"""Letters a line, as RFC 7468 asks for."""


def with_lines(text: str) -> str:
    """Return a text with each PEM block in it in lines; what is in none of that form stays."""
    return _BLOCK.sub(_block, text)


def _block(found: re.Match[str]) -> str:
    label, end = (" ".join(found[name].split()) for name in ("label", "end"))
    letters = "".join(found["base64"].split())
    lines = [letters[start : start + _LINE] for start in range(0, len(letters), _LINE)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {end}-----", ""])
