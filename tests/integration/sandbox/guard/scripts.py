"""Fault scripts that do to a sandbox what a test asks for, beside the one of a real role."""

from __future__ import annotations

from chaos_runner.fleet.commands import render_fault_script

PARTITION = render_fault_script("network_partition", {})

FILES = """
validate() { :; }
fingerprint_extra() { cat /usr/local/sbin/setting; }
baseline() { :; }
apply() { echo broken >/usr/local/sbin/setting; }
renew() { :; }
undo() { [ -e /usr/local/sbin/keep ] || echo right >/usr/local/sbin/setting; }
in_place() { grep -q broken /usr/local/sbin/setting; }
effect() { in_place; }
healed() { cat /usr/local/sbin/setting; }
"""
"""Changes a file; puts it back unless there is a file `keep`. Both lie where nothing breaks."""


def with_function(name: str, body: str) -> str:
    """Return the script that changes a file, with one function replaced or added."""
    return f"{FILES}{name}() {{ {body}; }}\n"
