"""What a fault script runs on a host, recorded: its tools are stand-ins that write down each call.

The host guard's own functions are real, but for the clock and what writes drop-ins and settings.
Nothing of the machine is touched: beside the stand-ins a script finds only programs that turn text
into text.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from chaos_runner.content import content_directory

DATA = "/var/lib/kafka"
"""A directory for a script's own files: another one takes its place."""

_STAND_INS = (
    *("nft", "tc", "ip", "ipset", "systemctl", "systemd-run", "ping", "sleep"),
    *("date", "df", "fallocate", "find", "fsfreeze", "readlink", "timeout"),
    *(f"{tool}{part}" for tool in ("iptables", "ip6tables") for part in ("", "-save", "-restore")),
)
_TEXT_TOOLS = (
    *("sh", "awk", "cat", "cut", "grep", "head", "mkdir", "mv", "paste", "rm", "sed", "sort"),
    *("stat", "tail", "tr", "wc"),
)
_MAIN = "\n{\n\t[ $# -gt 0 ] && shift\n"

_STAND_IN = r"""#!/bin/sh
name=${0##*/}
is_down() { grep -E '^systemctl (stop|kill)' "$RECORD" | grep -qF "$1"; } # UNIT
value_of() { # PROPERTY UNIT
  case $1 in
    Id | Names) echo "$2" ;;
    ActiveState) if is_down "$2"; then echo inactive; else echo active; fi ;;
    SubState) echo running ;;
    Transient | Restart) echo no ;;
    MainPID) if is_down "$2"; then echo 0; else echo 4194305; fi ;; # more than any process has
    ActiveEnterTimestampMonotonic) echo 5000000 ;;
    *) echo ;;
  esac
}
show() {
  prefix=yes asked=''
  while [ $# -gt 0 ]; do
    case $1 in
      --value) prefix=no ;;
      -p) asked="$asked $2" && shift ;;
      --) shift && break ;;
    esac
    shift
  done
  for unit; do
    for property in $asked; do
      [ $prefix = no ] || printf '%s=' "$property"
      value_of "$property" "$unit"
    done
    [ $prefix = no ] || echo
  done
}
case "$name $*" in
  'nft list tables netdev') sed -n 's/^ *add \(table netdev .*\)/\1/p' "$RECORD" && exit ;;
  'nft list'* | 'nft -s list'* | 'ip link show'* | 'sleep 0.'* | 'systemctl list-jobs'*) exit 0 ;;
  'ip -o -force -batch -') sed 's/.*/192.0.2.7 dev eth1 src 192.0.2.2/' && exit ;;
  'ip -o route get'*) echo "192.0.2.7 dev eth1 src 192.0.2.2" && exit ;;
  'ip -o address show to 192.0.2.1') echo '3: eth1    inet 192.0.2.1/24' && exit ;;
  'ip link add '* | 'ip link set '* | 'ip link del '*) ;;
  'ip '*) exit 0 ;;
  'ping '* | 'timeout '[0-9]' '*) exit 1 ;; # only looks are so short
  'date +'*) echo 1700000000.25 && exit ;;
  'df -Pi '*)
    echo 'Filesystem Inodes IUsed IFree IUse% Mounted on'
    echo '/dev/vdb 100000 200 99800 1% /data'
    exit ;;
  'df '*)
    echo 'Filesystem 1024-blocks Used Available Capacity Mounted on'
    echo '/dev/vdb 1000000 200000 750000 22% /data'
    exit ;;
  'find '* | 'readlink '*) exit 0 ;; # no process of this machine
  'tc qdisc show dev '*)
    if grep -q "dev $4 root" "$RECORD"; then echo 'qdisc prio c4a0: root refcnt 2'
    else echo 'qdisc fq_codel 0: root refcnt 2'
    fi
    exit ;;
  'tc qdisc show'*) echo 'qdisc prio c4a0: root refcnt 2' && exit ;;
  *tables-save*) printf ':CHAOS_%s_f_1 - [0:0]\n' I O && exit ;;
  'ipset list'*) printf 'chaos_f_1%s\n' 4 6 && exit ;;
  *'tables -w 5 -C '*) ! grep -qF "$name -w 5 -D ${*#-w 5 -C }" "$RECORD" && exit 0 || exit 1 ;;
  'systemctl show '*) shift && show "$@" && exit ;;
  'systemctl is-active '*) shift $(($# - 1)) && value_of ActiveState "$1" && exit ;;
  'systemctl list-units'*)
    for unit in chrony.service kafka.service nginx.service getty@tty1.service \
      'export@srv\x2ddata.service'; do
      is_down "$unit" || printf '%s loaded active running A service\n' "$unit"
    done
    exit ;;
esac
{
  printf '%s' "$name"
  for word; do
    case $word in
      *[!-A-Za-z0-9_./:,=@]* | '') printf " '%s'" "$word" ;;
      *) printf ' %s' "$word" ;;
    esac
  done
  echo
  case "$name $*" in 'nft -f -' | *-restore* | 'ipset '*restore) cat ;; esac
} >>"$RECORD"
"""
_DRIVER = """
PATH=$BIN WORK=$PLACE STATE=$PLACE disk=silent
fault=f_1 table=chaos_f_1 run=r1 ttl=30 cap=99999999 device=eth0 ssh_port=22 controller=192.0.2.99
has_nft=yes has_iptables=yes has_ipset=yes path_problem=''
spared='192.0.2.53 udp 53 name server
'
read -r boot_id </proc/sys/kernel/random/boot_id
has_systemd() { :; }
can_netem() { :; }
look_at_clock() { now=1000; }
drop_in() {
  made drop_in "/run/systemd/system/$1.d/90-chaos-$fault.conf" || return
  { echo "write $1.d/90-chaos-$fault.conf" && cat; } >>"$RECORD" && systemctl daemon-reload
}
set_value() { echo "set $1 to $2" >>"$RECORD"; }
drop_in_take_away() {
  echo "remove ${1#/run/systemd/system/}" >>"$RECORD" && systemctl daemon-reload
}
state=$PLACE/f_1
mkdir "$state"
true >"$RECORD"
. "$SCRIPT"
baseline >"$state/baseline"
for step in apply renew undo take_away_made; do
  printf '\\n# %s\\n' "$step" >>"$RECORD"
  ( $step ) || printf '(failed)\\n' >>"$RECORD"
done
"""


