# --- putting a fault on ------------------------------------------------------------------------

read_options() { # FAULT OPTIONS...
  wanted_fault=${1:-}
  [ $# -eq 0 ] || shift
  wanted_run='' wanted_kind='' wanted_lease='' wanted_cap='' only_check=no
  while [ $# -gt 0 ]; do
    case $1 in
      --check) only_check=yes; shift; continue ;;
      --run) wanted_run=${2:-} ;;
      --kind) wanted_kind=${2:-} ;;
      --lease) wanted_lease=${2:-} ;;
      --cap) wanted_cap=${2:-} ;;
      *) refuse "unknown option '$1'" "see roles/host_guard/README.md" ;;
    esac
    [ $# -ge 2 ] || refuse "option $1 lacks its value" "see roles/host_guard/README.md"
    shift 2
  done
  check_name fault "$wanted_fault"
  [ "$wanted_fault" != ended ] || refuse "'ended' is the guard's own word" "choose another name"
  check_name run "$wanted_run"
  check_name kind "$wanted_kind"
  check_seconds lease "$wanted_lease"
  check_seconds cap "$wanted_cap"
  if [ "$wanted_lease" -lt 2 ] || [ "$wanted_lease" -gt "$wanted_cap" ]; then
    refuse "a lease of $wanted_lease s under a cap of $wanted_cap s" "at least 2 s, and not above the cap"
  fi
}

refuse_if_not_alone() {
  if [ -e "$STATE/ended/$wanted_run" ] || [ -e "$WORK/ended/$wanted_run" ]; then
    refuse "run $wanted_run was already rolled back on this host" "start a new run"
  fi
  find_open_faults "$wanted_fault"
  for one in $open_faults; do
    look_up "$one"
    [ "$its_run" = "$wanted_run" ] ||
      refuse "fault $one ($its_phase) of run ${its_run:-unknown} is on this host" \
        "wait for it, or take it back: chaos-runner recover"
  done
}

drop_incoming() { rm -rf "${incoming:?}"; }

prepare() { # read the script, validate it against this host, keep everything but touch nothing
  incoming=$WORK/.incoming.$wanted_fault
  drop_incoming
  { mkdir -p "$incoming" && cat >"$incoming/fault.sh"; } 2>/dev/null ||
    { drop_incoming; refuse "$WORK cannot be written" "is /run full or read-only?"; }
  if is_on_already; then return; fi
  case $phase in
    NONE | CLEAN | ACCEPTED) ;;
    *) drop_incoming; refuse "fault $fault is $phase on this host" "take it back first" ;;
  esac
  run=$wanted_run kind=$wanted_kind lease=$wanted_lease ttl=$wanted_lease
  state=$incoming script=$incoming/fault.sh
  find_control_path
  [ -n "$ssh_port" ] ||
    { drop_incoming; refuse "the control connection is not known (no SSH_CONNECTION)" \
      "reach this host over SSH, so that the fault can spare that path"; }
  find_path_in
  learn_firewalls
  unset nft_said ipset_said
  ( . "$script" && script_is_whole && validate ) || {
    code=$?
    drop_incoming
    case $code in 1 | 3) exit $code ;; esac # it has said why
    fail "the fault's script does not work (status $code)" "was it sent in whole?"
  }
}

is_on_already() { # the same script of the same run is active
  use_fault "$wanted_fault"
  find_script
  [ "$phase $run" = "ACTIVE $wanted_run" ] && cmp -s "$incoming/fault.sh" "$script"
}

drop_ended_records() { # of other runs, and of this fault: they are not needed any more
  dropped=$fault
  find_faults
  for one in $faults; do
    is_over "$one" && [ "$its_run" != "$run" ] && dropped="$dropped $one"
  done
  for one in $dropped; do
    (use_fault "$one" && disarm)
    rm -rf "${WORK:?}/$one"
  done
}

