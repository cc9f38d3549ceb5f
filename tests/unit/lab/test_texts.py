from __future__ import annotations

import json
import os
import stat
import struct
import subprocess
from pathlib import Path

import pytest

from chaos_runner.content import content_directory
from chaos_runner.lab.images.apt_sources import machine_sources
from chaos_runner.lab.images.debian import mmdebstrap_command
from chaos_runner.lab.images.kafka_layer import java_arguments
from chaos_runner.lab.kafka.broker import server_properties
from chaos_runner.lab.kafka.metadata import brokers_of, metadata_request
from chaos_runner.lab.lifecycle.inventory import inventory, known_hosts
from chaos_runner.lab.lifecycle.limits import needed_instances
from chaos_runner.lab.machines.host_files import HostFile, hosts_file, write_files
from chaos_runner.lab.spec import SUITES, LabSpec
from tests.unit.lab.samples import record


def properties(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if not line.startswith("#"))


def test_the_inventory_has_the_groups_of_cp_ansible() -> None:
    content = json.loads(json.dumps(inventory(record())))
    assert content["kafka_broker"]["hosts"] == ["kafka-1", "kafka-2", "kafka-3", "kafka-4"]
    assert content["kafka_controller"]["hosts"] == ["kafka-1", "kafka-2", "kafka-3"]
    assert content["all"]["vars"] == {"chaos_network_namespace": "chaos-lab"}


def test_the_inventory_checks_host_keys() -> None:
    content = json.loads(json.dumps(inventory(record())))
    host = content["_meta"]["hostvars"]["kafka-4"]
    assert host["ansible_host"] == "198.18.0.14"
    assert host["chaos_addresses"] == ["198.18.0.14", "2001:2::14"]
    assert "StrictHostKeyChecking=yes" in host["ansible_ssh_common_args"]


def test_a_host_key_is_known_by_name_and_by_both_addresses() -> None:
    keys = {host.name: f"ssh-ed25519 {host.name}" for host in record().spec.hosts}
    first = known_hosts(record(), keys).splitlines()[0]
    assert first == "kafka-1,198.18.0.11,2001:2::11 ssh-ed25519 kafka-1"


def test_hosts_know_each_other_under_both_addresses() -> None:
    lines = hosts_file(record()).splitlines()
    assert "198.18.0.14 kafka-4" in lines
    assert "2001:2::14 kafka-4" in lines
    assert "198.18.0.1 controller" in lines


def test_a_broker_and_controller_listens_as_both() -> None:
    spec = record().spec
    first = properties(server_properties(spec, spec.hosts[0]))
    assert first["process.roles"] == "broker,controller"
    assert first["listeners"] == "PLAINTEXT://198.18.0.11:9092,CONTROLLER://198.18.0.11:9093"
    assert first["controller.quorum.voters"] == (
        "1@198.18.0.11:9093,2@198.18.0.12:9093,3@198.18.0.13:9093"
    )


def test_a_broker_alone_has_no_controller_listener() -> None:
    spec = record().spec
    fourth = properties(server_properties(spec, spec.hosts[3]))
    assert fourth["listeners"] == "PLAINTEXT://198.18.0.14:9092"
    assert (fourth["default.replication.factor"], fourth["min.insync.replicas"]) == ("3", "2")
    assert fourth["unclean.leader.election.enable"] == "false"
    assert fourth["broker.rack"] == "rack-b"


def test_one_broker_keeps_one_replica() -> None:
    host = {"name": "a", "roles": ["broker", "controller"]}
    spec = LabSpec.model_validate({"name": "one", "hosts": [host]})
    alone = properties(server_properties(spec, spec.hosts[0]))
    assert (alone["default.replication.factor"], alone["min.insync.replicas"]) == ("1", "1")
    assert "broker.rack" not in alone


def test_the_class_path_does_not_depend_on_the_order_of_a_directory() -> None:
    assert java_arguments(["b.jar", "a.jar"]) == java_arguments(["a.jar", "b.jar"])
    assert "-cp\n/opt/kafka/libs/a.jar:/opt/kafka/libs/b.jar\n" in java_arguments(
        ["b.jar", "a.jar"]
    ).replace("-cp ", "-cp\n")


def broker(number: int, host: bytes, rack: bytes | None) -> bytes:
    text = struct.pack(">ih", number, len(host)) + host + struct.pack(">i", 9092)
    return text + (struct.pack(">h", -1) if rack is None else struct.pack(">h", len(rack)) + rack)


def test_brokers_are_read_from_a_metadata_answer() -> None:
    answer = struct.pack(">iii", 1, 0, 2) + broker(1, b"198.18.0.11", None) + broker(4, b"h", b"r")
    assert brokers_of(answer + b"rest of the answer") == {1, 4}


