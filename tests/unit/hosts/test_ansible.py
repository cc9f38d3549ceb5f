"""The Ansible channel against localhost and a real SSH server: every trap of ansible-runner."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import paramiko
import pytest

from chaos_runner.faults.capabilities import NETEM, NFT
from chaos_runner.fleet.guard_answers import PreflightFacts
from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.hosts.inventory.reader import read_inventory
from tests.unit.hosts.ssh_server import SshServer
from tests.waiting import wait_until

GUARD_LINE = (
    '{"guard":"1","token":"{{ chaos_token }}","verb":"preflight","ok":true,'
    '"hostname":"a","uptime":12.5,"capabilities":{"nft":true}}'
)

WritePlaybook = Callable[[str], str]


@pytest.fixture
def playbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WritePlaybook:
    """Write tasks as the package's only playbook, and return its name."""
    content = tmp_path / "content"
    for name in ("playbooks", "roles"):
        (content / name).mkdir(parents=True)
    for module in ("ansible.playbook_layout", "environment"):
        monkeypatch.setattr(
            f"chaos_runner.hosts.{module}.content_directory", lambda name: content / name
        )

    def write(tasks: str) -> str:
        head = "- name: Test\n  hosts: all\n  gather_facts: false\n  become: false\n  tasks:\n"
        (content / "playbooks" / "it.yml").write_text(head + tasks, encoding="utf-8")
        return "it.yml"

    return write


@pytest.fixture
def local(tmp_path: Path) -> Inventory:
    """Two hosts that are this machine."""
    source = tmp_path / "local.ini"
    source.write_text(
        "a answer=one\nb answer=two\n[all:vars]\nansible_connection=local\n"
        'ansible_python_interpreter="{{ ansible_playbook_python }}"\n',
        encoding="utf-8",
    )
    return Inventory(source, {name: Host(name, name) for name in "ab"}, {})


def by_ssh(server: SshServer, tmp_path: Path) -> Inventory:
    host = server.host()
    source = tmp_path / "ssh.ini"
    source.write_text(
        f"broker ansible_host=127.0.0.1 ansible_port={server.port} ansible_user={host.user} "
        f"ansible_ssh_private_key_file={host.private_key_file} "
        f"ansible_ssh_common_args='{host.ssh_arguments} -F none'\n",
        encoding="utf-8",
    )
    return read_inventory(source)


def test_answers_of_the_guard_come_back_typed(local: Inventory, playbook: WritePlaybook) -> None:
    name = playbook(
        f"    - name: Ask\n      ansible.builtin.raw: echo banner; echo '{GUARD_LINE}'\n"
    )
    with AnsibleChannel(local) as channel:
        outcome = channel.run(name, ["a", "b"])
    assert [host.state for host in outcome.per_host.values()] == ["ok", "ok"]
    facts = outcome.per_host["a"].answer(PreflightFacts)
    assert facts is not None
    assert (facts.hostname, facts.uptime, facts.has(NFT), facts.has(NETEM)) == (
        "a",
        12.5,
        True,
        False,
    )


def test_every_host_has_its_own_outcome_whatever_the_status(
    local: Inventory, playbook: WritePlaybook
) -> None:
    name = playbook(
        "    - name: Refuse\n      ansible.builtin.raw: "
        """'echo "{\\"guard\\":1,\\"token\\":\\"{{ chaos_token }}\\","""
        """\\"verb\\":\\"inject\\",\\"ok\\":false,"""
        """\\"error\\":\\"no netem\\",\\"hint\\":\\"install it\\"}"; test {{ answer }} = one'\n"""
    )
    with AnsibleChannel(local) as channel:
        outcome = channel.run(name, ["a", "b", "stranger"])
    assert outcome.per_host["a"].state == "ok"
    assert outcome.per_host["b"].state == "failed"
    assert outcome.per_host["b"].message == "Refuse: no netem (install it)"
    assert outcome.per_host["stranger"].state == "missing"