store_record() { # put the new record on disk, for the case of a restart; nobody may wait for it any more
  on_its_way=$STATE/.incoming.$fault
  [ -d "$STATE" ] || mkdir -p "$STATE" || return
  set -- "$on_its_way"
  for one in $dropped; do set -- "$@" "${STATE:?}/$one"; done
  rm -rf "$@"
  cp -R "$incoming" "$on_its_way" && keep_on_disk "$on_its_way" "$on_its_way"/* && [ -e "$incoming" ] &&
    [ ! -e "$STATE/$fault" ] && mv "$on_its_way" "$STATE/$fault" && keep_on_disk "$STATE" && [ -e "$incoming" ] && return
  rm -rf "$on_its_way"
  [ -e "$WORK/$fault" ] || rm -rf "${STATE:?}/$fault" # a later one of that name is on
  return 1
}

arm() {
  drop_ended_records
  look_at_clock
  cap=$((now + wanted_cap))
  read -r boot_id </proc/sys/kernel/random/boot_id
  if ! { take_fingerprint && script_says baseline >"$incoming/baseline" && true >"$incoming/made"; } 2>"$incoming/arm.log"; then
    reason=$(tail -n 1 "$incoming/arm.log")
    drop_incoming
    fail "the host's fingerprint could not be kept: $reason" "is /run full?"
  fi
  # What counts is the host before the first of several faults, not between two of them.
  find_open_faults "$fault"
  for one in $open_faults; do
    find_place "$one"
    cp "$place/host" "$place/units" "$incoming/"
  done
  sum_of "$incoming/own" "$incoming/host"
  fingerprint=$sum
  if ! { (cd "$incoming" && sha256sum fault.sh own host units baseline >sums) && printf 'run %s\nkind %s\nlease %s\ncap %s\ndevice %s\nssh_port %s\ncontroller %s\nboot_id %s
fingerprint %s\nhas_nft %s\nhas_iptables %s\nhas_ipset %s\nphase PREPARED\n' "$run" "$kind" "$lease" \
    "$cap" "$device" "$ssh_port" "$controller" "$boot_id" "$fingerprint" "$has_nft" "$has_iptables" \
    "$has_ipset" >"$incoming/journal" && write_deadline $((now + lease)); }; then
    drop_incoming
    fail "the record could not be written" "is /run full?"
  fi
  if ! limited $DISK_LIMIT store_record; then
    drop_incoming
    fail "the record could not be put on disk" "is $STATE full, read-only or stalled?"
  fi
  phase=PREPARED state=$WORK/$fault script=$WORK/$fault/fault.sh
  # With the fault's lock, which stays taken: until the fault is on, its watchdog would take it for
  # one whose lease is over, and end before that.
  if ! { mv "$incoming" "$state" && cp "$INSTALLED" "$state/chaos-guard" && lock_fault "$fault" 20 &&
    arm_ladder && see_armed; } 2>"$WORK/arm.log"; then
    disarm
    revert_one "$fault" revert
    fail "the host's timer could not be armed: $(tail -n 1 "$WORK/arm.log")" "systemctl status chaos-$fault-cap.timer"
  fi
  still_in PREPARED || give_back "meanwhile its record says $its_phase"
  enter_phase ARMED || give_back "its journal could not be written"
}

still_in() { # PHASE: whether nobody, as the timer at the cap does, took the fault back meanwhile
  look_up "$fault"
  [ "$its_phase" = "$1" ]
}

see_armed() { # a unit that was just started may need a moment
  is_armed || { sleep 0.5 && is_armed; } || { sleep 1 && is_armed; }
}

give_back() { # WHY: undo what was begun, and say so
  why=$1
  # Somebody undid it too early.
  ! is_over "$fault" || enter_phase APPLYING
  undo_fault "$fault" revert
  unlock_fault
  finish "$fault" $RETURN_LIMIT
  ! is_over "$fault" || disarm
  fail "the fault could not be applied: $why" "the host was put back: $phase"
}

copy_from_disk() { # what was kept as it was applied, and all that is whole
  (
    cd "$STATE/$fault" || exit
    whole=$NEWLINE$(sha256sum -c sums 2>/dev/null)$NEWLINE
    case $whole in *': OK'*) set -- sums ;; *) set -- ;; esac
    for file in *; do
      case $whole in
        *"$NEWLINE$file: OK$NEWLINE"*) set -- "$@" "$file" ;;
        *) [ -e "$WORK/$fault/$file" ] || set -- "$@" "$file" ;;
      esac
    done
    [ $# -eq 0 ] || cp "$@" "$WORK/$fault/"
  )
}

# Now nothing changes but the journal and the deadline: sums show later that nothing was lost. Their file is there
# before: the fault may leave no room.
keep_sums() {
  ( cd "$STATE/$fault" && set -- && for file in *; do
    case $file in journal | deadline | sums) ;; *) set -- "$@" "$file" ;; esac
  done && sha256sum "$@" ) >"$WORK/$fault/sums.new" && mv "$WORK/$fault/sums.new" "$WORK/$fault/sums" && cp "$WORK/$fault/sums" "$STATE/$fault/" && keep_on_disk "$STATE/$fault/sums"
}

keep_active() { copy_from_disk && keep_sums && append_on_disk "phase ACTIVE${NEWLINE}on $on"; }

apply_armed() { # with the fault's lock, so that its watchdog waits; the cap counts all the same
  still_in ARMED || give_back "meanwhile its record says $its_phase"
  ttl=$lease
  look_at_clock
  { write_deadline $((now + lease)) && enter_phase APPLYING; } ||
    give_back "its journal could not be written"
  # What it keeps must outlive a power cut.
  state=$STATE/$fault
  (. "$script" && apply) >"$WORK/$fault/apply.log" 2>&1 || {
    state=$WORK/$fault
    give_back "$(tail -n 3 "$WORK/$fault/apply.log")"
  }
  state=$WORK/$fault
  look_at_clock
  { [ "$now" -lt "$cap" ] && still_in APPLYING; } || give_back "it was not on before its cap"
  on=$now deadline=$((now + lease))
  [ "$deadline" -le "$cap" ] || deadline=$cap
  rules_now >"$state/rules"
  # The lease begins now that the fault is on.
  { write_deadline $deadline && limited $DISK_LIMIT keep_active && note "on $on" && enter_phase ACTIVE; } ||
    give_back "its record was not on disk within $DISK_LIMIT s: the disk, or the host, is full or too slow"
}

say_fault_is_on() { # CHANGED
  if readings=$(script_says effect) && rules_are_whole; then effect=true; else effect=false; fi
  read_deadline "$fault"
  put_raw changed "$1"
  put fault "$fault"
  put kind "$kind"
  put phase "$phase"
  put_raw lease "$lease"
  put_raw deadline "$deadline"
  put_raw cap_deadline "${cap:-0}"
  put fingerprint "$fingerprint"
  put_raw effect "$effect"
  put_lines readings "$readings"
  answer true
}

verb_inject() {
  read_options "$@"
  need_root
  has flock || refuse "flock is missing on this host" "install util-linux"
  take_lock
  see_disk
  [ $disk != silent ] || refuse "the disk under $STATE does not answer" "nothing is put on a host in trouble"
  find_lever
  [ -z "$halted" ] || refuse "faults on this host are halted: $halted" "chaos-runner resume"
  refuse_if_not_alone
  prepare
  if [ "$phase" = ACTIVE ]; then
    drop_incoming
    [ $only_check = yes ] || renew_one "$fault" "$wanted_lease" >/dev/null
    release_lock
    say_fault_is_on false
  elif [ $only_check = yes ]; then
    drop_incoming
    put_raw changed true
    put_raw check true
    answer true
  else
    arm
    release_lock
    [ "$verb" = arm ] || apply_armed
    unlock_fault
    say_fault_is_on true
  fi
}

verb_apply() {
  check_name fault "${1:-}"
  need_root
  take_lock
  use_fault "$1"
  find_script
  [ "$phase" = ARMED ] || refuse "fault $fault is $phase, not ARMED" "arm it first"
  is_armed || refuse "the timer of fault $fault is not armed" "arm it again"
  lock_fault "$fault" 20 || busy "another chaos-guard is at work on fault $fault"
  release_lock
  apply_armed
  unlock_fault
  say_fault_is_on true
}

verb_check() {
  check_name fault "${1:-}"
  need_root
  use_fault "$1"
  find_script
  [ "$phase" != NONE ] || phase='not known here'
  [ "$phase" = ACTIVE ] || fail "fault $fault is not on: it is $phase" "it ended, or was never put on"
  say_fault_is_on false
}

