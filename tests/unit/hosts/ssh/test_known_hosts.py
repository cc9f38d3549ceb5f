"""known_hosts files against OpenSSH's own reading of them."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import paramiko
import pytest

from chaos_runner.hosts.ssh.known_hosts import known_keys

KEY = paramiko.ECDSAKey.generate()
OTHER = paramiko.ECDSAKey.generate()


def written(key: paramiko.PKey = KEY) -> str:
    return f"{key.get_name()} {key.get_base64()}"


def openssh_finds(name: str, file: Path) -> bool:
    """Ask OpenSSH whether it has a plain key for a name."""
    command = ["ssh-keygen", "-F", name, "-f", str(file)]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    marked = ("@", "#")
    return any(line and not line.startswith(marked) for line in found.splitlines())


@pytest.mark.parametrize("name", ["kafka-1.example.org", "10.0.0.5", "[kafka-1.example.org]:2222"])
@pytest.mark.parametrize(
    "patterns",
    [
        "kafka-1.example.org",
        "KAFKA-1.example.ORG,10.0.0.5",
        "*.example.org",
        "*.example.org,!kafka-1.*",
        "!kafka-2.example.org,kafka-?.example.org",
        "10.0.0.*",
        "[kafka-1.example.org]:2222",
        "[*.example.org]:2222",
        "[k]afka-1.example.org",
        "other",
        "|1|torn",
        "|1|====|====",
    ],
)
def test_patterns_match_as_in_openssh(patterns: str, name: str, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"{patterns} {written()}\n", encoding="utf-8")
    assert bool(known_keys([name], [file]).keys) == openssh_finds(name, file)


def test_hashed_names_match(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"kafka-1 {written()}\n[kafka-2]:2222 {written(OTHER)}\n", encoding="utf-8")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(file)], check=True, capture_output=True)
    assert file.read_text(encoding="utf-8").startswith("|1|")
    assert known_keys(["kafka-1"], [file]).keys == {KEY.asbytes()}
    assert known_keys(["[kafka-2]:2222"], [file]).keys == {OTHER.asbytes()}
    assert known_keys(["kafka-3"], [file]).keys == frozenset()


def test_odd_lines_end_nothing(tmp_path: Path) -> None:
    whole = KEY.asbytes()
    torn = base64.b64encode(whole[:-9]).decode()
    file = tmp_path / "known_hosts"
    file.write_bytes(
        b"\xff\xfe\x00 binary\n\nalone\n# a comment\nh ssh-rsa !!notbase64\n"
        b"h ecdsa-sha2-nistp256\nh unknown-kind AAAA\n@strange h " + written().encode() + b"\n"
        b"h " + KEY.get_name().encode() + b" " + torn.encode() + b"\n"
        b"\th " + written(OTHER).encode() + b" somebody's comment\r\n"
    )
    known = known_keys(["h"], [tmp_path / "missing", tmp_path, Path("/proc/1/mem"), file])
    assert known.keys == {OTHER.asbytes()}
    assert known.kinds == {KEY.get_name()}


def test_markers_count(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(
        f"@cert-authority *.example.org {written(OTHER)}\n"
        f"@revoked * {written()}\nh.example.org {written()}\n",
        encoding="utf-8",
    )
    known = known_keys(["h.example.org"], [file])
    assert known.revoked == {KEY.asbytes()}
    assert known.kinds == frozenset()
    assert known.authorities == (f"{file}:1",)


def test_a_name_without_port_counts_where_none_with_it_is_known(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    names = ["[h]:2222", "h"]
    file.write_text(f"h {written()}\n", encoding="utf-8")
    assert known_keys(names, [file]).keys == {KEY.asbytes()}
    file.write_text(f"h {written()}\n[h]:2222 {written(OTHER)}\n", encoding="utf-8")
    assert known_keys(names, [file]).keys == {OTHER.asbytes()}
