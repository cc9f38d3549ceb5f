"""All that a fault makes is registered before it is made, and taken away by the register."""

from __future__ import annotations

import pytest

from chaos_runner.fleet.commands import render_fault_script
from tests.integration.sandbox.guard.sandbox import Answer, Sandbox
from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.waiting import wait_until

MADE = "/usr/local/sbin/made-by-chaos"
TTL = "/proc/sys/net/ipv4/ip_default_ttl"
MEMORY, DISK = "/run/chaos-runner/f_1/made", "/var/lib/chaos-runner/f_1/made"

MANY_THINGS = f"""
validate() {{ :; }}
apply() {{
  made file {MADE} && echo full >{MADE} &&
    set_value {TTL} 77 &&
    start_unit load -- sh -c 'while :; do sleep 1; done' &&
    made nft_table "$table" || return
  nft -f - <<NFT
$(table_with_sets far 192.0.2.7 2001:db8::7)
  table inet $table {{
    chain sent {{
      type filter hook output priority 300; policy accept;
$(exempted daddr)
$(matches far daddr "9092 9094-9096" drop)
    }}
  }}
NFT
}}
renew() {{ renew_sets far 192.0.2.7 2001:db8::7; }}
in_place() {{ set_is_filled far && [ "$(left_of_register | wc -l)" -eq 3 ]; }}
effect() {{ left_of_register; }}
"""


def inject(sandbox: Sandbox, script: str, lease: int = 300) -> Answer:
    words = ("inject", "f_1", "--run", "run-a", "--kind", "many_things")
    return sandbox.guard(*words, "--lease", str(lease), "--cap", "600", script=script)


def value(sandbox: Sandbox, path: str = TTL) -> str:
    return sandbox.run(["cat", path]).strip()


def is_there(sandbox: Sandbox, path: str = MADE) -> bool:
    return path in sandbox.run(["sh", "-c", f"ls {path} 2>/dev/null || :"])


def test_many_things_are_made_held_and_taken_away(sandbox: Sandbox) -> None:
    first, ttl = sandbox.fingerprint(), value(sandbox)
    answer = asked(inject(sandbox, MANY_THINGS))
    assert answer["ok"] is True, answer
    assert answer["readings"] == [
        "unit chaos-f_1-load.service",
        f"setting {TTL} 77|{ttl}",
        f"file {MADE}",
    ]
    rules = sandbox.run(["nft", "list", "table", "inet", "chaos_f_1"])
    assert "ip daddr @far4 tcp dport { 9092, 9094-9096 } counter packets 0 bytes 0 drop" in rules
    assert rules.index("tcp dport 22 accept") < rules.index("@far4 tcp")
    assert sandbox.run(["cat", MEMORY]) == sandbox.run(["cat", DISK])
    renewed = str(asked(sandbox.guard("renew", "run-a", "200"))["faults"])
    assert "'effect': True" in renewed
    audit = asked(sandbox.guard("audit"))
    assert "unit chaos-f_1-load.service" in str(audit["residue"])
    assert asked(sandbox.guard("revert", "--all"))["state"] == "clean"
    assert (value(sandbox), is_there(sandbox)) == (ttl, False)
    assert sandbox.fingerprint() == first
    assert asked(sandbox.guard("audit"))["clean"] is True


@pytest.mark.parametrize("trouble", ["rm -rf /run/chaos-runner/*", f": >{DISK}", f"rm {MEMORY}"])
def test_one_register_of_two_is_enough(sandbox: Sandbox, trouble: str) -> None:
    ttl = value(sandbox)
    assert asked(inject(sandbox, MANY_THINGS))["ok"] is True
    sandbox.run(["sh", "-c", trouble])
    assert asked(sandbox.guard("revert", "--all"))["state"] == "clean"
    assert (value(sandbox), is_there(sandbox)) == (ttl, False)


