"""Queues for which the kernel would put back others are refused; tc shows them as Linux does."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from chaos_runner.faults.registry import fault_kinds
from chaos_runner.fleet.commands import render_fault_script

FQ_CODEL = "limit 10240p flows 1024 quantum 1514 target 5ms interval 100ms memory_limit 32Mb ecn"
BANDS = "bands 3 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1"
DEFAULT = "/proc/sys/net/core/default_qdisc"

CASES = {
    "the kernel's own": ("fq_codel", 1, f"qdisc fq_codel 0: root refcnt 2 {FQ_CODEL}", ""),
    "by its device": ("fq", 1, f"qdisc pfifo_fast 0: dev lo root refcnt 2 {BANDS}", "pfifo_fast"),
    "a default of today": ("fq", 1, f"qdisc fq_codel 0: root refcnt 2 {FQ_CODEL}", "fq_codel"),
    "none": ("fq", 1, "qdisc noqueue 0: root refcnt 2", ""),
    "beside what comes in": ("fq", 1, "qdisc fq 0: root\nqdisc ingress ffff: parent ffff:fff1", ""),
    "several": (
        "fq_codel",
        11,
        f"qdisc mq 0: root\nqdisc fq_codel 0: parent :b {FQ_CODEL}\n"
        f"qdisc fq_codel 0: parent :1 {FQ_CODEL}",
        "",
    ),
    "several, of which one is not in use": (
        "fq_codel",
        1,
        f"qdisc mq 0: root\nqdisc pfifo_fast 0: parent :2 {BANDS}\n"
        f"qdisc fq_codel 0: parent :1 {FQ_CODEL}",
        "",
    ),
    "several, of which one came into use later": (
        "fq_codel",
        2,
        f"qdisc mq 0: root\nqdisc pfifo_fast 0: parent :2 {BANDS}\n"
        f"qdisc fq_codel 0: parent :1 {FQ_CODEL}",
        "pfifo_fast",
    ),
    "several, of which one is in use no more": (
        "fq_codel",
        1,
        f"qdisc mq 0: root\nqdisc fq_codel 0: parent :2 {FQ_CODEL}",
        "fq_codel, for which the kernel would put back pfifo_fast",
    ),
}


@pytest.mark.parametrize(("default", "in_use", "shown", "older"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_queues_from_before_a_change_are_refused(
    shell: str, default: str, in_use: int, shown: str, older: str, tmp_path: Path
) -> None:
    kind = fault_kinds()["network_latency"].model_validate({"delay": "10ms"})
    script = render_fault_script(kind.kind, kind.role_variables(lambda peers: peers))
    for number in range(in_use):
        (tmp_path / f"lo/queues/tx-{number}").mkdir(parents=True)
    (tmp_path / "default").write_text(f"{default}\n")
    (tmp_path / "links").write_text("lo\n")
    script = script.replace(DEFAULT, str(tmp_path / "default"))
    script = script.replace("/sys/class/net/$link/queues", f"{tmp_path}/$link/queues")
    tools = f"state={tmp_path}\ntc() {{ echo '{shown}'; }}\nrefuse() {{ echo \"$1; $2\"; }}\n"
    done = subprocess.run(
        [shell, "-s"],
        input=f"{script}\n{tools}refuse_older_queues",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    if not older:
        assert done.stdout == ""
        return
    back = "" if ", " in older else f", for which the kernel would put back {default}"
    assert f"lo has a queue of {older}{back};" in done.stdout
    assert f"tc qdisc replace dev lo root {default} && tc qdisc del dev lo root" in done.stdout
