# --- the record of a fault ----------------------------------------------------------------------
# A directory with the fault's script, the fingerprint from before, and a journal: lines of KEY
# VALUE, appended; the last one of a key counts. It is kept twice. In memory is what the guard works
# with, so that no disk can stand in the way of taking back. On disk is what a restart needs.

disk=unseen # known: it answers; silent: it does not, and must not be touched from this shell
see_disk() { # learn whether the disk answers
  [ $disk = unseen ] || return 0
  disk=silent
  limited $DISK_LIMIT read_records
  case $? in
    124) add_problem "the disk under $STATE does not answer" ;;
    *) disk=known ;;
  esac
}

read_records() {
  for file in "$STATE"/* "$STATE"/*/*; do
    [ ! -f "$file" ] || read -r _ <"$file"
  done
}

keep_on_disk() { # FILE...: these only; a flush of whole file systems costs a broker its page cache
  sync -d "$@" 2>/dev/null && return
  for file in "$@"; do # a sync that knows no files
    [ -d "$file" ] || dd if=/dev/null of="$file" oflag=append conv=notrunc,fsync || return
  done
}

# keep NAME: stdin under that name in $state, for a fault's script: in memory, so that its undo needs
# no disk, and on disk for a restart
keep() {
  ( cat >"$WORK/$fault/$1.new" && mv "$WORK/$fault/$1.new" "$WORK/$fault/$1" ) || return
  [ "$state" = "$WORK/$fault" ] || limited "$DISK_LIMIT" keep_copy "$1"
}

keep_copy() { # NAME
  cp "$WORK/$fault/$1" "$state/$1.new" && keep_on_disk "$state/$1.new" && mv "$state/$1.new" "$state/$1"
}

find_place() { # FAULT: set place: where its record is, and can be written
  place=$WORK/$1
  [ $disk = silent ] || true 2>/dev/null >>"$place/journal" || place=$STATE/$1
}

note() { # LINES: add them to the journal; a torn line before them does no harm
  if [ "$state" = "$STATE/$fault" ]; then
    limited $DISK_LIMIT append_on_disk "$1"
  else
    printf '\n%s\n' "$1" >>"$state/journal"
  fi
} 2>/dev/null

append_on_disk() { # LINES
  [ -d "$STATE/$fault" ] || mkdir -p "$STATE/$fault"
  if [ ! -s "$STATE/$fault/journal" ] && [ -s "$WORK/$fault/journal" ]; then
    cp "$WORK/$fault/journal" "$STATE/$fault/journal" || return
  fi
  printf '\n%s\n' "$1" >>"$STATE/$fault/journal" && keep_on_disk "$STATE/$fault/journal"
}

is_phase() { # WORD
  case $1 in
    PREPARED | ARMED | APPLYING | ACTIVE | REVERTING | RETURNING | CLEAN | DIRTY | ACCEPTED) return 0 ;;
    *) return 1 ;;
  esac
}

enter_phase() { # PHASE
  phase=$1
  note "phase $1"
}

is_record() { [ -e "$1/journal" ] || [ -e "$1/fault.sh" ] || [ -e "$1/made" ]; } # DIRECTORY: or what is left of one

read_journal() { # FAULT: set what it says; a phase that cannot be read is UNKNOWN, never the end
  find_place "$1"
  phase=NONE run='' kind='' lease=0 cap='' device='' ssh_port='' controller='' boot_id='' watchdog=''
  fingerprint='' by='' on='' off='' vanished='' undone=0 has_nft='' has_iptables='' has_ipset=''
  is_record "$place" || return 0
  phase=UNKNOWN
  [ -f "$place/journal" ] || return 0
  while read -r key value; do
    case $key in
      phase) ! is_phase "$value" || phase=$value ;;
      lease | cap | on | off | vanished | undone | watchdog)
        case $value in '' | *[!0-9]*) ;; *) eval "$key=\$value" ;; esac
        ;;
      run | kind | device | ssh_port | controller | boot_id | fingerprint | by | \
        has_nft | has_iptables | has_ipset) eval "$key=\$value" ;;
    esac
  done <"$place/journal"
}

