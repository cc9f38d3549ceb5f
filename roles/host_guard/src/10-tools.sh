# --- small tools -------------------------------------------------------------------------------

look_at_clock() { # set now: whole seconds since the start, suspended ones too; nobody can set it
  # shellcheck disable=SC2046 # words
  read -r now _ </proc/uptime || { set -- $(cat /proc/self/stat) && now=$((${22} / 100)); } # when that began
  now=${now%%.*}
}

has() { command -v "$1" >/dev/null 2>&1; }
has_systemd() { [ -d /run/systemd/system ] && has systemctl; }
say() { [ -z "$1" ] || printf '%s\n' "$1"; }             # TEXT: print it, and nothing for nothing
sum_of() { # FILE...: set sum to their SHA-256
  if [ $# = 1 ]; then sum=$(sha256sum 2>/dev/null <"$1"); else sum=$(cat "$@" 2>/dev/null | sha256sum); fi
  sum=${sum%% *}
}
add_line() { lines="$lines${lines:+$NEWLINE}$1"; }       # LINE: to lines

problems=''
add_problem() { problems="$problems${problems:+$NEWLINE}$1"; } # LINE: what could not be looked at

is_root() {
  while read -r key _ uid _; do
    [ "$key" != Uid: ] || break
  done </proc/self/status
  [ "$uid" = 0 ]
}

need_root() { is_root || refuse "chaos-guard needs root" "let Ansible become root (sudo)"; }

is_running() { # CHILD: whether it has not ended; one that ended may not have been waited for yet
  read -r about 2>/dev/null <"/proc/$1/stat" || return 1
  case $about in *') Z '* | *') X '*) return 1 ;; esac
}

# limited SECONDS COMMAND...: let it work beside this shell, and leave it behind, with 124, when it
# takes longer. A process that waits for a broken disk cannot be killed, and must keep no lock.
limited() {
  look_at_clock
  give_up=$((now + $1 + 1))
  shift
  (
    exec 9>&- </dev/null >/dev/null 2>&1
    [ "${keep_fault_lock:-no}" = yes ] || exec 8>&-
    "$@"
  ) &
  child=$!
  pause=0.02 looks=6
  while is_running $child; do
    look_at_clock
    [ "$now" -lt "$give_up" ] || return 124
    # Most are done before a process that sleeps would have been started.
    [ $((looks -= 1)) -lt 0 ] || continue
    sleep $pause
    case $pause in 0.02) pause=0.05 ;; 0.05) pause=0.1 ;; *) pause=0.2 ;; esac
  done
  wait $child
}

make_work_directory() { [ -d "$WORK" ] || mkdir -p "$WORK" 2>/dev/null; }

# wait_for_lock DESCRIPTOR SECONDS: fail where another has it for longer; with a flock that does not work any more nothing
# waits. That of busybox cannot wait itself.
wait_for_lock() {
  look_at_clock
  give_up=$((now + $2))
  until flock -n "$1"; do
    [ $? = 1 ] || return 0
    look_at_clock
    [ "$now" -lt $give_up ] || return 1
    sleep 0.2
  done
}

take_lock() { # [SECONDS]: one verb at a time decides what is to be done on this host
  make_work_directory
  # Where /run is read-only or full, what is there can still be locked; where it is gone, nothing
  # is known in memory either, and no fault may wait for that.
  command exec 9>>"$WORK/lock" || command exec 9<"$WORK/lock" || command exec 9<"$WORK" || return 0
  wait_for_lock 9 "${1:-20}" || busy "another chaos-guard is at work on this host for more than ${1:-20} s"
} 2>/dev/null

release_lock() { exec 9>&-; }

# lock_fault FAULT SECONDS: one verb at a time changes a fault. Faults do not wait for each other.
# What a killed guard started still holds the lock, so nothing is undone while that goes on.
lock_fault() {
  find_place "$1"
  command exec 8<"$place" || return 0
  wait_for_lock 8 "$2"
} 2>/dev/null

unlock_fault() { exec 8>&-; }

check_name() { # WHAT VALUE: refuse what could leave the state directory or a command line
  case $2 in
    '' | *[!A-Za-z0-9_-]* | -*) refuse "$1 '$2' is not a name" "letters, digits, - and _" ;;
  esac
}

check_seconds() { # WHAT VALUE
  case $2 in
    '' | *[!0-9]* | ??????*) refuse "$1 '$2' is not a number of seconds" "whole seconds, at most 99999" ;;
  esac
}

