"""References to secrets, and files that others could read."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from chaos_runner.errors import UsageError
from chaos_runner.kafka.client_config.java.properties import ClientProperty
from chaos_runner.kafka.client_config.java.secret_references import (
    holds_reference,
    is_reference,
    resolved,
)
from chaos_runner.kafka.client_config.properties_file import read_properties_file


def resolve(value: str) -> ClientProperty:
    return resolved(ClientProperty("sasl.password", value, "client.properties:3"))


def secrets_file(directory: Path, text: str, mode: int = 0o600) -> Path:
    file = directory / "secrets.properties"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def test_the_environment_and_files_are_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROBE_PASSWORD", "hunter2")
    file = secrets_file(tmp_path, "kafka.password = from \\\n  file\n")
    assert resolve("${env:PROBE_PASSWORD}").value == "hunter2"
    assert resolve(f"${{file:{file}:kafka.password}}").value == "from file"
    mixed = resolve("a${env:PROBE_PASSWORD}b${env:PROBE_PASSWORD}")
    assert (mixed.value, mixed.hidden) == ("ahunter2bhunter2", True)
    assert mixed.parts == ("a", "hunter2", "b", "hunter2")
    assert resolve("no reference") == ClientProperty(
        "sasl.password", "no reference", "client.properties:3"
    )


def test_what_a_reference_leads_to_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROBE_PASSWORD", "${env:HOME}")
    assert resolve("${env:PROBE_PASSWORD}").value == "${env:HOME}"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("${env:PROBE_ABSENT}", "no variable `PROBE_ABSENT`"),
        ("${vault:secret/kafka:password}", "is not known"),
        ("${file:relative:key}", "is not known"),
        ("${file:/nowhere/at-all:key}", "cannot be read: No such file"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told_with_its_place(value: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        resolve(value)
    assert caught.value.message.startswith("client.properties:3: sasl.password: ")


def test_a_file_without_the_key_is_told(tmp_path: Path) -> None:
    file = secrets_file(tmp_path, "other=hunter2\n")
    with pytest.raises(UsageError, match="has no property `key`") as caught:
        resolve(f"${{file:{file}:key}}")
    assert "hunter2" not in str(caught.value)


def test_a_secret_that_everyone_can_read_is_refused_with_the_command(tmp_path: Path) -> None:
    file = secrets_file(tmp_path, "key=hunter2\n", 0o644)
    with pytest.raises(UsageError, match="everyone on this machine") as caught:
        resolve(f"${{file:{file}:key}}")
    assert caught.value.hint == f"chmod 600 {file}"


@pytest.mark.parametrize(
    "text",
    ["client.id=x\nsasl.password=hunter2\n", "a=b\nssl.keystore.key=k\n", "\nsasl.jaas.config=j\n"],
)
def test_a_properties_file_with_secrets_must_not_be_for_everyone(tmp_path: Path, text: str) -> None:
    file = secrets_file(tmp_path, text, 0o644)
    with pytest.raises(UsageError, match=rf"{file}:2: .* is a secret") as caught:
        read_properties_file(file)
    assert caught.value.hint == f"chmod 600 {file}"
    assert "hunter2" not in str(caught.value)
    file.chmod(0o640)
    assert read_properties_file(file)


def test_a_properties_file_that_only_refers_to_secrets_may_be_for_everyone(tmp_path: Path) -> None:
    text = "sasl.password=${env:PROBE_PASSWORD}\nkey.serializer=x\nssl.key.location=/k\n"
    assert len(read_properties_file(secrets_file(tmp_path, text, 0o644))) == 3


def test_a_missing_or_unreadable_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_properties_file(tmp_path / "absent.properties")
    file = tmp_path / "latin.properties"
    file.write_bytes(b"\xef\xbb\xbfa=1\n")
    with pytest.raises(UsageError, match=rf"{file}:1: begins with a byte-order mark"):
        read_properties_file(file)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(UsageError, match="named pipe"):
        read_properties_file(fifo)


def test_a_properties_file_is_read_as_java_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "latin.properties"
    file.write_bytes(b"a=\xe9\nb=\xc3\xa9\nc=\\ud83d\\ude00\n")
    assert [each.value for each in read_properties_file(file)] == ["é", "Ã©", "😀"]
    file.write_bytes(b"a=\\ud83d\n")
    with pytest.raises(UsageError, match="half a letter"):
        read_properties_file(file)


def test_only_a_whole_value_is_a_reference() -> None:
    assert is_reference("${env:A}")
    assert not is_reference("x${env:A}")
    assert not is_reference("$env:A")


@pytest.mark.parametrize("piece", ["${", "${a:", "${a}", "}{$"])
def test_a_million_beginnings_of_references_are_looked_through_once(piece: str) -> None:
    value = piece * (2**20 // len(piece))
    began = time.process_time()
    assert not holds_reference(value)
    assert not is_reference(value)
    assert time.process_time() - began < 30  # a pattern took many minutes
