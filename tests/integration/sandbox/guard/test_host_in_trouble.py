"""Whatever is wrong with a host, the fault on it ends; clean is said only where it is proved."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.integration.sandbox.guard.sandbox import Answer, Sandbox
from tests.integration.sandbox.guard.scripts import PARTITION
from tests.waiting import wait_until

DISK, MEMORY = "/var/lib/chaos-runner", "/run/chaos-runner"
STALL = (
    "printf '#!/bin/sh\\nfor each in $(seq 5000); do [ ! -e /usr/local/sbin/answers ] || exit 0; "
    "sleep 0.2; done\\n' >/usr/local/sbin/{0} && chmod 755 /usr/local/sbin/{0}"
)

TROUBLES: Mapping[str, tuple[str, str]] = {
    "disk read-only": (f"mount -o remount,ro {DISK}", f"mount -o remount,rw {DISK}"),
    "disk full": (f"cat /dev/zero >{DISK}/filler 2>/dev/null || :", f"rm {DISK}/filler"),
    "no inodes": (
        f"mount -o remount,nr_inodes=60 {DISK}; for i in $(seq 80); do touch {DISK}/i$i || :; "
        "done 2>/dev/null",
        f"rm -f {DISK}/i*; mount -o remount,nr_inodes=0 {DISK}",
    ),
    "sync hangs": (
        f"{STALL.format('sync')} && {STALL.format('dd')}",
        "rm /usr/local/sbin/sync /usr/local/sbin/dd",
    ),
    "a write hangs": (
        f"mv {DISK}/f_1/journal {DISK}/kept && mkfifo {DISK}/f_1/journal",
        f"mv {DISK}/kept {DISK}/f_1/journal",
    ),
    "run full": (f"cat /dev/zero >{MEMORY}/filler 2>/dev/null || :", f"rm {MEMORY}/filler"),
    "run read-only": (f"mount -o remount,ro {MEMORY}", f"mount -o remount,rw {MEMORY}"),
    "run lost": (f"rm -rf {MEMORY}/*", ":"),
    "record on disk truncated": (f": >{DISK}/f_1/journal", ":"),
    "records truncated": (f": >{DISK}/f_1/journal; : >{MEMORY}/f_1/journal", ":"),
    "records lost": (f"rm {DISK}/f_1/journal {MEMORY}/f_1/journal", ":"),
    "records torn": (
        f"for file in {DISK}/f_1/journal {MEMORY}/f_1/journal; do "
        "printf '\\nphase CLEAN_' >>$file; done",
        ":",
    ),
    "guard truncated": (
        "cp /usr/local/sbin/chaos-guard /usr/local/sbin/kept; : >/usr/local/sbin/chaos-guard",
        "cp /usr/local/sbin/kept /usr/local/sbin/chaos-guard; rm /usr/local/sbin/kept",
    ),
    "guard without the right to run": (
        "chmod 000 /usr/local/sbin/chaos-guard",
        "chmod 755 /usr/local/sbin/chaos-guard",
    ),
}
BROKEN_GUARD = [name for name in TROUBLES if name.startswith("guard")]


def cut_off(sandbox: Sandbox, lease: int) -> None:
    limits = ("--lease", str(lease), "--cap", "600")
    words = ("inject", "f_1", "--run", "run-a", "--kind", "network_partition", *limits)
    assert asked(sandbox.guard(*words, script=PARTITION))["ok"] is True
    assert is_cut(sandbox)


def is_cut(sandbox: Sandbox) -> bool:
    return "chaos_f_1" in sandbox.run(["nft", "list", "tables"])


def asked(answer: Answer) -> dict[str, object]:
    assert answer.data is not None
    return answer.data


def last_phase(sandbox: Sandbox) -> str:
    script = f"sed -n 's/^phase //p' {DISK}/f_1/journal | tail -n 1"
    return sandbox.run(["timeout", "5", "sh", "-c", script]).strip()


def ends_clean(sandbox: Sandbox, first: list[str]) -> None:
    """See that all is well once the host is: taken back again, it is clean."""
    answer = asked(sandbox.guard("revert", "--all"))
    assert answer["state"] == "clean", answer
    assert sandbox.fingerprint() == first
    assert asked(sandbox.guard("audit"))["clean"] is True


@pytest.mark.parametrize("trouble", [name for name in TROUBLES if name not in BROKEN_GUARD])
@pytest.mark.parametrize("words", [("revert", "--run", "run-a"), ("revert", "--all")], ids="-".join)
def test_revert_undoes_and_says_clean_only_of_what_is_written(
    sandbox: Sandbox, trouble: str, words: tuple[str, ...]
) -> None:
    first = sandbox.fingerprint()
    cut_off(sandbox, lease=300)
    broken, mended = TROUBLES[trouble]
    sandbox.run(["sh", "-c", broken])
    answer = asked(sandbox.guard(*words))
    assert not is_cut(sandbox), answer
    assert answer["ok"] is True
    if answer["state"] == "clean":
        assert last_phase(sandbox) == "CLEAN"
    else:
        assert trouble in ("disk read-only", "disk full", "sync hangs", "a write hangs"), answer
    sandbox.run(["sh", "-c", mended])
    ends_clean(sandbox, first)


@pytest.mark.parametrize("trouble", sorted(TROUBLES))
def test_the_lease_ends_the_fault(sandbox: Sandbox, trouble: str) -> None:
    first = sandbox.fingerprint()
    cut_off(sandbox, lease=8)
    broken, mended = TROUBLES[trouble]
    sandbox.run(["sh", "-c", broken])
    # The kernel ends the cut at the same time; that the table goes is what the watchdog does.
    wait_until(lambda: not is_cut(sandbox))
    sandbox.run(["sh", "-c", mended])
    ends_clean(sandbox, first)


@pytest.mark.parametrize("trouble", ["disk read-only", "sync hangs", "a write hangs", "run full"])
def test_the_timer_ends_the_fault(sandbox: Sandbox, trouble: str) -> None:
    first = sandbox.fingerprint()
    cut_off(sandbox, lease=300)
    broken, mended = TROUBLES[trouble]
    sandbox.run(["sh", "-c", broken])
    sandbox.run(["/usr/local/sbin/chaos-guard", "expire", "f_1"])
    assert not is_cut(sandbox)
    sandbox.run(["sh", "-c", mended])
    ends_clean(sandbox, first)


def test_a_host_that_cannot_keep_a_record_takes_no_fault(sandbox: Sandbox) -> None:
    words = ("inject", "f_1", "--run", "run-a", "--kind", "network_partition")
    limits = ("--lease", "30", "--cap", "60")
    for trouble in ("disk read-only", "disk full", "sync hangs", "run full", "run read-only"):
        broken, mended = TROUBLES[trouble]
        sandbox.run(["sh", "-c", broken])
        answer = asked(sandbox.guard(*words, *limits, script=PARTITION))
        assert answer["ok"] is False, trouble
        assert not is_cut(sandbox), trouble
        sandbox.run(["sh", "-c", mended])
    # What was given up goes on in the disk's own time, and leaves no record of a fault there.
    sandbox.run(["touch", "/usr/local/sbin/answers"])
    wait_until(lambda: sandbox.run(["find", DISK, "-name", ".incoming.*"]) == "")
    assert sandbox.run(["find", DISK, "-name", "f_1"]) == ""
    assert asked(sandbox.guard("audit"))["clean"] is True


def test_halting_takes_back_first_and_says_what_it_could_not_keep(sandbox: Sandbox) -> None:
    cut_off(sandbox, lease=300)
    broken, mended = TROUBLES["disk read-only"]
    sandbox.run(["sh", "-c", broken])
    answer = asked(sandbox.guard("revert", "--all", "--halt", "production is down"))
    assert not is_cut(sandbox)
    assert answer["ok"] is False
    assert "halted" in str(answer["halt_error"])
    assert answer["state"] == "dirty"
    sandbox.run(["sh", "-c", mended])
    assert asked(sandbox.guard("revert", "--all", "--halt", "production is down"))["ok"] is True
    assert asked(sandbox.guard("resume"))["ok"] is True


def test_an_empty_halt_switch_halts(sandbox: Sandbox) -> None:
    sandbox.run(["sh", "-c", f": >{DISK}/halted"])
    words = ("inject", "f_1", "--run", "run-a", "--kind", "network_partition")
    answer = asked(sandbox.guard(*words, "--lease", "30", "--cap", "60", script=PARTITION))
    assert answer["refused"] is True
    assert "halted" in str(answer["error"])


FAILING = (
    "printf '#!/bin/sh\\necho {0} is broken >&2\\nexit 1\\n' >/usr/local/sbin/{0} && "
    "chmod 755 /usr/local/sbin/{0}"
)


@pytest.mark.parametrize("tool", ["nft", "tc", "awk"])
def test_looking_with_a_broken_tool_proves_nothing(sandbox: Sandbox, tool: str) -> None:
    sandbox.run(["sh", "-c", FAILING.format(tool)])
    answer = sandbox.guard("audit")
    if answer.data is not None:
        assert answer.data["clean"] is False
    for verb in (("revert", "--all"), ("fingerprint",), ("preflight",)):
        data = sandbox.guard(*verb).data
        assert data is None or data.get("state") != "clean"
        assert data is None or verb[0] == "revert" or data.get("problems") or not data["ok"]


@pytest.mark.parametrize("trouble", ["run full", "run read-only"])
def test_looking_needs_no_room(sandbox: Sandbox, trouble: str) -> None:
    sandbox.run(["sh", "-c", TROUBLES[trouble][0]])
    assert asked(sandbox.guard("audit"))["clean"] is True
    sandbox.run(["nft", "add", "table", "inet", "chaos_left"])
    answer = asked(sandbox.guard("audit"))
    assert answer["clean"] is False
    assert answer["residue"] == ["nft table chaos_left"]


def test_who_is_not_root_proves_nothing(sandbox: Sandbox) -> None:
    cut_off(sandbox, lease=300)
    assert asked(sandbox.guard("audit", user=65534))["clean"] is False
    assert asked(sandbox.guard("preflight", user=65534))["problems"]
    for words in (("revert", "--all"), ("fingerprint",), ("status",), ("accept", "--all")):
        answer = asked(sandbox.guard(*words, user=65534))
        assert answer["ok"] is False, answer
        assert answer["refused"] is True
    assert is_cut(sandbox)


def test_a_host_tells_where_nothing_can_be_put(sandbox: Sandbox) -> None:
    assert asked(sandbox.guard("preflight"))["unwritable"] == []
    sandbox.run(["mount", "-o", "remount,ro", "/usr/local/sbin"])
    assert asked(sandbox.guard("preflight"))["unwritable"] == ["/usr/local/sbin"]