def recorded(script: str, place: Path) -> str:
    """Return the commands of apply, renew, undo and of taking away what is registered.

    `place` is an empty directory.
    """
    programs = place / "bin"
    programs.mkdir()
    for name in _STAND_INS:
        (programs / name).write_text(_STAND_IN, encoding="utf-8")
        (programs / name).chmod(0o755)
    for name in _TEXT_TOOLS:
        found = shutil.which(name)
        assert found, name
        (programs / name).symlink_to(found)
    guard = content_directory("roles") / "host_guard" / "files" / "chaos-guard"
    functions, main, _ = guard.read_text(encoding="utf-8").partition(_MAIN)
    assert main
    (place / "program").write_text(functions + _DRIVER, encoding="utf-8")
    data = place / "data"
    data.mkdir()
    (place / "uptime").write_text("1000.00 2000.00\n", encoding="utf-8")
    script = script.replace(DATA, str(data)).replace("/proc/uptime", str(place / "uptime"))
    (place / "fault.sh").write_text(script, encoding="utf-8")
    done = subprocess.run(
        ["/bin/sh", str(place / "program")],
        env={
            "BIN": str(programs),
            "PLACE": str(place),
            "SCRIPT": str(place / "fault.sh"),
            "RECORD": str(place / "record"),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert not done.stderr, done.stderr
    record = (place / "record").read_text(encoding="utf-8")
    record = record.replace(str(data), DATA).replace(str(programs), "PATH")
    return record.replace(str(place), "WORK").lstrip("\n")
