"""Where Debian's packages come from: as this machine gets its own."""

from __future__ import annotations

import re
from pathlib import Path

from chaos_runner.lab.commands import run, succeeds
from chaos_runner.lab.spec import SUITES, Suite

_WITHOUT_SECURITY = "bullseye"
"""Its support has ended, and its security archive names files that are gone (seen in 2026)."""


def machine_sources(suite: Suite, etc_apt: Path = Path("/etc/apt")) -> str:
    """Return this machine's own apt sources as they are for a release, or nothing without any.

    Only stanzas whose suites all belong to one release of Debian count: other sources have their
    own idea of what is in a suite. A mirror that has one release is taken to have the others.
    """
    directory = etc_apt / "sources.list.d"
    stanzas = [
        stanza.strip()
        for file in sorted(directory.glob("*.sources"))
        for stanza in re.split(r"\n\s*\n", file.read_text())
    ]
    if found := _for_suite({text: _release_of_stanza(text) for text in stanzas}, suite):
        return "\n\n".join(found) + "\n"
    files = [etc_apt / "sources.list", *sorted(directory.glob("*.list"))]
    lines = [line for file in files if file.is_file() for line in file.read_text().splitlines()]
    found = _for_suite({line: _release_of_line(line) for line in lines}, suite)
    if suite == _WITHOUT_SECURITY and not found:  # mmdebstrap's own mirrors have security
        found = [f"deb http://deb.debian.org/debian {suite} main"]
    return "".join(f"{line}\n" for line in found)


def apt_proxies() -> list[str]:
    """Return the machine's apt proxy settings: mmdebstrap does not read its configuration."""
    if not succeeds(["apt-config", "--version"]):
        return []
    settings = run(["apt-config", "dump"], "reading apt's settings").splitlines()
    return [line for line in settings if re.match(r'Acquire::https?::Proxy(::\S+)? ".', line)]


def _for_suite(releases: dict[str, Suite | None], suite: Suite) -> list[str]:
    """Return the sources of one release, the wanted one's where there are any."""
    known = [release for release in releases.values() if release]
    if not known:
        return []
    release = suite if suite in known else known[0]
    name = re.compile(rf"(?<![\w./-]){release}(?=[\s/-]|$)")
    sources = [name.sub(suite, text) for text, of in releases.items() if of == release]
    if suite == _WITHOUT_SECURITY:
        return [text for text in sources if f"{suite}-security" not in text]
    return sources


def _release_of(names: list[str]) -> Suite | None:
    """Return the release that all of these suites belong to, such as `trixie-updates`."""
    for suite in SUITES:
        belong = {suite, f"{suite}-updates", f"{suite}-security"}
        if names and all(name.split("/")[0] in belong for name in names):
            return suite
    return None


def _release_of_stanza(stanza: str) -> Suite | None:
    fields = dict(re.findall(r"^(\w[\w-]*):\s*(.*)$", stanza, re.MULTILINE))
    enabled = fields.get("Enabled", "yes") != "no" and "deb" in fields.get("Types", "").split()
    return _release_of(fields.get("Suites", "").split()) if enabled else None


def _release_of_line(line: str) -> Suite | None:
    words = re.sub(r"\[[^]]*\]", "", line).split()
    return _release_of(words[2:3]) if len(words) > 3 and words[0] == "deb" else None