def test_half_an_answer_is_no_answer() -> None:
    with pytest.raises(ValueError, match="not a metadata answer"):
        brokers_of(struct.pack(">iii", 1, 0, 2) + broker(1, b"198.18.0.11", None))


def test_a_request_says_how_long_it_is() -> None:
    request = metadata_request()
    assert struct.unpack_from(">i", request)[0] == len(request) - 4


STANZA = "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\n"
OTHER = "Types: deb\nURIs: http://other.example\nSuites: nodistro\n"


def test_only_debians_own_stanzas_are_taken(tmp_path: Path) -> None:
    directory = tmp_path / "sources.list.d"
    directory.mkdir()
    (directory / "debian.sources").write_text(f"{STANZA}\n{OTHER}\n{STANZA}Enabled: no\n")
    assert machine_sources("bookworm", tmp_path) == STANZA


def test_one_line_sources_are_taken_where_there_are_no_stanzas(tmp_path: Path) -> None:
    line = "deb [signed-by=/k.gpg] http://mirror.example/debian bookworm main"
    (tmp_path / "sources.list").write_text(
        f"# deb http://old bookworm main\n{line}\ndeb http://other.example cloud-bookworm main\n"
    )
    assert machine_sources("bookworm", tmp_path) == f"{line}\n"


def test_a_mirror_with_one_release_is_taken_to_have_the_others(tmp_path: Path) -> None:
    directory = tmp_path / "sources.list.d"
    directory.mkdir()
    (directory / "debian.sources").write_text(f"{OTHER}\n{STANZA}")
    assert machine_sources("trixie", tmp_path) == STANZA.replace("bookworm", "trixie")
    (directory / "newer.sources").write_text(STANZA.replace("bookworm", "trixie"))
    assert machine_sources("bullseye", tmp_path) == STANZA.replace("bookworm", "bullseye")
    assert machine_sources("bookworm", tmp_path) == STANZA


def test_debian_11_is_made_without_its_security_archive(tmp_path: Path) -> None:
    security = "Types: deb\nURIs: http://mirror.example/security\nSuites: bookworm-security\n"
    directory = tmp_path / "sources.list.d"
    directory.mkdir()
    (directory / "debian.sources").write_text(f"{STANZA}\n{security}")
    assert "trixie-security" in machine_sources("trixie", tmp_path)
    assert machine_sources("bullseye", tmp_path) == STANZA.replace("bookworm", "bullseye")
    (directory / "debian.sources").unlink()
    assert machine_sources("trixie", tmp_path) == ""
    assert machine_sources("bullseye", tmp_path) == (
        "deb http://deb.debian.org/debian bullseye main\n"
    )


def test_each_release_has_a_java_that_kafka_runs_on(tmp_path: Path) -> None:
    sources = tmp_path / "lab.sources"
    sources.touch()
    javas = {
        suite: next(
            option.rpartition(",")[2]
            for option in mmdebstrap_command(suite, Path("/new"), sources, [])
            if option.startswith("--include=")
        )
        for suite in SUITES
    }
    assert javas == {
        "bullseye": "openjdk-17-jre-headless",
        "bookworm": "openjdk-17-jre-headless",
        "trixie": "openjdk-21-jre-headless",
    }


def test_without_sources_mmdebstrap_uses_its_own_mirror(tmp_path: Path) -> None:
    sources = tmp_path / "lab.sources"
    sources.touch()
    command = mmdebstrap_command(
        "bookworm", Path("/new"), sources, ['Acquire::http::Proxy "http://p:1";']
    )
    assert command[-2:] == ["bookworm", "/new"]
    assert '--aptopt=Acquire::http::Proxy "http://p:1";' in command


def test_files_get_the_mode_and_their_directories_those_of_the_root(tmp_path: Path) -> None:
    root, upper = tmp_path / "root", tmp_path / "upper"
    (root / "etc/ssh").mkdir(parents=True)
    (root / "etc/ssh").chmod(0o711)
    me = f"me:x:{os.getuid()}:{os.getgid()}::/:/bin/sh\n"
    (root / "etc/passwd").write_text(me)
    upper.mkdir()
    write_files([HostFile("etc/ssh/key", "secret", 0o600, "me")], upper, root)
    assert stat.S_IMODE((upper / "etc/ssh/key").stat().st_mode) == 0o600
    assert stat.S_IMODE((upper / "etc/ssh").stat().st_mode) == 0o711


def test_the_default_lab_leaves_the_machines_inotify_limit_alone() -> None:
    assert needed_instances(17) <= 128 < needed_instances(18)


def test_the_inventory_script_says_when_no_lab_is_up() -> None:
    script = content_directory("inventories") / "lab" / "hosts"
    done = subprocess.run(
        [str(script), "--list"],
        env={"CHAOS_LAB": "no-such-lab", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "chaos-runner lab up" in done.stderr
