# --- the ladder: timer at the cap, watchdog on the lease ---------------------------------------

TICK=15 # seconds between two looks of the cap timer

copy_of_guard() { # VERB: print the command by which a unit calls the guard for the fault
  # A guard that was damaged or taken away meanwhile keeps no fault on: there is a copy in memory.
  # Without a semicolon: systemd 252 puts a backslash before it when it reads the unit again after
  # a daemon-reload.
  echo "[ -s $WORK/$fault/chaos-guard ] && exec sh $WORK/$fault/chaos-guard $1 $fault ||" \
    "exec sh $INSTALLED $1 $fault"
}

# A SIGTERM, which earlyoom sends first, is no failure to systemd; `systemctl isolate` stops what no target wants.
start_fail_safe() { # NAME COMMAND OPTIONS OF systemd-run...
  stays='-p RestartForceExitStatus=SIGTERM -p IgnoreOnIsolate=yes'
  [ "$1" = watch ] || stays="$stays --timer-property=IgnoreOnIsolate=yes"
  # An old systemd does not take all of that.
  run_fail_safe "$@" || { stays='' && run_fail_safe "$@"; }
}

run_fail_safe() { # the same
  unit=$1 command=$2
  shift 2
  # shellcheck disable=SC2086 # words
  systemd-run --quiet --collect --unit="chaos-$fault-$unit" -p Restart=on-failure -p RestartSec=1 \
    -p StartLimitIntervalSec=0 $stays -p OOMScoreAdjust=-900 "$@" /bin/sh -c "$command"
}

arm_ladder() {
  if ! has_systemd; then
    (exec 8>&- 9>&- && exec setsid sh "$state/chaos-guard" watch "$fault" </dev/null >/dev/null 2>&1) &
    watchdog=$!
    note "watchdog $watchdog"
    return
  fi
  # The deadlines count suspended time, and no timer of systemd does. So the timer only makes the
  # guard look at the clock, again and again. --on-unit-inactive counts from a moment that systemd
  # keeps over a daemon-reload, while --on-active starts anew.
  start_fail_safe cap "$(copy_of_guard cap)" --on-startup=0 --on-unit-inactive=${TICK}s \
    --timer-property=AccuracySec=100ms -p LogLevelMax=notice &&
    start_fail_safe watch "$(copy_of_guard watch)"
}

is_armed() {
  if ! has_systemd; then
    is_watchdog "$watchdog"
    return
  fi
  [ "$(systemctl is-active "chaos-$fault-cap.timer" "chaos-$fault-watch.service")" = "active
active" ]
}

is_watchdog() { # PROCESS: whether it is the watchdog of this fault; it is setsid for a moment
  case $(tr '\0' ' ' 2>/dev/null <"/proc/${1:-0}/cmdline") in *" watch $fault ") return 0 ;; *) return 1 ;; esac
}

disarm() { # last of all: one of these may be the unit this runs in
  if has_systemd; then
    systemctl stop --no-block "chaos-$fault-cap.timer" "chaos-$fault-watch.service" 2>/dev/null || :
  elif [ -n "$watchdog" ] && [ "$watchdog" != $$ ] && is_watchdog "$watchdog"; then
    kill "$watchdog"
  fi
}

