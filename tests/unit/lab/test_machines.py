from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.lab import network
from chaos_runner.lab.layout import HostPlace
from chaos_runner.lab.lifecycle.requirements import needed_memory
from chaos_runner.lab.machines import cgroups, vm
from chaos_runner.lab.machines.container import container_of, nspawn_command
from chaos_runner.lab.machines.light import light_command
from chaos_runner.lab.machines.machines import tree_of
from chaos_runner.lab.spec import HostSpec
from tests.unit.lab.samples import record

PLACE = HostPlace("chaos-lab", "kafka-1", 1)
HYBRID = """\
/dev/vda / ext4 rw 0 0
cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu 0 0
cgroup /sys/fs/cgroup/cpuset cgroup rw,relatime,cpuset 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,name=systemd 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0
"""


def test_a_place_has_the_addresses_that_the_documentation_promises() -> None:
    assert (PLACE.ipv4, PLACE.ipv6, PLACE.mac) == ("198.18.0.11", "2001:2::11", "02:00:c6:12:00:0b")
    assert PLACE.namespace == "chaos-lab-kafka-1"


def test_a_large_lab_has_an_address_for_every_host() -> None:
    last = HostPlace("many", "host-1000", 1000)
    assert (last.ipv4, last.mac) == ("198.18.3.242", "02:00:c6:12:03:f2")
    assert last.ipv6 == "2001:2::1010"


def test_a_light_host_starts_in_namespaces_of_its_own_that_end_with_it() -> None:
    light = HostSpec(name="small", backend="light")
    place = HostPlace("many", "small", 1)
    command = light_command(place, tree_of(record(), light, place))
    assert {"--mount", "--uts", "--ipc", "--pid", "--kill-child=KILL"} <= set(command)
    assert command[-1] == "small"


def test_interface_names_fit_into_the_kernels_fifteen_characters() -> None:
    assert len(HostPlace("a" * 24, "b" * 24, 200).interface) <= 15


def test_a_container_starts_in_its_own_namespace_and_tree() -> None:
    command = nspawn_command(PLACE)
    assert "--network-namespace-path=/run/netns/chaos-lab-kafka-1" in command
    assert "--hostname=kafka-1" in command
    assert {"--register=no", "--keep-unit", "--capability=CAP_NET_ADMIN"} <= set(command)


def test_all_hosts_together_weigh_more_than_one_process(tmp_path: Path) -> None:
    labs = tmp_path / cgroups.PARENT
    (labs / "one").mkdir(parents=True)
    (labs / "two").mkdir()
    for group in (labs, labs / "one", labs / "two"):
        (group / "cpu.shares").write_text("1024")
    for host in ("one/kafka-1", "one/kafka-2", "two/kafka-1"):
        cgroups.join([labs / host])
    (labs / "one/kafka-1/payload").mkdir()
    cgroups.join([labs / "two/kafka-1"])
    groups = (labs, labs / "one", labs / "two")
    weights = [int((group / "cpu.shares").read_text()) for group in groups]
    assert weights == [3 * 1024, 2 * 1024, 1024]


def test_a_container_is_mounted_where_no_one_else_sees_it() -> None:
    host, place = record().hosts[0]
    container = container_of(place, tree_of(record(), host, place))
    assert container.command[:4] == ["unshare", "--mount", "--propagation", "slave"]
    assert "/cache/kafka/layer:/cache/rootfs" in container.command
    assert all(path.endswith("/chaos-labs/chaos-lab/kafka-1") for path in container.cgroups)


def test_a_host_without_roles_has_no_kafka_layer() -> None:
    bare = HostSpec(name="bare", backend="container")
    assert tree_of(record(), bare, PLACE).layers == (Path("/cache/rootfs"),)


def test_every_cgroup_tree_counts_but_cpuset() -> None:
    found = cgroups.hierarchies(HYBRID)
    assert found == [Path(f"/sys/fs/cgroup/{name}") for name in ("cpu", "systemd", "unified")]
    assert cgroups.hierarchies("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0") == [Path("/sys/fs/cgroup")]


def test_groups_are_removed_from_the_deepest_up(tmp_path: Path) -> None:
    (tmp_path / "host/payload/system.slice/kafka.service").mkdir(parents=True)
    cgroups.remove([tmp_path / "host", tmp_path / "none"])
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def boot(tmp_path: Path) -> Path:
    for name in ("vmlinuz-6.1.0-1", "vmlinuz-6.1.0-2", "initrd.img-6.1.0-1", "initrd.img-6.1.0-2"):
        (tmp_path / name).touch()
    return tmp_path


