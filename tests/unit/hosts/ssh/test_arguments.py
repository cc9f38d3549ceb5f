"""What of the user's ssh arguments is kept, and which of them reach further than a host."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.hosts.ssh.allowed_arguments import reaching_further
from chaos_runner.hosts.ssh.arguments import (
    KNOWN_BY_FILES,
    ours,
    understands,
    without_sharing,
)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("", ""),
        ("-o A=1 -J x", "-o A=1 -J x"),
        ("-o ControlMaster=auto -oControlPersist=60s -o 'controlpath /tmp/x' -C", "-C"),
        ("-S /tmp/socket -M -4CS/tmp/other -MM", "-4C"),
        ("-o 'ProxyCommand=nc -x %h %p' -F ./a", "-o 'ProxyCommand=nc -x %h %p' -F ./a"),
        ("-p2222 -4p 22", "-p 2222 -4p 22"),
    ],
)
def test_connections_are_not_shared_elsewhere(written: str, kept: str) -> None:
    assert without_sharing(written) == kept


def test_torn_quoting_is_an_error() -> None:
    with pytest.raises(ValueError, match="quotation"):
        without_sharing("-o 'A=1")


def test_ours_check_host_keys_and_share_connections_in_our_own_directory() -> None:
    shared = ours(Path("/run/with space/socket"))
    assert "StrictHostKeyChecking=yes" in shared
    assert "'/run/with space/socket'" in shared
    assert "ControlPath=none" in ours(None)


@pytest.mark.parametrize(
    "harmless",
    [
        "-C -4 -p 22 -l me -i key -J jump@x:22 -F none",
        "-o StrictHostKeyChecking=no -o 'UserKnownHostsFile=/dev/null' -oServerAliveInterval=5",
        "-F ./plain.cfg -F ./none",
    ],
)
def test_ways_to_a_host_reach_no_further(harmless: str, empty_home: Path) -> None:
    (empty_home / "plain.cfg").write_text(
        "# a way in\nHost b*\n  User ops\n\tProxyJump=bastion\n  IdentityFile ~/.ssh/key\n",
        encoding="utf-8",
    )
    assert list(reaching_further(harmless)) == []


@pytest.mark.parametrize(
    "further",
    [
        "-o ProxyCommand=touch\\ x",
        "-oproxycommand='touch x'",
        "-o 'ProxyCommand touch x'",
        "-C4oProxyCommand=x",
        "-o PermitLocalCommand=yes",
        "-o KnownHostsCommand=x",
        "-o PKCS11Provider=./x.so",
        "-I ./x.so",
        "-o Include=./x",
        "-F ./program.cfg",
        "-F ./match.cfg",
        "-F ./include.cfg",
        "-F .",
        "-A",
        "-R 1:x:2",
    ],
)
def test_what_may_start_a_program_is_told(further: str, empty_home: Path) -> None:
    for name, line in {
        "program.cfg": "ProxyCommand x",
        "match.cfg": 'Match exec "touch x"',
        "include.cfg": "include ./program.cfg",
    }.items():
        (empty_home / name).write_text(f"Host *\n  {line}\n", encoding="utf-8")
    assert list(reaching_further(further))


def test_an_ssh_is_asked_for_an_option_before_it_is_given() -> None:
    assert understands("ssh", KNOWN_BY_FILES)
    assert not understands("ssh", "OptionOfTomorrow=none")
    assert not understands("/no/such/ssh", KNOWN_BY_FILES)
    assert f" -o {KNOWN_BY_FILES} " in ours(None, KNOWN_BY_FILES)
