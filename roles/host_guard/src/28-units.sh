# --- systemd: units of ours, and drop-ins -----------------------------------------------------------

# start_unit NAME [OPTION OF systemd-run]... -- COMMAND...: run it beside the fault as chaos-FAULT-NAME, in
# a control group of its own and at the longest until the cap; without systemd as a process
start_unit() {
  local unit="chaos-$fault-$1.service" seconds
  shift
  look_at_clock
  seconds=$((${cap:-0} - now))
  [ "$seconds" -gt 0 ] && made unit "$unit" || return
  if has_systemd; then
    systemd-run --quiet --collect --unit="$unit" -p RuntimeMaxSec="$seconds" \
      -p TimeoutStopSec=5 -p KillMode=control-group "$@"
    return
  fi
  while [ "$1" != -- ]; do shift; done
  shift
  (
    exec 8>&- 9>&-
    # By which it and its children are known.
    export CHAOS_UNIT="$unit"
    exec setsid timeout -s KILL "$seconds" "$@" </dev/null >/dev/null 2>&1
  ) &
}

unit_is_left() { # UNIT OF OURS
  if has_systemd; then unit_is_up "$1"; else [ -n "$(processes_marked "$1")" ]; fi
}

unit_take_away() { # UNIT OF OURS
  local process tries=0
  if has_systemd; then
    ! unit_is_up "$1" || systemctl stop -- "$1" || return
    systemctl reset-failed -- "$1" 2>/dev/null || :
    return
  fi
  while [ "$tries" -lt 50 ] && unit_is_left "$1"; do
    tries=$((tries + 1))
    for process in $(processes_marked "$1"); do kill -KILL "$process" 2>/dev/null || :; done
    sleep 0.1
  done
  ! unit_is_left "$1"
}

marked_units() { # print, where there is no systemd, the units of ours as systemctl lists them
  local process
  for process in $(processes_marked chaos-); do
    tr '\0' '\n' 2>/dev/null <"/proc/$process/environ" | sed -n 's/^CHAOS_UNIT=\(chaos-.*\)/\1 loaded active running/p'
  done
}

processes_marked() { # UNIT OF OURS: print its processes, where there is no systemd
  local found
  found=$(grep -lsF "CHAOS_UNIT=$1" /proc/[0-9]*/environ 2>/dev/null)
  [ -z "$found" ] || say "$found" | sed 's|^/proc/||; s|/.*||' | in_this_network
}

in_this_network() { # leave out of the processes on stdin those of containers, which have their own
  local here='' process
  while read -r process; do
    here=${here:-$(readlink /proc/self/ns/net)}
    [ "$(readlink "/proc/$process/ns/net")" != "$here" ] || echo "$process"
  done
}

drop_in() { # UNIT: what is on stdin overrides the settings of the unit, as soon as systemd has read it
  local file="/run/systemd/system/$1.d/90-chaos-$fault.conf"
  made drop_in "$file" && mkdir -p "${file%/*}" && cat >"$file" && chmod 644 "$file" && systemctl daemon-reload
}

# Have systemd put in force what it has read of a unit's limits: from version 257 on a daemon-reload alone does not,
# while the start of anything in the same slice does.
put_limits_in_force() { # UNIT
  systemd-run --quiet --collect --slice="$(systemctl show --value -p Slice -- "$1")" -p RuntimeMaxSec=5 -- true
}

drop_in_is_left() { [ -e "$1" ]; }
drop_in_take_away() { # PATH
  [ -e "$1" ] || return 0
  rm -f -- "$1" && { rmdir -- "${1%/*}" 2>/dev/null || :; } && systemctl daemon-reload
}

# --- units of others --------------------------------------------------------------------------------

unit_is_active() { systemctl is-active -q -- "$1"; } # UNIT
unit_is_up() { # UNIT: whether anything of it still runs, or is about to
  case $(systemctl is-active -- "$1") in inactive | failed | unknown) return 1 ;; *) return 0 ;; esac
}

control_group_of() { # UNIT [CONTROLLER]: print the directory of its control group, of cgroup v2 or of a controller of v1
  local group at
  group=$(systemctl show --value -p ControlGroup -- "$1") && [ -n "$group" ] || return
  for at in /sys/fs/cgroup ${2:+"/sys/fs/cgroup/$2"} /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
    if [ -e "$at$group/cgroup.procs" ]; then echo "$at$group" && return; fi
  done
  return 1
}

processes_of() { # UNIT: print its processes
  local group
  group=$(control_group_of "$1") && find "$group" -name cgroup.procs -exec cat {} +
}
