"""Inventories through the real ansible-inventory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chaos_runner.errors import InvalidInventoryError
from chaos_runner.hosts.inventory.listing import listing_in
from chaos_runner.hosts.inventory.reader import read_inventory, resolve_pattern

FLEET = """
all:
  vars: {chaos_network_namespace: lab-one, ansible_user: ops}
  children:
    west: {children: {kafka_broker: {}, edge: {}}}
    kafka_broker:
      vars: {kafka_port: 9192}
      hosts:
        b-10:
          ansible_host: 198.18.0.10
          ansible_port: "2222"
          ansible_become: "yes"
          ansible_ssh_private_key_file: /keys/one
          ansible_ssh_common_args: -o A=1
          ansible_ssh_extra_args: -o B=2
          chaos_addresses: [198.18.0.10, "2001:2:0::10"]
          ansible_password: hunter2
          keystore_passphrase: hunter2
        b-2: {}
    edge: {hosts: {"2001:db8::5": {}, z: {}}}
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    source = tmp_path / "fleet.yml"
    source.write_text(FLEET, encoding="utf-8")
    return source


def test_hosts_groups_and_the_ways_to_them(fleet: Path) -> None:
    inventory = read_inventory(fleet)
    assert inventory.groups == {
        "kafka_broker": ("b-10", "b-2"),
        "edge": ("2001:db8::5", "z"),
        "west": ("b-10", "b-2", "2001:db8::5", "z"),
    }
    assert list(inventory.hosts) == ["b-10", "b-2", "2001:db8::5", "z"]
    assert inventory.network_namespace == "lab-one"
    host = inventory.hosts["b-10"]
    assert (host.address, host.port, host.user, host.become) == ("198.18.0.10", 2222, "ops", True)
    assert (host.private_key_file, host.ssh_arguments) == ("/keys/one", "-o A=1 -o B=2")
    assert (host.addresses, host.kafka_port) == (("198.18.0.10", "2001:2::10"), 9192)
    assert inventory.hosts["z"].address == "z"
    assert inventory.hosts["z"].become, "the plays ask for it"


def test_secrets_are_not_carried_around(fleet: Path) -> None:
    assert "hunter2" not in repr(read_inventory(fleet))


def test_defaults_of_the_users_settings_hold_for_both_hands(
    fleet: Path, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_home / "ansible.cfg").write_text(
        "[defaults]\nprivate_key_file = /keys/all\nremote_port = 2022\n"
        "[privilege_escalation]\nbecome_method = doas\nbecome_user = kafka\n",
        encoding="utf-8",
    )
    host = read_inventory(fleet).hosts["z"]
    assert (host.private_key_file, host.port) == ("/keys/all", 2022)
    assert (host.become, host.become_method, host.become_user) == (True, "doas", "kafka")
    monkeypatch.setenv("ANSIBLE_PRIVATE_KEY_FILE", "/keys/environment")
    assert read_inventory(fleet).hosts["z"].private_key_file == "/keys/environment"
    assert read_inventory(fleet).hosts["b-10"].private_key_file == "/keys/one"


@pytest.mark.parametrize(
    ("pattern", "hosts"),
    [
        ("b-*", ("b-10", "b-2")),
        ("kafka_broker:!b-2", ("b-10",)),
        ("west:&edge", ("2001:db8::5", "z")),
        ("kafka_broker[0]", ("b-10",)),
        ("2001:db8::5", ("2001:db8::5",)),
        ("~b-1.", ("b-10",)),
    ],
)
def test_patterns_mean_what_they_mean_in_ansible(
    fleet: Path, pattern: str, hosts: tuple[str, ...]
) -> None:
    assert resolve_pattern(fleet, pattern) == hosts


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("nope", "no host matches `nope`"),
        ("b-2,nope", "no host matches `nope` (in the pattern `b-2,nope`)"),
        ("kafka_broker:!b-99", "no host matches `b-99`"),
        ("b-2:!b-2", "no host matches `b-2:!b-2`"),
        ("@/etc/passwd", "is not a host pattern"),
        ("b-2,@/etc/passwd", "is not a host pattern"),
        (" ", "is not a host pattern"),
        ("--version", "no host matches"),
    ],
)
def test_a_pattern_that_names_nothing_is_refused(fleet: Path, pattern: str, message: str) -> None:
    with pytest.raises(InvalidInventoryError) as caught:
        resolve_pattern(fleet, pattern)
    assert message in caught.value.message
    assert "root:" not in caught.value.message


