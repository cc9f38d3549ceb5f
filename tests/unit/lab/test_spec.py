from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from chaos_runner.errors import UsageError
from chaos_runner.lab.machines.backends import resolve_backends
from chaos_runner.lab.spec import HostSpec, LabSpec, load_spec

KAFKA_FREE = {"name": "small", "kafka": False, "hosts": [{"name": "one"}]}


def spec(*backends: str) -> LabSpec:
    hosts = [{"name": f"h{number}", "backend": each} for number, each in enumerate(backends)]
    return LabSpec.model_validate(KAFKA_FREE | {"hosts": hosts})


def test_the_default_lab_has_a_broker_without_the_controller_role() -> None:
    default = load_spec()
    assert [host.name for host in default.hosts] == ["kafka-1", "kafka-2", "kafka-3", "kafka-4"]
    assert [host.roles for host in default.hosts] == [("broker", "controller")] * 3 + [("broker",)]


def test_a_host_is_found_by_name_and_a_wrong_name_lists_the_right_ones() -> None:
    assert load_spec().host("kafka-2").name == "kafka-2"
    with pytest.raises(UsageError, match="kafka-1, kafka-2, kafka-3, kafka-4"):
        load_spec().host("kafka-9")


def test_every_mistake_of_a_file_is_told_with_its_key(tmp_path: Path) -> None:
    file = tmp_path / "lab.yml"
    file.write_text("nmae: x\nkafka: false\nhosts: [{name: A B}, {name: b, backend: docker}]\n")
    with pytest.raises(UsageError) as caught:
        load_spec(file)
    for key in (str(file), "nmae", "hosts.0.name", "hosts.1.backend"):
        assert key in caught.value.message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("hosts: [", "is not YAML"),
        ("kafka: false\nhosts: []", "at least 1 item"),
        ("kafka: false\nhosts: [{name: a}, {name: a}]", "used twice: a"),
        ("kafka: false\nhosts: [{name: a, roles: [broker]}]", "exclude each other"),
        ("hosts: [{name: a, roles: [broker]}]", "at least one `broker` and one `controller`"),
    ],
)
def test_a_spec_that_makes_no_sense_is_refused(tmp_path: Path, content: str, told: str) -> None:
    file = tmp_path / "lab.yml"
    file.write_text(content)
    with pytest.raises(UsageError, match=told):
        load_spec(file)


def test_a_distribution_is_found_from_the_spec_on(tmp_path: Path) -> None:
    file = tmp_path / "lab.yml"
    file.write_text(
        "kafka: {distribution: kafka_2.13}\nhosts: [{name: a, roles: [broker, controller]}]\n"
    )
    kafka = load_spec(file).kafka
    assert kafka
    assert kafka.distribution == tmp_path / "kafka_2.13"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        load_spec(tmp_path / "none.yml")


def backends(resolved: LabSpec) -> list[str]:
    return [host.backend for host in resolved.hosts]


def test_auto_is_a_container_where_the_kernel_has_netem() -> None:
    assert backends(resolve_backends(spec("auto", "auto"), netem=True)) == ["container"] * 2


def test_without_netem_the_last_automatic_host_is_a_vm() -> None:
    resolved = resolve_backends(spec("auto", "auto", "container"), netem=False)
    assert backends(resolved) == ["container", "vm", "container"]


def test_a_vm_asked_for_by_name_is_enough() -> None:
    resolved = resolve_backends(spec("vm", "auto"), netem=False)
    assert backends(resolved) == ["vm", "container"]


def test_memory_and_processors_have_limits() -> None:
    with pytest.raises(ValueError, match="memory"):
        HostSpec(name="a", memory=1)


def test_a_host_has_its_own_release_or_that_of_the_lab() -> None:
    hosts = [
        {"name": "old", "suite": "bullseye", "roles": ["broker", "controller"]},
        {"name": "usual"},
        {"name": "another"},
    ]
    mixed = LabSpec.model_validate({"name": "mixed", "suite": "trixie", "hosts": hosts})
    assert [mixed.suite_of(host) for host in mixed.hosts] == ["bullseye", "trixie", "trixie"]
    assert (mixed.suites, mixed.kafka_suites) == (("bullseye", "trixie"), ("bullseye",))
    assert load_spec().suites == ("bookworm",)


def test_a_release_that_the_lab_cannot_make_is_refused() -> None:
    with pytest.raises(ValidationError, match="'bullseye', 'bookworm' or 'trixie'"):
        LabSpec.model_validate(KAFKA_FREE | {"suite": "buster"})


def test_hosts_alike_are_written_once() -> None:
    hosts = [{"name": "host", "backend": "light", "count": 3}, {"name": "bare"}]
    found = LabSpec.model_validate({"kafka": False, "hosts": hosts})
    assert [host.name for host in found.hosts] == ["host-1", "host-2", "host-3", "bare"]
    assert LabSpec.model_validate_json(found.model_dump_json()) == found
    with pytest.raises(ValidationError, match="at most 1000 hosts, not 1002"):
        LabSpec.model_validate(
            {"kafka": False, "hosts": [{"name": "a", "count": 2}, {"name": "b", "count": 1000}]}
        )


def test_light_hosts_run_no_kafka() -> None:
    with pytest.raises(ValidationError, match="light hosts run no Kafka"):
        LabSpec.model_validate(
            {"hosts": [{"name": "a", "backend": "light", "roles": ["broker", "controller"]}]}
        )