@pytest.mark.parametrize("backend", ["nft", "iptables"])
def test_without_any_register_what_has_our_names_goes(sandbox: Sandbox, backend: str) -> None:
    cut = render_fault_script("network_partition", {"network_partition_backend": backend})
    assert asked(inject(sandbox, cut))["ok"] is True
    sandbox.run(["rm", MEMORY, DISK])
    answer = asked(sandbox.guard("revert", "--run", "run-a"))
    assert "chaos" not in sandbox.run(["nft", "list", "ruleset"]).lower()
    assert sandbox.run(["ipset", "list", "-n"]) == ""
    assert answer["state"] == "dirty", "what else was made, only the register knew"
    if backend == "iptables":
        assert "+ nft table ip filter" in str(answer["faults"])


def test_the_lease_takes_it_all_away(sandbox: Sandbox) -> None:
    assert asked(inject(sandbox, MANY_THINGS, lease=3))["ok"] is True
    wait_until(lambda: "CLEAN" in str(asked(sandbox.guard("status"))["faults"]))
    assert not is_there(sandbox)


def test_an_apply_that_dies_in_the_middle_leaves_nothing(sandbox: Sandbox) -> None:
    ttl = value(sandbox)
    script = MANY_THINGS.replace('made nft_table "$table"', "{ kill -KILL $$; exit; }")
    assert inject(sandbox, script).data is None
    assert value(sandbox) == "77"
    assert asked(sandbox.guard("revert", "--all"))["state"] == "clean"
    assert (value(sandbox), is_there(sandbox)) == (ttl, False)


def test_what_is_not_registered_on_disk_is_not_made(sandbox: Sandbox) -> None:
    script = MANY_THINGS.replace(
        "  made file", "  mount -o remount,ro /var/lib/chaos-runner; made file"
    )
    assert asked(inject(sandbox, script))["ok"] is False
    assert not is_there(sandbox)
    sandbox.run(["mount", "-o", "remount,rw", "/var/lib/chaos-runner"])
    assert asked(sandbox.guard("revert", "--all"))["state"] == "clean"


def test_what_was_there_before_is_not_made_and_stays(sandbox: Sandbox) -> None:
    sandbox.run(["touch", MADE])
    answer = asked(inject(sandbox, MANY_THINGS))
    assert answer["ok"] is False
    assert f"{MADE} is there already" in str(answer["error"])
    assert is_there(sandbox)


def test_half_a_line_takes_nothing_away(sandbox: Sandbox) -> None:
    assert asked(inject(sandbox, MANY_THINGS))["ok"] is True
    sandbox.run(["touch", "/usr/local/sbin/mine"])
    sandbox.run(["sh", "-c", f"printf 'file /usr/local/sbin/mine' | tee -a {MEMORY} >>{DISK}"])
    assert asked(sandbox.guard("revert", "--all"))["state"] == "dirty", "it is not as written"
    assert is_there(sandbox, "/usr/local/sbin/mine")
    assert not is_there(sandbox)
    assert asked(sandbox.guard("accept", "--all"))["state"] == "clean"


def test_half_a_line_in_memory_alone_is_written_anew_from_the_disk(sandbox: Sandbox) -> None:
    assert asked(inject(sandbox, MANY_THINGS))["ok"] is True
    sandbox.run(["touch", "/usr/local/sbin/mine"])
    sandbox.run(["sh", "-c", f"printf 'file /usr/local/sbin/mine' >>{MEMORY}"])
    assert asked(sandbox.guard("revert", "--all"))["state"] == "clean"
    assert is_there(sandbox, "/usr/local/sbin/mine")
    assert not is_there(sandbox)


@pytest.mark.parametrize("how", ["rm", "truncate -s 0"])
def test_a_register_that_was_lost_proves_nothing(sandbox: Sandbox, how: str) -> None:
    ttl = value(sandbox)
    assert asked(inject(sandbox, MANY_THINGS))["ok"] is True
    sandbox.run(["sh", "-c", f"{how} {MEMORY} {DISK}"])
    answer = asked(sandbox.guard("revert", "--all"))
    assert answer["state"] == "dirty", answer
    assert "made" in str(answer["faults"])
    sandbox.run(["sh", "-c", f"rm {MADE}; echo {ttl} >{TTL}"])


