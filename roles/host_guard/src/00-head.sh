#!/bin/sh
# chaos-guard: puts a fault on this host for a bounded time and takes it back, whatever dies.
#
# One sh program (POSIX and `local`, as dash, busybox and bash have it), without Python: taking back needs only a shell. It runs
# installed, or from `sh -s -- VERB` on a host where it is not. Each verb answers in one line
# of JSON on stdout. See roles/host_guard/README.md for verbs and for what a fault script defines.
# It starts as few processes as it can: on a slow or starved host each one costs time that counts.
# fault.sh is sourced, and uses what is set here; `limited` and the fault scripts call functions.
# shellcheck disable=SC1090,SC1091,SC2034,SC2154,SC2329,SC3043
set -u +efC # a user's SHELLOPTS may have set the others
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
SYSTEMD_COLORS=0 SYSTEMD_URLIFY=0 # what is compared looks the same in a session and in a unit
export LC_ALL PATH SYSTEMD_COLORS SYSTEMD_URLIFY
unset SYSTEMD_LOG_LEVEL SYSTEMD_LOG_TARGET POSIXLY_CORRECT nft_said ipset_said tc_said listed netem
umask 077
# Where the shell keeps here-documents (bash before 5.1, and mksh, in files): where there is room.
for TMPDIR in /run /dev/shm /tmp /var/tmp; do
  true 2>/dev/null <<ROOM && break
room
ROOM
done
# Neither a connection that breaks nor a limit on the size of files ends a roll-back half way, nor the verb before it disarms.
trap '' HUP INT PIPE XFSZ

VERSION=3
INSTALLED=/usr/local/sbin/chaos-guard
CONSENT=/etc/chaos-consent.yml
BOOT_UNIT=/etc/systemd/system/chaos-guard-boot.service
# On disk: outlives a restart, but may be full, read-only or stalled.
STATE=/var/lib/chaos-runner
# In memory: all that is needed to take a fault back is kept here, too.
WORK=/run/chaos-runner
DISK_LIMIT=10   # seconds that one write to a disk may take before it counts as stalled
LOOK_LIMIT=2    # seconds for a last look at a fault, before its undo
UNDO_LIMIT=40   # seconds for the undo of one fault; then it goes on by itself
# Seconds an answer waits for a host on its way back, then "pending".
RETURN_LIMIT=40
SETTLE_LIMIT=60 # the same for watchdog, timer and boot unit, to whom nobody listens
MOST_LINES=200  # of a list in an answer
NEWLINE='
'

token=''
if [ "${1:-}" = --token ]; then
  case ${2:-} in *[!A-Za-z0-9_-]*) ;; *) token=${2:-} ;; esac
  shift
  [ $# -eq 0 ] || shift
fi
verb=${1:-}

