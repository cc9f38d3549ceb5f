"""The embedded fleet: real Debian hosts with real Kafka, in a network namespace of their own.

`chaos_runner.lab.lifecycle.lab` brings a lab up, tells its state and takes it down;
`chaos_runner.lab.namespace.enter` moves a process to where the hosts can be reached.
"""

from __future__ import annotations

DEFAULT_NAME = "chaos-lab"
"""The name of the lab where nothing names another."""