@pytest.mark.parametrize(
    ("name", "text", "mode", "messages"),
    [
        ("broken.yml", "all:\n  hosts:\n   a: {\n  b\n", 0o644, ["line 5", "expected ',' or '}'"]),
        ("broken.ini", "[a\nfoo bar\n", 0o644, ["broken.ini"]),
        ("empty.ini", "", 0o644, ["no hosts in this inventory"]),
        ("script.sh", "#!/bin/sh\necho no token >&2\nexit 3\n", 0o755, ["code 3", "no token"]),
        (
            "spaces.ini",
            "a chaos_network_namespace=x\nb chaos_network_namespace=y\n",
            0o644,
            ["x, y"],
        ),
    ],
)
def test_a_bad_inventory_is_told_with_its_place(
    tmp_path: Path, name: str, text: str, mode: int, messages: list[str]
) -> None:
    source = tmp_path / name
    source.write_text(text, encoding="utf-8")
    source.chmod(mode)
    with pytest.raises(InvalidInventoryError) as caught:
        read_inventory(source)
    assert caught.value.message.startswith(f"{source}: ")
    for message in messages:
        assert message in caught.value.message
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 400


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"kafka_port: 9092\nracks: [a, b\nsite: west\n", "line 3"),
        (b"racks: west: one\n", "line 1, column 12"),
        (b"site: west\n\tracks: 2\n", "line 2, column 1"),
        (b"site: west\nrack: \xff\n", "line 2, column 7"),
    ],
)
def test_broken_variables_are_told_with_their_file_and_line(
    tmp_path: Path, content: bytes, place: str
) -> None:
    source = tmp_path / "fleet.yml"
    source.write_text("all: {hosts: {a: {}, b: {}}}\n", encoding="utf-8")
    for name, variables in (("a", b"site: east\n"), ("b", content)):
        file = tmp_path / "host_vars" / f"{name}.yml"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(variables)
    with pytest.raises(InvalidInventoryError) as caught:
        read_inventory(source)
    start = f"{source}: {tmp_path}/host_vars/b.yml, {place}"
    assert caught.value.message.startswith(start), caught.value.message


def test_each_bootstrap_address_is_named_once(tmp_path: Path) -> None:
    source = tmp_path / "fleet.ini"
    source.write_text(
        "[kafka_broker]\na ansible_host=198.18.0.7\nb ansible_host=198.18.0.8\n"
        "same ansible_host=198.18.0.7\n",
        encoding="utf-8",
    )
    assert read_inventory(source).bootstrap_servers() == "198.18.0.7:9092,198.18.0.8:9092"


def test_an_inventory_that_can_be_read_once_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # nobody writes into it: who opened it would wait
    reading, writing = os.pipe()
    try:
        for source in (pipe, Path(f"/dev/fd/{reading}"), Path("/dev/stdin"), Path("/dev/null")):
            with pytest.raises(InvalidInventoryError, match="can be read once") as caught:
                read_inventory(source)
            assert caught.value.hint == "write it to a file, and name that"
    finally:
        os.close(reading)
        os.close(writing)


def test_a_missing_inventory(tmp_path: Path) -> None:
    with pytest.raises(InvalidInventoryError, match="there is no such inventory"):
        read_inventory(tmp_path / "none")


def test_an_executable_inventory(tmp_path: Path) -> None:
    source = tmp_path / "dynamic"
    source.write_text(
        '#!/bin/sh\necho \'{"kafka_broker":{"hosts":["a"]},"_meta":{"hostvars":{"a":{"x":1}}}}\'\n',
        encoding="utf-8",
    )
    source.chmod(0o755)
    inventory = read_inventory(source)
    assert inventory.groups == {"kafka_broker": ("a",)}
    assert inventory.hosts["a"].variables == {"x": 1}


