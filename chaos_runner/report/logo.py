"""A logo for the top of a report: an image inside of the page, which loads nothing."""

from __future__ import annotations

import re
from base64 import b64encode

from chaos_runner.errors import UsageError

LARGEST_LOGO = 64 * 1024
"""Bytes: a report with a logo stays well below 500 kB."""
_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = re.compile(
    rb"\s*+(?:<\?xml[^>]*+>\s*+)?+(?:<!--(?:(?!-->).)*+-->\s*+)*+<svg[\s>]", re.DOTALL
)
"""Nothing in it is tried a second time: a hundred comments would take for ever."""


def logo_url(name: str, content: bytes) -> str:
    """Return an image as a data URL; what is in it, not its name, says which kind it is.

    An SVG is only ever shown as an image: a browser then runs no script of it and loads nothing
    that it names. Raises UsageError for what is neither PNG nor SVG, or too large.
    """
    if len(content) > LARGEST_LOGO:
        limit = f"{LARGEST_LOGO // 1024} KiB"
        raise UsageError(
            f"--logo {name}: is larger than {limit}", "make it smaller: it is in the page"
        )
    if content.startswith(_PNG):
        kind = "png"
    elif _SVG.match(content):
        kind = "svg+xml"
    else:
        raise UsageError(f"--logo {name}: is neither a PNG nor an SVG image", "convert it")
    return f"data:image/{kind};base64,{b64encode(content).decode('ascii')}"
