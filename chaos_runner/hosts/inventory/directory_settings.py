"""What the ansible.cfg of the current directory may say without having been named.

Ansible reads the file because it lies there, and it may have come with what lies around it (a
clone, an unpacked archive). So it may say how hosts are reached, and nothing that starts a
program; naming the file in ANSIBLE_CONFIG makes it the user's own words.
"""

from __future__ import annotations

import configparser
import os
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from chaos_runner.errors import RefusedError, UsageError
from chaos_runner.files import read_limited
from chaos_runner.hosts.ssh.allowed_arguments import reaching_further
from chaos_runner.own_place import refuse_unless_own

CONFIGURATION = "ansible.cfg"
_PLUGINS = "shell_plugins"
"""A directory that Ansible loads code from wherever it is started, by no setting at all."""

_HOW_TO_REACH = """
become become_ask_pass become_method become_user become_flags become_allow_same_user
command_warnings control_path control_path_dir deprecation_warnings forks hash_behaviour
host_key_checking interpreter_python inventory nocolor pipelining private_key_file remote_port
remote_tmp remote_user retries retry_files_enabled scp_if_ssh sftp_batch_mode system_warnings
timeout transfer_method transport usetty
"""
_SET_BACK = """
action_plugins any_errors_fatal ask_pass ask_vault_pass bin_ansible_callbacks callback_enabled
callback_plugins callback_whitelist callbacks_enabled debug display_args_to_stdout
display_failed_stderr display_ok_hosts display_skipped_hosts enable_task_debugger executable
force_color force_handlers gather_subset gathering keep_remote_files library localhost_warning
module_utils no_log nocows roles_path show_custom_stats stdout_callback strategy
strategy_plugins task_timeout verbosity verbose_to_stderr
"""
"""Settings that ansible_environment overrides, so that they change nothing here."""
_ALLOWED = frozenset((_HOW_TO_REACH + _SET_BACK).split())
_SSH_ARGUMENTS = frozenset({"ssh_args", "ssh_common_args", "ssh_extra_args"})
_PASSWORD_FILES = frozenset(
    {"vault_password_file", "become_password_file", "connection_password_file"}
)
_SECTIONS = frozenset(
    {"defaults", "ssh_connection", "connection", "privilege_escalation", "diff", "colors"}
)


def refuse_foreign_settings(environment: Mapping[str, str] | None = None) -> None:
    """Raise RefusedError, naming each setting, when the directory's ansible.cfg starts programs.

    The same where the directory is not the user's own, and UsageError where it cannot be read.
    """
    environment = os.environ if environment is None else environment
    if (plugins := Path.cwd() / _PLUGINS).exists() and not environment.get("ANSIBLE_PLAYBOOK_DIR"):
        raise RefusedError(
            f"Ansible would run what lies in {plugins}; nothing was done",
            "start in another directory; or, if it is as you want, name its place: "
            "export ANSIBLE_PLAYBOOK_DIR=$PWD",
        )
    file = Path.cwd() / CONFIGURATION
    if environment.get("ANSIBLE_CONFIG") or not file.exists():
        return
    instead = f"name it: export ANSIBLE_CONFIG={shlex.quote(str(file))}"
    refuse_unless_own(file, instead)
    programs = list(_programs_in(_read(file)))
    if programs:
        raise RefusedError(
            f"{file} says more than how hosts are reached; nothing was done:\n  "
            + "\n  ".join(programs),
            f"it is read because it lies there; if these lines are as you want, {instead}",
        )


def _read(file: Path) -> configparser.ConfigParser:
    """Read it with the parser that Ansible has."""
    parser = configparser.ConfigParser(inline_comment_prefixes=(";",), interpolation=None)
    try:
        parser.read_string(read_limited(file).decode("utf-8"))
    except (OSError, UnicodeError, configparser.Error) as error:
        raise UsageError(f"{file} cannot be read: {error}".replace("\n", " ")) from error
    return parser


def _programs_in(parser: configparser.ConfigParser) -> Iterator[str]:
    for section in parser.sections():
        for key, value in parser.items(section):
            yield from (f"[{section}] {key} = {what}" for what in _reaching(section, key, value))


def _reaching(section: str, key: str, value: str) -> Iterator[str]:
    """Yield what of a setting may start a program or load code."""
    if section in ("colors", "diff"):
        return
    if section not in _SECTIONS:
        yield value
    elif key in _SSH_ARGUMENTS:
        yield from reaching_further(value)
    elif key in _PASSWORD_FILES:
        if os.access(Path(value).expanduser(), os.X_OK):
            yield f"{value} (it is a program)"
    elif key not in _ALLOWED:
        yield value
