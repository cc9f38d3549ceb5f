"""The Debian root file system that every host of every lab shares."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from chaos_runner.lab.commands import contained, run, succeeds
from chaos_runner.lab.images.cache import cached, fingerprint

KIND = "rootfs"
SUITE = "bookworm"
"""The last Debian with a JRE 17; the recipe does not follow the control node's release."""

PACKAGES = (
    *("systemd", "systemd-sysv", "dbus", "udev", "kmod", "procps", "ca-certificates"),
    *("openssh-server", "sudo", "python3", "python3-apt"),
    *("iproute2", "iptables", "nftables", "ipset", "iputils-ping", "conntrack"),
    *("stress-ng", "chrony", "openjdk-17-jre-headless"),
    *("linux-image-cloud-amd64", "initramfs-tools", "lz4"),
)
_LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*")
_FILES = Path(__file__).parents[1] / "files"
_HOOKS = {
    "essential": _FILES / "before-install.sh",
    "customize": _FILES / "after-install.sh",
}


def root_file_system(tell: Callable[[str], None]) -> Path:
    """Return the cached root file system, made by mmdebstrap when its recipe is new."""
    scripts = [hook.read_text() for hook in _HOOKS.values()]
    key = fingerprint(SUITE, *PACKAGES, *_LEFT_OUT, *scripts)

    def make(directory: Path) -> None:
        tell("making the Debian root file system (about a minute)")
        with tempfile.NamedTemporaryFile("w", suffix=".sources", prefix="lab-") as sources:
            sources.write(machine_sources())
            sources.flush()
            command = mmdebstrap_command(directory, Path(sources.name), apt_proxies())
            run(contained(command), "making the Debian root file system")

    return cached(KIND, key, make)


def mmdebstrap_command(directory: Path, sources: Path, apt_options: list[str]) -> list[str]:
    """Return the command that makes the root file system; an empty sources file is left out."""
    mirrors = [str(sources)] if sources.stat().st_size else []
    return [
        *("mmdebstrap", "--mode=root", "--variant=minbase"),
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT),
        *(f'--{when}-hook=sh {hook} "$1"' for when, hook in _HOOKS.items()),
        *(f"--aptopt={option}" for option in apt_options),
        f"--include={','.join(PACKAGES)}",
        *(SUITE, str(directory), *mirrors),
    ]


def machine_sources(etc_apt: Path = Path("/etc/apt")) -> str:
    """Return this machine's own apt sources of the suite, or nothing where it has none.

    Only stanzas whose suites all belong to Debian's release count: other sources have
    their own idea of what is in a suite.
    """
    directory = etc_apt / "sources.list.d"
    stanzas = [
        stanza
        for file in sorted(directory.glob("*.sources"))
        for stanza in re.split(r"\n\s*\n", file.read_text())
        if _stanza_is_of_suite(stanza)
    ]
    if stanzas:
        return "\n\n".join(stanza.strip() for stanza in stanzas) + "\n"
    files = [etc_apt / "sources.list", *sorted(directory.glob("*.list"))]
    lines = [line for file in files if file.is_file() for line in file.read_text().splitlines()]
    return "".join(f"{line}\n" for line in lines if _line_is_of_suite(line))


def apt_proxies() -> list[str]:
    """Return the machine's apt proxy settings: mmdebstrap does not read its configuration."""
    if not succeeds(["apt-config", "--version"]):
        return []
    settings = run(["apt-config", "dump"], "reading apt's settings").splitlines()
    return [line for line in settings if re.match(r'Acquire::https?::Proxy(::\S+)? ".', line)]


def _is_of_suite(name: str) -> bool:
    return name.split("/")[0] in {SUITE, f"{SUITE}-updates", f"{SUITE}-security"}


def _stanza_is_of_suite(stanza: str) -> bool:
    fields = dict(re.findall(r"^(\w[\w-]*):\s*(.*)$", stanza, re.MULTILINE))
    suites = fields.get("Suites", "").split()
    enabled = fields.get("Enabled", "yes") != "no" and "deb" in fields.get("Types", "").split()
    return enabled and bool(suites) and all(map(_is_of_suite, suites))


def _line_is_of_suite(line: str) -> bool:
    words = re.sub(r"\[[^]]*\]", "", line).split()
    return len(words) > 3 and words[0] == "deb" and _is_of_suite(words[2])
