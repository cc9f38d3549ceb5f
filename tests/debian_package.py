"""Programs of Debian packages that tests use and nobody installs: fetched once, unpacked, kept."""

from __future__ import annotations

import fcntl
import subprocess
import tempfile
from pathlib import Path

CACHE = Path("/var/cache/chaos-tests")


def unpacked(*packages: str) -> Path:
    """Return the directory into which these packages are unpacked; nothing of them is started.

    What they depend on is not fetched: name what is needed of it, too.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    root = CACHE / "-".join(packages)
    with (CACHE / f"{root.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.is_dir():
            _unpack(packages, root)
    return root


def _unpack(packages: tuple[str, ...], root: Path) -> None:
    with tempfile.TemporaryDirectory(dir=CACHE) as work:
        place = Path(work)
        fetched = subprocess.run(
            ["apt-get", "download", "-q", *packages],
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
        )
        assert fetched.returncode == 0, fetched.stderr
        for package in place.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, place / "root"], check=True)
        (place / "root").rename(root)
