"""The embedded fleet: real Debian hosts with real Kafka, in a network namespace of their own.

`chaos_runner.lab.lab` brings a lab up, tells its state and takes it down;
`chaos_runner.lab.namespace.enter` moves a process to where the hosts can be reached.
"""