def test_only_the_named_hosts_are_touched(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path
) -> None:
    name = playbook(
        "    - name: Touch\n      ansible.builtin.raw: "
        f"touch {tmp_path}/{{{{ inventory_hostname }}}}\n"
    )
    with AnsibleChannel(local) as channel:
        outcome = channel.run(name, ["b"])
        assert channel.run(name, []).per_host == {}
    assert list(outcome.per_host) == ["b"]
    assert (tmp_path / "b").exists()
    assert not (tmp_path / "a").exists()


def test_a_playbook_that_cannot_be_read_leaves_hosts_missing_with_the_reason(
    local: Inventory, playbook: WritePlaybook
) -> None:
    name = playbook("    - name: Odd\n      no_such_module_at_all: {}\n")
    with AnsibleChannel(local) as channel:
        outcome = channel.run(name, ["a"])
        gone = channel.run("gone.yml", ["a"])
    assert outcome.per_host["a"].state == "missing"
    assert "no_such_module_at_all" in outcome.per_host["a"].message
    assert gone.per_host["a"].state == "missing"
    assert "gone.yml" in gone.per_host["a"].message


def test_variables_do_not_stick_to_the_next_run(local: Inventory, playbook: WritePlaybook) -> None:
    name = playbook(
        "    - name: Say\n      ansible.builtin.fail: {msg: \"{{ word | default('none') }}\"}\n"
    )
    with AnsibleChannel(local) as channel:
        first = channel.run(name, ["a"], {"word": "spoken", "deep": {"list": [1, "{{ no }}"]}})
        second = channel.run(name, ["a"])
    assert first.per_host["a"].message == "Say: spoken"
    assert second.per_host["a"].message == "Say: none"


def test_an_empty_text_stays_a_text(local: Inventory, playbook: WritePlaybook) -> None:
    name = playbook(
        "    - name: Say\n"
        "      ansible.builtin.fail: {msg: \"{{ word is string }} {{ deep.at[0] == '' }}\"}\n"
    )
    with AnsibleChannel(local) as channel:
        said = channel.run(name, ["a"], {"word": "", "deep": {"at": [""]}}).per_host["a"].message
    assert said.endswith("True True")


def test_each_host_has_its_own_variables_as_data(local: Inventory, playbook: WritePlaybook) -> None:
    name = playbook(
        "    - name: Say\n"
        '      ansible.builtin.fail: {msg: "{{ words | type_debug }} {{ words | join }}"}\n'
    )
    own = {"a": {"words": ["{{ 1 + 1 }}", "x"]}, "b": {"words": ["{{ answer }}"]}}
    with AnsibleChannel(local) as channel:
        said = channel.run(name, ["a", "b"], {"words": ["no"]}, host_variables=own).per_host
    assert said["a"].message.endswith("list {{ 1 + 1 }}x")
    assert said["b"].message.endswith("list {{ answer }}")


def test_a_host_without_its_variables_fails_and_takes_no_others(
    local: Inventory, playbook: WritePlaybook
) -> None:
    name = playbook("    - name: Say\n      ansible.builtin.raw: echo {{ words | join }}\n")
    with AnsibleChannel(local) as channel:
        outcome = channel.run(name, ["a", "b"], {}, host_variables={"a": {"words": ["x"]}})
    assert outcome.per_host["a"].state == "ok"
    assert outcome.per_host["b"].state == "failed"


def test_nothing_in_a_variable_is_taken_for_a_template(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path
) -> None:
    evil = (
        "{{ lookup('ansible.builtin.pipe', 'touch "
        + str(tmp_path)
        + "/ran') }} {% raw %} {# \udcff"
    )
    word = f"disk at 90 %: \n\t'\"\\ \x1b é \U0001f600 {evil}"
    name = playbook(
        "    - name: Say\n      ansible.builtin.raw: "
        "echo {{ (word ~ list[0] ~ deep.at[0]) | b64encode }} | base64 -d > " + f"{tmp_path}/word\n"
    )
    with AnsibleChannel(local) as channel:
        outcome = channel.run(
            name, ["a"], {"word": word, "list": [word], "deep": {"at": [word, 1]}}
        )
    assert outcome.per_host["a"].state == "ok", outcome
    assert not (tmp_path / "ran").exists()
    assert (tmp_path / "word").read_text(encoding="utf-8") == 3 * word.replace("\udcff", "?")