def test_a_vm_boots_the_newest_kernel_at_its_own_port(boot: Path) -> None:
    host = HostSpec(name="kafka-4", memory=2048, processors=3)
    command = vm.qemu_command(host, HostPlace("chaos-lab", "kafka-4", 4), boot, "tcg")
    text = " ".join(command)
    assert f"-kernel {boot}/vmlinuz-6.1.0-2 -initrd {boot}/initrd.img-6.1.0-2" in text
    assert "-smp 3 -m 2048" in text
    assert "ifname=host4,script=no,downscript=no" in text
    assert "-accel tcg,thread=multi,tb-size=256 -cpu max" in text


def test_a_vm_with_kafka_has_a_disk_for_its_data(boot: Path) -> None:
    place = HostPlace("chaos-lab", "kafka-4", 4)
    broker = vm.qemu_command(HostSpec(name="a", roles=("broker",)), place, boot, "tcg")
    bare = vm.qemu_command(HostSpec(name="a"), place, boot, "tcg")
    assert [word.split(",")[0] for word in broker if word.startswith("file=")] == [
        f"file={place.disk}",
        f"file={place.data_disk}",
    ]
    assert str(place.data_disk) not in " ".join(bare)


def test_only_an_emulated_machine_trusts_its_counter_and_keeps_its_addresses(boot: Path) -> None:
    host, place = HostSpec(name="kafka-4"), HostPlace("chaos-lab", "kafka-4", 4)
    lines = {}
    for accelerator in ("kvm", "tcg"):
        command = vm.qemu_command(host, place, boot, accelerator)
        lines[accelerator] = command[command.index("-append") + 1].split()
    assert lines["tcg"] == [*lines["kvm"], "tsc=reliable", "norandmaps"]
    assert lines["kvm"][0] == "root=/dev/vda"


CONSTANT = "flags\t\t: fpu constant_tsc sse\nbogomips\t: 4599.99\n"


@pytest.mark.parametrize(
    ("processor", "words"),
    [
        (CONSTANT, ["tsc_early_khz=2299995"]),
        (CONSTANT * 2, ["tsc_early_khz=2299995"]),
        (CONSTANT.replace("constant_tsc", "tsc"), []),
        ("flags\t\t: fpu constant_tsc\n", []),
    ],
)
def test_an_emulated_machine_is_told_how_fast_its_counter_counts(
    boot: Path, processor: str, words: list[str]
) -> None:
    # It measures that wrong on a busy machine.
    host, place = HostSpec(name="kafka-4"), HostPlace("chaos-lab", "kafka-4", 4)
    for accelerator, expected in (("tcg", words), ("kvm", [])):
        command = vm.qemu_command(host, place, boot, accelerator, processor)
        line = command[command.index("-append") + 1].split()
        assert [word for word in line if word.startswith("tsc_")] == expected


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("flags\t\t: fpu vmx sse", ["kvm", "tcg"]),
        ("flags\t\t: fpu svm sse", ["kvm", "tcg"]),
        ("flags\t\t: fpu sse", ["tcg"]),
        ("model name\t: vmx\nflags\t\t: fpu avmx", ["tcg"]),
    ],
)
def test_only_the_processors_flags_count(flags: str, expected: list[str], tmp_path: Path) -> None:
    device = tmp_path / "kvm"
    device.touch()
    assert vm.accelerators(flags, device) == expected


def test_flags_without_the_device_are_not_enough(tmp_path: Path) -> None:
    assert vm.accelerators("flags : vmx", tmp_path / "none") == ["tcg"]


def test_a_host_takes_its_addresses_without_waiting_for_anyone() -> None:
    script = network.host_script(PLACE)
    assert "address replace 2001:2::11/64 dev eth0 nodad\n" in script
    assert "address replace 198.18.0.11/16 dev eth0\n" in script


def test_every_command_of_the_network_stays_in_a_namespace() -> None:
    commands = [*network.lab_network("lab"), *network.vm_port(PLACE)]
    commands += [*network.container_port(PLACE), *network.clear_port(PLACE)]
    assert all(command[1] in {"-n", "netns"} for command in commands)


def test_the_memory_of_the_default_lab_is_known_before_it_is_used() -> None:
    assert needed_memory(record().spec) == 3 * 450 + 1536 + 350
