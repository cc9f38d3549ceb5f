"""The Debian root file systems: every host of a release shares one, in every lab."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from chaos_runner.lab.commands import contained, run
from chaos_runner.lab.images.apt_sources import apt_proxies, machine_sources
from chaos_runner.lab.images.cache import cached, fingerprint
from chaos_runner.lab.spec import Suite

_JAVA: dict[Suite, int] = {"bullseye": 17, "bookworm": 17, "trixie": 21}
"""The JRE that each has, of those Kafka 4 runs on (17 and later)."""

_PACKAGES = (
    *("systemd", "systemd-sysv", "dbus", "udev", "kmod", "procps", "ca-certificates"),
    *("openssh-server", "sudo", "python3", "python3-apt"),
    *("iproute2", "iptables", "nftables", "ipset", "iputils-ping", "conntrack"),
    *("stress-ng", "chrony"),
    *("linux-image-cloud-amd64", "initramfs-tools", "lz4"),
)
_LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*")
_FILES = Path(__file__).parents[1] / "files"
_HOOKS = {
    "essential": _FILES / "before-install.sh",
    "customize": _FILES / "after-install.sh",
}


def cache_kind(suite: Suite) -> str:
    """Return what the cache calls the root file systems of a release."""
    return f"rootfs-{suite}"


def root_file_system(suite: Suite, tell: Callable[[str], None]) -> Path:
    """Return the cached root file system, made by mmdebstrap when its recipe is new."""
    scripts = [hook.read_text() for hook in _HOOKS.values()]
    key = fingerprint(suite, *packages(suite), *_LEFT_OUT, *scripts)
    return cached(cache_kind(suite), key, lambda directory: make(suite, directory, tell))


def make(suite: Suite, directory: Path, tell: Callable[[str], None]) -> None:
    """Make the root file system of a release in an empty directory, or raise LabError."""
    what = f"making the root file system of Debian {suite}"
    tell(f"{what} (about a minute)")
    with tempfile.NamedTemporaryFile("w", suffix=".sources", prefix="lab-") as sources:
        sources.write(machine_sources(suite))
        sources.flush()
        command = mmdebstrap_command(suite, directory, Path(sources.name), apt_proxies())
        run(contained(command), what)


def packages(suite: Suite) -> list[str]:
    """Return what is installed on every host of a release, beside what it depends on."""
    return [*_PACKAGES, f"openjdk-{_JAVA[suite]}-jre-headless"]


def mmdebstrap_command(
    suite: Suite, directory: Path, sources: Path, apt_options: list[str]
) -> list[str]:
    """Return the command that makes the root file system; an empty sources file is left out."""
    mirrors = [str(sources)] if sources.stat().st_size else []
    return [
        *("mmdebstrap", "--mode=root", "--variant=minbase"),
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT),
        *(f'--{when}-hook=sh {hook} "$1"' for when, hook in _HOOKS.items()),
        *(f"--aptopt={option}" for option in apt_options),
        f"--include={','.join(packages(suite))}",
        *(suite, str(directory), *mirrors),
    ]