def test_variables_are_not_in_any_argv_and_files_are_private_and_go(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    name = playbook(
        "    - name: Look\n      ansible.builtin.raw: "
        f"cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' > {tmp_path}/argv; "
        f"find {work} -printf '%m %y %f\\n' > {tmp_path}/files; sleep 0.2\n"
    )
    with AnsibleChannel(local, work) as channel:
        assert channel.run(name, ["a"], {"word": "xyzzy-1234"}).per_host["a"].state == "ok"
    assert "xyzzy-1234" not in (tmp_path / "argv").read_text(encoding="utf-8")
    files = (tmp_path / "files").read_text(encoding="utf-8").splitlines()
    assert "600 f extravars" in files
    assert any(line.startswith("700 d cr-") for line in files)
    assert list(work.iterdir()) == []


def test_signal_handlers_and_environment_stay_the_callers(
    local: Inventory, playbook: WritePlaybook
) -> None:
    watched = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handlers = [signal.getsignal(number) for number in watched]
    environment = dict(os.environ)
    name = playbook("    - name: Nothing\n      ansible.builtin.raw: 'true'\n")
    with AnsibleChannel(local) as channel:
        channel.run(name, ["a"])
    assert [signal.getsignal(number) for number in watched] == handlers
    assert dict(os.environ) == environment


def test_ansible_is_found_without_an_active_virtual_environment(
    local: Inventory, playbook: WritePlaybook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("ANSIBLE_NO_LOG", "1")
    name = playbook(f"    - name: Ask\n      ansible.builtin.raw: echo '{GUARD_LINE}'\n")
    with AnsibleChannel(local) as channel:
        assert channel.run(name, ["a"]).per_host["a"].answer(PreflightFacts) is not None


def test_cancel_comes_back_soon_and_leaves_no_worker(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    name = playbook(
        f"    - name: Wait\n      ansible.builtin.raw: touch {begun}; sleep 601.5\n"
        f"    - name: Later\n      ansible.builtin.raw: touch {tmp_path}/late\n"
    )
    with AnsibleChannel(local) as channel:
        outcome = channel.run(name, ["a"], timeout=500, cancelled=begun.exists)
    assert (outcome.cancelled, outcome.timed_out) == (True, False)
    assert outcome.per_host["a"].state == "missing"
    assert not (tmp_path / "late").exists()
    _wait_for_no_worker(tmp_path)


def _wait_for_no_worker(place: Path) -> None:
    """Wait until the processes that were killed are gone from the list; they go at once."""
    wait_until(lambda: not _workers(place), f"no worker is left of {place}")


def _workers(place: Path) -> list[str]:
    listing = subprocess.run(
        ["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True
    )
    return [
        line
        for line in listing.stdout.splitlines()
        if "ansible-playbook" in line and str(place) in line
    ]


def test_a_timeout_is_told_apart_and_what_was_answered_is_kept(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path
) -> None:
    name = playbook(
        f"    - name: Ask\n      ansible.builtin.raw: echo '{GUARD_LINE}'\n"
        "    - name: Wait\n      ansible.builtin.raw: sleep 602.5\n"
    )
    looks: list[float] = []

    def look() -> bool:
        looks.append(time.monotonic())
        return False

    with AnsibleChannel(local) as channel:
        outcome = channel.run(name, ["a"], timeout=25, cancelled=look)
    assert len(looks) > 8, "the wish to cancel must be asked for every second, not every five"
    assert (outcome.cancelled, outcome.timed_out) == (False, True)
    assert outcome.per_host["a"].state == "missing"
    assert (
        outcome.per_host["a"].message == "the playbook was ended after 1 of its steps on this host"
    )
    assert outcome.per_host["a"].answer(PreflightFacts) is not None
    _wait_for_no_worker(tmp_path)


class StopHereError(Exception):
    pass


def test_what_cancelled_raises_is_raised_and_nothing_goes_on(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path
) -> None:
    name = playbook("    - name: Wait\n      ansible.builtin.raw: sleep 603.5\n")

    def cancelled() -> bool:
        raise StopHereError

    with AnsibleChannel(local, tmp_path) as channel, pytest.raises(StopHereError):
        channel.run(name, ["a"], cancelled=cancelled)
    _wait_for_no_worker(tmp_path)
    assert list(tmp_path.glob("cr-*")) == []


# ansible-runner leaves two open files to the garbage collector when it is interrupted
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_in_the_middle_leaves_nothing_running(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    name = playbook(f"    - name: Wait\n      ansible.builtin.raw: touch {begun}; sleep 604.5\n")

    def interrupt() -> None:
        while not begun.exists():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with AnsibleChannel(local) as channel, pytest.raises(KeyboardInterrupt):
        channel.run(name, ["a"], timeout=500)
    _wait_for_no_worker(tmp_path)


def test_it_runs_in_a_thread_as_well(local: Inventory, playbook: WritePlaybook) -> None:
    name = playbook("    - name: Nothing\n      ansible.builtin.raw: 'true'\n")
    states: list[str] = []
    with AnsibleChannel(local) as channel:
        threads = [
            threading.Thread(
                target=lambda host=host: states.append(
                    channel.run(name, [host]).per_host[host].state
                )
            )
            for host in ("a", "b")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert states == ["ok", "ok"]


def test_over_ssh_and_the_connection_is_shared_until_close(
    server: SshServer, tmp_path: Path, playbook: WritePlaybook
) -> None:
    name = playbook("    - name: Say\n      ansible.builtin.raw: echo hello\n")
    with AnsibleChannel(by_ssh(server, tmp_path)) as channel:
        assert channel.run(name, ["broker"]).per_host["broker"].state == "ok"
        assert channel.run(name, ["broker"]).per_host["broker"].state == "ok"
        assert len(server._transports) == 1
        fresh = channel.run(name, ["broker"], fresh_connections=True)
        assert fresh.per_host["broker"].state == "ok"
        assert len(server._transports) == 2
    wait_until(lambda: not server._transports[0].is_active(), "the connection ends")


@pytest.mark.parametrize("redirected", ["", ">&2"])
def test_a_host_that_floods_costs_little_and_keeps_nobody_waiting(
    server: SshServer, tmp_path: Path, playbook: WritePlaybook, redirected: str
) -> None:
    name = playbook("    - name: Ask\n      ansible.builtin.raw: '{{ command }}'\n")
    source = by_ssh(server, tmp_path).source
    hosts = source.read_text(encoding="utf-8")
    flood = hosts.replace("broker", "flood").replace("\n", f" command='yes {redirected}'\n")
    source.write_text(hosts.replace("\n", " command=id\n") + flood, encoding="utf-8")
    inventory = read_inventory(source)
    tracemalloc.start()
    try:
        with AnsibleChannel(inventory) as channel:
            outcome = channel.run(name, ["flood", "broker"], timeout=300)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not outcome.timed_out
    assert outcome.per_host["broker"].state == "ok"
    assert outcome.per_host["flood"].state == "failed"
    assert "says more than 128 KiB" in outcome.per_host["flood"].message
    assert peak < 10 * 1024**2


def test_host_keys_are_checked(server: SshServer, tmp_path: Path, playbook: WritePlaybook) -> None:
    name = playbook("    - name: Say\n      ansible.builtin.raw: echo hello\n")
    server.know(paramiko.ECDSAKey.generate())
    with AnsibleChannel(by_ssh(server, tmp_path)) as channel:
        other = channel.run(name, ["broker"]).per_host["broker"]
        server.known_hosts.write_text("", encoding="utf-8")
        unknown = channel.run(name, ["broker"]).per_host["broker"]
    assert (other.state, unknown.state) == ("unreachable", "unreachable")
    assert other.message.startswith("the host shows another SSH key than the known one")
    assert unknown.message.startswith("the host's SSH key is not known")
    assert server.commands == []


@pytest.mark.parametrize(
    ("place", "option"),
    [
        ("ANSIBLE_SSH_ARGS", "no"),
        ("ANSIBLE_SSH_COMMON_ARGS", "off"),
        ("ANSIBLE_SSH_EXTRA_ARGS", "no"),
        ("ansible_ssh_args", "accept-new"),
        ("ansible_ssh_extra_args", "no"),
    ],
)
def test_no_argument_of_ssh_switches_the_check_of_host_keys_off(
    server: SshServer,
    tmp_path: Path,
    playbook: WritePlaybook,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    option: str,
) -> None:
    unchecked = f"-o StrictHostKeyChecking={option} -o NoHostAuthenticationForLocalhost=yes"
    source = by_ssh(server, tmp_path).source
    if place.isupper():
        monkeypatch.setenv(place, unchecked)
    else:
        with source.open("a", encoding="utf-8") as stream:
            stream.write(f"[all:vars]\n{place}='{unchecked}'\n")
    server.know(paramiko.ECDSAKey.generate())
    refused_unless_checked(source, playbook)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("ANSIBLE_HOST_KEY_CHECKING", "False"),
        ("ANSIBLE_SSH_HOST_KEY_CHECKING", "False"),
        ("ansible_host_key_checking", "false"),
        ("ansible_ssh_host_key_checking", "false"),
    ],
)
def test_no_setting_of_ansible_switches_the_check_of_host_keys_off(
    server: SshServer,
    tmp_path: Path,
    playbook: WritePlaybook,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    value: str,
) -> None:
    source = by_ssh(server, tmp_path).source
    if place.isupper():
        monkeypatch.setenv(place, value)
    else:
        with source.open("a", encoding="utf-8") as stream:
            stream.write(f"[all:vars]\n{place}={value}\n")
    server.know(paramiko.ECDSAKey.generate())
    refused_unless_checked(source, playbook)


def test_no_command_makes_a_key_known(
    server: SshServer, tmp_path: Path, playbook: WritePlaybook
) -> None:
    """`%H %t %K` are the host's name and the very key that it shows."""
    server.known_hosts.write_text("", encoding="utf-8")
    arguments = (
        f"-F none -o UserKnownHostsFile={server.known_hosts} "
        '-o "KnownHostsCommand=/bin/echo %H %t %K"'
    )
    source = tmp_path / "hosts.yml"
    source.write_text(
        f"all: {{hosts: {{broker: {{ansible_host: 127.0.0.1, ansible_port: {server.port}, "
        f"ansible_user: ops, ansible_ssh_private_key_file: {server.client_key_file}, "
        f"ansible_ssh_common_args: '{arguments}'}}}}}}\n",
        encoding="utf-8",
    )
    refused_unless_checked(source, playbook)
    assert server.commands == []


def refused_unless_checked(source: Path, playbook: WritePlaybook) -> None:
    name = playbook("    - name: Say\n      ansible.builtin.raw: echo hello\n")
    with AnsibleChannel(read_inventory(source)) as channel:
        assert channel.run(name, ["broker"]).per_host["broker"].state == "unreachable"


def test_a_host_that_is_unusable_is_not_asked(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path
) -> None:
    name = playbook(
        "    - name: Touch\n      ansible.builtin.raw: "
        f"touch {tmp_path}/{{{{ inventory_hostname }}}}\n"
    )
    inventory = replace(
        local, hosts={"a": Host("a", "a"), "b": Host("b", "b", unusable="it speaks no SSH")}
    )
    with AnsibleChannel(inventory) as channel:
        outcome = channel.run(name, ["a", "b"])
        assert channel.run(name, ["b"]).per_host["b"].message == "left out: it speaks no SSH"
    assert list(outcome.per_host) == ["a", "b"]
    assert [host.state for host in outcome.per_host.values()] == ["ok", "missing"]
    assert not (tmp_path / "b").exists()


def test_settings_of_the_users_change_neither_what_is_done_nor_what_is_read(
    local: Inventory, playbook: WritePlaybook, monkeypatch: pytest.MonkeyPatch, empty_home: Path
) -> None:
    plugins = empty_home / "plugins"
    plugins.mkdir()
    (plugins / "raw.py").write_text("raise RuntimeError('another raw')\n", encoding="utf-8")
    settings = {
        "ANSIBLE_VERBOSITY": "4",
        "ANSIBLE_DEBUG": "1",
        "ANSIBLE_STDOUT_CALLBACK": "oneline",
        "ANSIBLE_CALLBACKS_ENABLED": "no_such_callback",
        "ANSIBLE_LOG_PATH": "/no/such/directory/log",
        "ANSIBLE_STRATEGY": "debug",
        "ANSIBLE_ENABLE_TASK_DEBUGGER": "True",
        "ANSIBLE_RUN_TAGS": "nothing",
        "ANSIBLE_SKIP_TAGS": "all",
        "ANSIBLE_ACTION_PLUGINS": str(plugins),
        "ANSIBLE_LIBRARY": str(plugins),
        "ANSIBLE_ANY_ERRORS_FATAL": "True",
        "ANSIBLE_TASK_TIMEOUT": "1",
        "ANSIBLE_DISPLAY_OK_HOSTS": "False",
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "False",
        "ANSIBLE_DISPLAY_FAILED_STDERR": "True",
        "ANSIBLE_VERBOSE_TO_STDERR": "True",
        "ANSIBLE_KEEP_REMOTE_FILES": "True",
        "ANSIBLE_EXECUTABLE": "/bin/false",
        "ANSIBLE_FORCE_COLOR": "True",
        "ANSIBLE_ROLES_PATH": str(plugins),
        "ANSIBLE_INVENTORY": "/no/such/inventory",
    }
    for variable, value in settings.items():
        monkeypatch.setenv(variable, value)
    name = playbook(
        f"    - name: Ask\n      ansible.builtin.raw: sleep 1.5; echo '{GUARD_LINE}'\n"
        "    - name: Fail on one\n      ansible.builtin.raw: test {{ answer }} = one\n"
    )
    with AnsibleChannel(local) as channel:
        outcome = channel.run(name, ["a", "b"])
    assert [host.state for host in outcome.per_host.values()] == ["ok", "failed"]
    assert all(host.answer(PreflightFacts) for host in outcome.per_host.values())


def test_secrets_of_the_environment_are_on_no_disk_and_not_in_the_children(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setenv("KAFKA_PASSWORD", "open-sesame")
    monkeypatch.setenv("DB_TOKEN", "open-sesame")
    monkeypatch.setenv("CHAOS_RUNNER_NOTIFY_END", "slack://open-sesame/b/c")
    monkeypatch.setenv("DATABASE_URL", "postgres://ops:open-sesame@db/x")
    monkeypatch.setenv("https_proxy", "http://ops:shut-sesame@proxy:3128")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "shut-sesame")
    name = playbook(
        f"    - name: Look\n      ansible.builtin.raw: env > {tmp_path}/children; "
        f"grep -rls '[n]-sesame\\|[t]-sesame' {work} > {tmp_path}/found; true\n"
    )
    with AnsibleChannel(local, work) as channel:
        assert channel.run(name, ["a"]).per_host["a"].state == "ok"
    assert (tmp_path / "found").read_text() == ""
    children = (tmp_path / "children").read_text()
    assert "open-sesame" not in children
    assert "AWS_SECRET_ACCESS_KEY=shut-sesame" in children, "a way in may need it"
    assert "https_proxy=http://ops:shut-sesame@proxy:3128" in children, "so may it need this"
    with AnsibleChannel(replace(local, reads_environment=True), work) as channel:
        assert channel.run(name, ["a"]).per_host["a"].state == "ok"
    assert "KAFKA_PASSWORD=open-sesame" in (tmp_path / "children").read_text()
    assert (tmp_path / "found").read_text() == ""


def test_variables_where_the_users_playbooks_would_lie_are_read(
    local: Inventory, playbook: WritePlaybook, empty_home: Path
) -> None:
    (empty_home / "group_vars").mkdir()
    (empty_home / "group_vars" / "all.yml").write_text("word: adjacent\n", encoding="utf-8")
    name = playbook("    - name: Say\n      ansible.builtin.fail: {msg: '{{ word }}'}\n")
    with AnsibleChannel(local) as channel:
        assert channel.run(name, ["a"]).per_host["a"].message == "Say: adjacent"


# ansible-runner leaves two open files to the garbage collector when it is interrupted
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_that_ends_the_process_leaves_nothing(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    name = playbook(
        f"    - name: Wait\n      ansible.builtin.raw: touch {tmp_path}/on; sleep 35.5\n"
    )

    def end(number: int, _: object) -> NoReturn:
        raise SystemExit(128 + number)

    def signal_once_it_waits() -> None:
        wait_until((tmp_path / "on").exists, "the playbook waits")
        os.kill(os.getpid(), signal.SIGTERM)

    previous = signal.signal(signal.SIGTERM, end)
    sender = threading.Thread(target=signal_once_it_waits)
    try:
        sender.start()
        with AnsibleChannel(local, work) as channel, pytest.raises(SystemExit, match="143"):
            channel.run(name, ["a"])
    finally:
        signal.signal(signal.SIGTERM, previous)
        sender.join()
    assert _workers(work) == []
    assert list(work.iterdir()) == []


def test_a_closed_port_is_unreachable_in_one_sentence(
    server: SshServer, tmp_path: Path, playbook: WritePlaybook
) -> None:
    name = playbook("    - name: Say\n      ansible.builtin.raw: echo hello\n")
    inventory = by_ssh(server, tmp_path)
    server.close()
    with AnsibleChannel(inventory) as channel:
        outcome = channel.run(name, ["broker"]).per_host["broker"]
    assert outcome.state == "unreachable"
    assert "Connection refused" in outcome.message
    assert "\n" not in outcome.message


def test_the_users_ansible_cfg_is_honoured(
    server: SshServer, tmp_path: Path, playbook: WritePlaybook, empty_home: Path
) -> None:
    host = server.host()
    source = tmp_path / "bare.ini"
    source.write_text(f"broker ansible_host=127.0.0.1 ansible_port={server.port}\n")
    (empty_home / "ansible.cfg").write_text(
        f"[defaults]\nremote_user = {host.user}\nprivate_key_file = {host.private_key_file}\n"
        f"host_key_checking = False\n[ssh_connection]\nssh_args = {host.ssh_arguments} -F none\n",
        encoding="utf-8",
    )
    name = playbook("    - name: Say\n      ansible.builtin.raw: echo hello\n")
    inventory = read_inventory(source)
    assert inventory.hosts["broker"].user == host.user
    with AnsibleChannel(inventory) as channel:
        assert channel.run(name, ["broker"]).per_host["broker"].state == "ok"
        server.known_hosts.write_text("", encoding="utf-8")
        channel.close()
        assert channel.run(name, ["broker"]).per_host["broker"].state == "unreachable"


def test_outcome_is_json_safe_for_a_journal(local: Inventory, playbook: WritePlaybook) -> None:
    name = playbook(f"    - name: Ask\n      ansible.builtin.raw: echo '{GUARD_LINE}'\n")
    with AnsibleChannel(local) as channel:
        answer = channel.run(name, ["a"]).per_host["a"].answer(PreflightFacts)
    assert answer is not None
    assert json.loads(answer.model_dump_json())["capabilities"] == {"nft": True}
