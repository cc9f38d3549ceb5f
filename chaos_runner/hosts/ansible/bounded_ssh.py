"""Run ssh for Ansible, and end it when the host says more than any honest answer holds.

Ansible keeps all that a host prints, and hands it on several times over. So the limit stands where
the host's words come in: `python bounded_ssh.py MOST SSH ARGUMENTS...` becomes ssh itself (its
process, its status, its signals), with another process behind it that passes at most MOST bytes on.
It is started as a file, by itself: it imports nothing of the package.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Sequence

TOO_MUCH = "the host says more than "
"""How the line begins that is put on the standard error of an ssh that was ended."""
_CHUNK = 65_536
_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL


def become_ssh(command: Sequence[str], most: int) -> None:
    """Replace this process by ssh, whose outputs pass through one that counts."""
    ssh = os.pidfd_open(os.getpid())
    output, output_of_ssh = os.pipe()
    errors, errors_of_ssh = os.pipe()
    if os.fork() == 0:
        _leave_open(output, errors, ssh)
        pass_on({output: 1, errors: 2}, most, ssh)
        os._exit(0)
    os.dup2(output_of_ssh, 1)
    os.dup2(errors_of_ssh, 2)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and ssh would go on to
    os.execvp(command[0], list(command))  # noqa: S606  # an argument list, as everywhere


def pass_on(ways: dict[int, int], most: int, ssh: int) -> None:
    """Copy from each descriptor to its other one, until all is said or more than `most` bytes.

    `ssh` is the pidfd of the process that is ended then. Whoever listens may leave at any time.
    """
    ways = dict(ways)
    said = 0
    looking = select.poll()
    for source, target in ways.items():
        looking.register(source, select.POLLIN)
        looking.register(target, 0)
    while ways:
        ready = dict(looking.poll())
        if any(ready.get(target, 0) & _GONE for target in ways.values()):
            return
        for source in [source for source in ways if source in ready]:
            data = os.read(source, _CHUNK)
            target = ways[source]
            said += len(data)
            if said > most:
                _end(ssh, most, ways)
                return
            if data:
                _write(target, data)
            else:
                looking.unregister(source)
                looking.unregister(target)
                del ways[source]
                os.close(target)


def _end(ssh: int, most: int, ways: dict[int, int]) -> None:
    words = f"\n{TOO_MUCH}{most // 1024} KiB, so it is not listened to any more\n"
    if 2 in ways.values():
        _write(2, words.encode())
    try:
        signal.pidfd_send_signal(ssh, signal.SIGKILL)  # at SIGTERM it says `unreachable`
    except ProcessLookupError:
        return


def _write(target: int, data: bytes) -> None:
    while data:
        data = data[os.write(target, data) :]


def _leave_open(*descriptors: int) -> None:
    """Close everything else but the outputs: what others wait for must not stay open here."""
    kept = sorted({1, 2, *descriptors})
    for low, high in zip([-1, *kept], [*kept, 4096], strict=True):
        os.closerange(low + 1, high)


if __name__ == "__main__":
    become_ssh(sys.argv[2:], int(sys.argv[1]))