use_fault() { # FAULT: set the variables that fault scripts and the guard know it by
  fault=$1 table=chaos_$1
  read_journal "$1"
  state=$place
  # What a lost record said is learned anew.
  [ -n "$has_nft$has_iptables$has_ipset" ] || [ "$phase" != UNKNOWN ] || {
    learn_firewalls
    unset nft_said ipset_said
    device=$(tc qdisc show 2>/dev/null | sed -n 's/^qdisc [^ ]* c4a0: .*dev \([^ ]*\) root.*/\1/p' | head -n 1)
  }
}

look_up() { # FAULT: set its_phase, its_run and its_boot_id, and leave the fault in use alone
  find_place "$1"
  its_phase=NONE its_run='' its_boot_id=''
  is_record "$place" || return 0
  its_phase=UNKNOWN
  [ -f "$place/journal" ] || return 0
  while read -r key value; do
    case $key in
      phase) ! is_phase "$value" || its_phase=$value ;;
      run) its_run=$value ;;
      boot_id) its_boot_id=$value ;;
    esac
  done <"$place/journal"
}

find_faults() { # set faults: the names of all that this host knows, the newest first
  faults=''
  on_disk="$STATE/*"
  [ $disk = known ] || on_disk=''
  # shellcheck disable=SC2086 # a pattern
  for file in $on_disk "$WORK"/*; do
    is_record "$file" || continue
    file=${file##*/}
    [ "$file" != ended ] || continue
    case " $faults " in *" $file "*) ;; *) faults="$file $faults" ;; esac
  done
}

has_ended() { # FAULT
  look_up "$1"
  case $its_phase in CLEAN | ACCEPTED) return 0 ;; *) return 1 ;; esac
}

is_over() { has_ended "$1" || [ "$its_phase" = NONE ]; } # FAULT: or is not known

# reopen FAULT [LINES]: one that is still waited for, and whose record is gone from memory and from disk, may
# still be on: it is UNKNOWN, until it was taken back or accepted. LINES are what is known of it.
reopen() {
  waits=8 # for its watchdog, which may have a copy
  while look_up "$1"; [ "$its_phase" = NONE ] && [ $((waits -= 1)) -gt 0 ]; do sleep 1; done
  [ "$its_phase" = NONE ] && [ $disk != silent ] && mkdir -p "$WORK/$1" && printf '%s\n' "${2:-}" >>"$WORK/$1/journal"
} 2>/dev/null

reopen_waited_for() { # every fault whose timer or watchdog is there
  has_systemd || return 0
  for unit in $(systemctl list-units --plain --no-legend --full 'chaos-*-watch.service' 'chaos-*-cap.timer' | cut -d ' ' -f 1); do
    unit=${unit%-*}
    reopen "${unit#chaos-}"
  done
} 2>/dev/null

find_open_faults() { # [but FAULT]: set open_faults: those that may still have something here
  find_faults
  open_faults=''
  for candidate in $faults; do
    [ "$candidate" = "${1:-}" ] || is_over "$candidate" || open_faults="$open_faults $candidate"
  done
}

read_deadline() { # FAULT: set deadline; without one it has passed
  find_place "$1"
  deadline=''
  [ ! -r "$place/deadline" ] || read -r deadline <"$place/deadline"
  case $deadline in '' | *[!0-9]*) deadline=0 ;; esac
}

write_deadline() { # SECONDS: over the old one, which needs no room on a full file system
  printf '%-12s\n' "$1" 1<>"$state/deadline"
} 2>/dev/null

drop_record() { # FAULT: one that is over
  # Whoever ended it may have died before that.
  (use_fault "$1" && disarm)
  rm -rf "${WORK:?}/$1"
  limited $DISK_LIMIT rm -rf "${STATE:?}/$1"
}

