"""The environment in which Ansible's programs run: the user's own, and ours over it.

What says how hosts are reached stays as the user has it (environment, ansible.cfg). What would
change what our plays do, or how their results are read, is set back to Ansible's defaults.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from chaos_runner.content import content_directory

_SUDO_TIMEOUT = 60
"""Seconds Ansible waits for sudo: a host under load needs more than the 10 it has for connecting.

Ansible knows one timeout for both; ssh's own ConnectTimeout comes first and keeps the 10.
"""
_ALWAYS_THERE = "/tmp"  # noqa: S108
"""Ansible makes a directory of its own there, readable by its user alone."""
_SYSTEM_PLUGINS = Path("/usr/share/ansible/plugins")
_SECRET_NAME = re.compile(
    r"PASS|PWD$|SECRET|TOKEN|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE|JAAS|SASL|WEBHOOK|"
    r"^CHAOS_RUNNER_NOTIFY",
    re.IGNORECASE,
)
_WITH_PASSWORD = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/@\s]*:[^/@\s]+@")
"""An address that has a user and a password in it."""
_PROXY = re.compile(r"PROXY$", re.IGNORECASE)
_WAYS_IN = re.compile(
    r"ANSIBLE_|SSH_|AWS_|AZURE_|ARM_|GOOGLE_|GCP_|GCE_|CLOUDSDK_|OS_|VAULT_|TELEPORT_|TSH_|"
    r"PASSWORD_STORE_|OP_|BW_"
)
"""Families of variables that clouds, bastions and password stores are asked with."""


def virtual_environment_path() -> str:
    """Return a PATH on which Ansible's programs of this very installation come first.

    The command may be started without its virtual environment being active.
    """
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"


def quiet_environment() -> dict[str, str]:
    """Return what makes any of Ansible's programs answer plainly, without asking or disturbance.

    LC_ALL, because Ansible refuses to start in a locale that is not UTF-8, and its output is
    read. Tags of the user's would leave out our tasks, another strategy or a debugger would wait
    for a person, a plugin called `raw` would stand in for Ansible's, a callback would print amid
    ours. An empty list of paths is no way to say none: that is the current directory.
    """
    return {
        "PATH": virtual_environment_path(),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_FORCE_COLOR": "0",
        "ANSIBLE_NOCOWS": "1",
        "ANSIBLE_VERBOSITY": "0",
        "ANSIBLE_DEBUG": "False",
        "ANSIBLE_DISPLAY_TRACEBACK": "never",
        "ANSIBLE_DEPRECATION_WARNINGS": "False",
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_ASK_PASS": "False",
        "ANSIBLE_ASK_VAULT_PASS": "False",
        "ANSIBLE_BECOME_ASK_PASS": "False",
        "ANSIBLE_HOST_PATTERN_MISMATCH": "warning",
        "ANSIBLE_STDOUT_CALLBACK": "default",
        "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.default",  # an empty list is an error
        "ANSIBLE_CALLBACK_PLUGINS": str(_SYSTEM_PLUGINS / "callback"),
        "ANSIBLE_ACTION_PLUGINS": str(_SYSTEM_PLUGINS / "action"),
        "ANSIBLE_STRATEGY_PLUGINS": str(_SYSTEM_PLUGINS / "strategy"),
        "ANSIBLE_LIBRARY": str(_SYSTEM_PLUGINS / "modules"),
        "ANSIBLE_MODULE_UTILS": str(_SYSTEM_PLUGINS / "module_utils"),
        "ANSIBLE_ROLES_PATH": str(content_directory("roles")),
        "ANSIBLE_STRATEGY": "ansible.builtin.linear",
        "ANSIBLE_ENABLE_TASK_DEBUGGER": "False",
        "ANSIBLE_ANY_ERRORS_FATAL": "False",
        "ANSIBLE_FORCE_HANDLERS": "False",
        "ANSIBLE_RUN_TAGS": "all",
        "ANSIBLE_SKIP_TAGS": "",
        "ANSIBLE_TASK_TIMEOUT": "0",
        "ANSIBLE_KEEP_REMOTE_FILES": "False",
        "ANSIBLE_EXECUTABLE": "/bin/sh",
        "ANSIBLE_GATHERING": "explicit",
        "ANSIBLE_DIFF_ALWAYS": "False",
        "ANSIBLE_DISPLAY_OK_HOSTS": "True",
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "True",
        "ANSIBLE_DISPLAY_FAILED_STDERR": "False",
        "ANSIBLE_VERBOSE_TO_STDERR": "False",
        "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "False",
        "ANSIBLE_NO_LOG": "False",
        "ANSIBLE_SHOW_CUSTOM_STATS": "False",
        **_place_for_files(),
    }


def _place_for_files() -> dict[str, str]:
    """Return where Ansible may keep files for a moment; nothing where its own choice is usable.

    The home directory may be full, read-only or missing, and taking back must not depend on it.
    """
    home = Path(os.environ.get("ANSIBLE_HOME") or "~/.ansible")
    try:
        place = home.expanduser() / "tmp"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        Path(tempfile.mkdtemp(dir=place)).rmdir()
    except (OSError, RuntimeError):  # RuntimeError: nobody knows the home directory
        return {"ANSIBLE_LOCAL_TEMP": _ALWAYS_THERE}
    return {}


def playbook_environment(roles: Path) -> dict[str, str]:
    """Return what a run of one of the package's playbooks has over the user's environment.

    `roles` is where all its roles lie, those of other packages among them.
    """
    return quiet_environment() | {
        "ANSIBLE_ROLES_PATH": str(roles),
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_TIMEOUT": str(_SUDO_TIMEOUT),
    }


def needed_of(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the secrets that a way to a host does not need.

    A program that is asked for hosts or passwords on the way (a cloud's, a bastion's) finds its
    own family of variables; a password for Kafka is nothing to Ansible and its children.
    """
    return {
        name: value
        for name, value in environment.items()
        if _WAYS_IN.match(name) or not _is_secret(name, value)
    }


def _is_secret(name: str, value: str) -> bool:
    if _SECRET_NAME.search(name):
        return True
    return _WITH_PASSWORD.search(value) is not None and not _PROXY.search(name)
