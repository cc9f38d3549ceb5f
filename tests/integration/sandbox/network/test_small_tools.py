"""Hosts whose tools know less than those of Debian, as busybox's do."""

from __future__ import annotations

from tests.integration.sandbox.network.two_cards import TwoCards

# What busybox 1.35 does not know.
_FIND = """#!/bin/sh
for word; do
  case $word in -delete | -printf) echo "find: unrecognized: $word" >&2 && exit 1 ;; esac
done
exec /usr/bin/find "$@"
"""
_DATE = """#!/bin/sh
case $1 in
  *.%N) echo "$(/usr/bin/date "${1%.%N}").%N" ;;
  *) exec /usr/bin/date "$@" ;;
esac
"""


def test_a_clock_of_whole_seconds_is_read(host: TwoCards) -> None:
    host.program("date", _DATE)
    assert host.run(["date", "+%s.%N"]).endswith(".%N\n")
    epoch = host.preflight()["epoch"]
    assert isinstance(epoch, float)
    assert epoch.is_integer()


def test_a_directory_of_files_is_removed(host: TwoCards) -> None:
    host.program("find", _FIND)
    host.run(["mount", "-o", "remount,nr_inodes=3000", "/usr/local/sbin"])
    answer = host.inject("inode_fill", {"path": "/usr/local/sbin", "left": 8})
    assert answer["effect"] is True, answer
    host.revert()
    assert ".chaos" not in host.run(["ls", "-A", "/usr/local/sbin"])