def test_what_an_inventory_plugin_composes_is_what_it_says(tmp_path: Path) -> None:
    directory = tmp_path / "inventory"
    directory.mkdir()
    (directory / "1-hosts.ini").write_text(
        "[kafka_broker]\nbroker-[01:02].example.com site=west\n"
        "[kafka_broker:vars]\nansible_user='{{ login }}'\n"
    )
    (directory / "2-constructed.yml").write_text(
        "plugin: ansible.builtin.constructed\n"
        "compose:\n"
        "  ansible_host: \"'192.0.2.' ~ inventory_hostname[8]\"\n"
        "  chaos_addresses: \"['198.51.100.' ~ inventory_hostname[8]]\"\n"
        "  login: \"'o' ~ 'ps'\"\n"
        "keyed_groups: [{key: site, prefix: site}]\n"
    )
    inventory = read_inventory(directory)
    hosts = inventory.hosts.values()
    assert [host.address for host in hosts] == ["192.0.2.1", "192.0.2.2"]
    assert [host.user for host in hosts] == ["ops", "ops"]
    assert [host.addresses for host in hosts] == [("198.51.100.1",), ("198.51.100.2",)]
    assert set(inventory.groups["site_west"]) == set(inventory.hosts)


def test_templates_have_the_value_that_ansible_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text("bastion: jump.lab\n", encoding="utf-8")
    source = tmp_path / "hosts.yml"
    source.write_text(
        "all:\n"
        "  vars:\n"
        "    ansible_host: '{{ inventory_hostname }}.lab'\n"
        "    ansible_user: \"{{ lookup('env', 'WHO_LOGS_IN') }}\"\n"
        "    ansible_ssh_common_args: '-J {{ bastion }}'\n"
        "    ansible_port: '{{ base | int + 22 }}'\n"
        "    ansible_become: '{{ base == 1 }}'\n"
        "    chaos_addresses: ['198.18.0.{{ base }}']\n"
        "  hosts: {a: {base: 1}, b: {base: 2}}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("WHO_LOGS_IN", "ops")
    monkeypatch.setenv("ANSIBLE_RUN_TAGS", "nothing")
    hosts = read_inventory(source).hosts
    assert (hosts["a"].address, hosts["a"].port, hosts["a"].user) == ("a.lab", 23, "ops")
    assert (hosts["b"].address, hosts["b"].port) == ("b.lab", 24)
    assert hosts["a"].ssh_arguments == "-J jump.lab"
    assert (hosts["a"].become, hosts["b"].become) == (True, False)
    assert hosts["b"].addresses == ("198.18.0.2",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ANSIBLE_VERBOSITY", "3"),
        ("ANSIBLE_DEBUG", "1"),
        ("ANSIBLE_LOG_PATH", "/no/such/directory/log"),
        ("ANSIBLE_STDOUT_CALLBACK", "oneline"),
        ("ANSIBLE_ASK_VAULT_PASS", "True"),
        ("ANSIBLE_INVENTORY_EXPORT", "True"),
        ("ANSIBLE_FORCE_COLOR", "1"),
        ("ANSIBLE_SKIP_TAGS", "all"),
        ("ANSIBLE_STRATEGY", "no_such_strategy"),
    ],
)
def test_settings_of_the_users_do_not_disturb_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    source = tmp_path / "hosts.ini"
    source.write_text('a ansible_host="{{ inventory_hostname }}.lab"\n', encoding="utf-8")
    monkeypatch.setenv(name, value)
    assert read_inventory(source).hosts["a"].address == "a.lab"


def test_several_sources_are_read_together_as_in_ansible(tmp_path: Path) -> None:
    first, second = tmp_path / "one.ini", tmp_path / "two.ini"
    first.write_text("[kafka_broker]\na x=1\n", encoding="utf-8")
    second.write_text("[kafka_broker]\nb\n[all:vars]\nansible_user=ops\n", encoding="utf-8")
    sources = (first, second, Path("c,d"))
    inventory = read_inventory(sources)
    assert inventory.groups["kafka_broker"] == ("a", "b")
    assert set(inventory.hosts) == {"a", "b", "c", "d"}
    assert inventory.hosts["a"].user == "ops"
    assert inventory.sources == sources
    assert inventory.name == f"{first}, {second}, c,d"
    assert resolve_pattern(sources, "kafka_broker:c") == ("c", "a", "b")
    with pytest.raises(InvalidInventoryError, match="none: there is no such inventory"):
        read_inventory((first, tmp_path / "none"))


@pytest.mark.parametrize(
    "answer",
    ["", "warning\n{}", "[]", '{"all": []}', '{"a": {"hosts": {"x": 1}}}', "[" * 100_000,
     '{"_meta": {"hostvars": []}}', '{"_meta": {"hostvars": {"a": 1}}}', '{"a": {"hosts": [1]}}'],
)  # fmt: skip
def test_an_answer_that_is_no_listing_is_none(answer: str) -> None:
    assert listing_in(answer) is None