def test_a_setting_that_somebody_else_changed_stays(sandbox: Sandbox) -> None:
    ttl = value(sandbox)
    assert asked(inject(sandbox, MANY_THINGS))["ok"] is True
    sandbox.run(["sh", "-c", f"echo 99 >{TTL}"])
    assert asked(sandbox.guard("revert", "--all"))["state"] == "clean"
    assert value(sandbox) == "99"
    sandbox.run(["sh", "-c", f"echo {ttl} >{TTL}"])


def test_what_cannot_be_taken_away_is_dirty(sandbox: Sandbox) -> None:
    assert asked(inject(sandbox, MANY_THINGS))["ok"] is True
    sandbox.run(["sh", "-c", f"rm {MADE}; mkdir {MADE}"])
    answer = asked(sandbox.guard("revert", "--all"))
    assert answer["state"] == "dirty"
    assert f"+ file {MADE}" in str(answer["faults"])
    sandbox.run(["rmdir", MADE])
    assert asked(sandbox.guard("revert", "--all"))["state"] == "clean"


def test_residue_that_only_the_script_knows_is_dirty(sandbox: Sandbox) -> None:
    left = "/usr/local/sbin/left"
    script = MANY_THINGS + f"residue() {{ [ ! -e {left} ] || echo a lock that is held; }}\n"
    assert asked(inject(sandbox, script))["ok"] is True
    sandbox.run(["touch", left])
    answer = asked(sandbox.guard("revert", "--all"))
    assert answer["state"] == "dirty"
    assert "+ a lock that is held" in str(answer["faults"])
    sandbox.run(["rm", left])
    assert asked(sandbox.guard("revert", "--all"))["state"] == "clean"


def test_a_process_of_ours_without_a_record_is_taken_away(sandbox: Sandbox) -> None:
    assert asked(inject(sandbox, MANY_THINGS))["ok"] is True
    sandbox.run(["sh", "-c", "rm -rf /run/chaos-runner/* /var/lib/chaos-runner/*"])
    answer = asked(sandbox.guard("revert", "--all"))
    assert answer["state"] == "clean"
    assert answer["removed"] == ["nft table chaos_f_1", "unit chaos-f_1-load.service"]
    sandbox.run(["sh", "-c", f"rm {MADE}; echo 64 >{TTL}"])


PAUSED = """
validate() { :; }
apply() { pause_processes $(cat /usr/local/sbin/processes); }
in_place() { [ -n "$(left_of_register)" ]; }
effect() { in_place; }
"""


def test_a_paused_process_goes_on(sandbox: Sandbox) -> None:
    start = "setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $! >/usr/local/sbin/processes"
    sandbox.run(["sh", "-c", start])
    process = sandbox.run(["cat", "/usr/local/sbin/processes"]).strip()
    assert asked(inject(sandbox, PAUSED))["effect"] is True
    assert value(sandbox, f"/proc/{process}/stat").split()[2] == "T"
    assert asked(sandbox.guard("revert", "--all"))["state"] == "clean"
    assert value(sandbox, f"/proc/{process}/stat").split()[2] == "S"


def test_half_a_script_keeps_nothing_that_is_registered(sandbox: Sandbox) -> None:
    first, ttl = sandbox.fingerprint(), value(sandbox)
    assert asked(inject(sandbox, MANY_THINGS))["ok"] is True
    half = MANY_THINGS[: MANY_THINGS.index("NFT")]
    for copy in (MEMORY, DISK):
        file = copy.replace("/made", "/fault.sh")
        sandbox.run(["sh", "-c", f"printf %s '{half.replace(chr(39), chr(34))}' >{file}"])
    answer = asked(sandbox.guard("revert", "--all"))
    assert answer["state"] != "clean"
    assert (value(sandbox), is_there(sandbox)) == (ttl, False)
    assert sandbox.fingerprint() == first
