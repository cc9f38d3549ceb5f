"""Hosts whose `sh` is a bash before 5.1, which keeps here-documents in files below TMPDIR."""

from __future__ import annotations

import pytest

from tests.integration.sandbox.guard.sandbox import Sandbox
from tests.integration.sandbox.guard.test_host_in_trouble import (
    asked,
    cut_off,
    ends_clean,
    is_cut,
)

PLACES = {"/run", "/dev/shm", "/tmp", "/var/tmp"}  # noqa: S108 what is looked at
# The namespace's /bin/sh becomes a bash that writes such files, and /run one of its own.
_SETUP = """
set -e
cat >/usr/local/sbin/older-bash <<'BASH'
#!/bin/bash
BASH_COMPAT=5.0 exec -a sh /bin/bash --posix "$@"
BASH
chmod 755 /usr/local/sbin/older-bash
mount --bind /usr/local/sbin/older-bash "$(readlink -f /bin/sh)"
for place in /dev/shm /tmp /var/tmp; do mount -t tmpfs -o size=64k none $place; done
mount --bind /run/chaos-runner /mnt
mount -t tmpfs -o size=64k none /run
mkdir /run/chaos-runner
mount --move /mnt /run/chaos-runner
"""


@pytest.fixture
def host(sandbox: Sandbox) -> Sandbox:
    """Return a sandbox whose shell is an older bash."""
    sandbox.run(["bash", "-c", _SETUP])
    return sandbox


def fill(host: Sandbox, *places: str) -> None:
    for place in places:
        host.run(["bash", "-c", f"cat /dev/zero >{place}/filler 2>/dev/null || :"])


@pytest.mark.parametrize("free", sorted(PLACES - {"/tmp"}))  # noqa: S108
def test_where_tmp_is_full_a_fault_is_taken_back(host: Sandbox, free: str) -> None:
    first = host.fingerprint()
    cut_off(host, lease=300)
    fill(host, *PLACES - {free})
    answer = asked(host.guard("revert", "--all"))
    assert not is_cut(host), answer
    assert answer["state"] == "clean", answer
    assert host.fingerprint() == first


def test_where_everything_is_full_nothing_is_called_clean(host: Sandbox) -> None:
    first = host.fingerprint()
    cut_off(host, lease=300)
    fill(host, *PLACES)
    host.guard("revert", "--all")
    assert asked(host.guard("audit"))["clean"] is False
    host.run(["rm", "/var/tmp/filler"])  # noqa: S108
    ends_clean(host, first)
