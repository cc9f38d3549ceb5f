# --- taking it back ----------------------------------------------------------------------------
# First undo, whatever the disk does; then see that it is undone; then write that it is.

is_whole() { ! ( cd "$state" && sha256sum -c sums ) 2>&1 | grep -v ': OK$'; } # the record

run_undo() {
  log=$state/undo.log
  true 2>/dev/null >"$log" || log=/dev/null
  (
    code=0
    # In a shell of its own: half a script ends the shell that reads it, and the register goes on.
    if [ -s "$script" ]; then (. "$script" && undo) || code=$?; else echo "its script is lost" && code=1; fi
    if register_file >/dev/null; then take_away_made || code=$?; else take_away_named; fi
    # What its record has lost, the undo may not have known of.
    is_whole || { take_away_named; code=1; echo "its record is not whole"; }
    exit "$code"
  ) >"$log" 2>&1
}

is_gone() { # whether the fault in use is not in place; one that cannot be looked at in time may be
  limited $LOOK_LIMIT is_in_place
  case $? in 0 | 124) return 1 ;; esac
}

# undo_fault FAULT BY: with its lock, from any phase, as often as need be
undo_fault() {
  use_fault "$1"
  case $phase in CLEAN | ACCEPTED | NONE) return 0 ;; esac
  was=$phase
  enter_phase REVERTING
  # Killed before, it may have kept more on disk.
  { [ -n "$on" ] && is_whole >/dev/null; } || [ "$state" != "$WORK/$fault" ] || [ $disk = silent ] || limited $DISK_LIMIT copy_from_disk
  find_script
  # Other hands may have ended it since it was last looked at: nobody knows then how long it was on.
  if [ "$was $2" = 'ACTIVE revert' ]; then
    ! is_gone || by=others
  fi
  look_at_clock
  [ -z "$vanished" ] || { by=others off=$vanished; } # which the watchdog has seen when it was so
  off=${off:-$now}
  keep_fault_lock=yes
  limited $UNDO_LIMIT run_undo
  undone=$?
  keep_fault_lock=no
  by=${by:-$2}
  phase=RETURNING
  note "phase RETURNING${NEWLINE}undone $undone${NEWLINE}off $off${NEWLINE}by $by"
}

see_returned() { # whether the host is as before, as the script sees it; set awaited to what is not yet
  [ "$undone" != 124 ] || { awaited="the undo, which goes on"; return 1; }
  [ -s "$script" ] || { awaited=''; return 0; } # it is lost, which the comparison shows
  # A look that fails without a word is no return either.
  if awaited=$(script_says returned 2>/dev/null); then awaited=''; else awaited=${awaited:-the host}; fi
  [ -z "$awaited" ]
}

# finish FAULT SECONDS [last]: see what became of it, and write that. Sets phase to CLEAN or DIRTY, or
# leaves RETURNING, when the host is still on its way; the last time that is DIRTY, too.
finish() {
  use_fault "$1"
  find_script
  differences='' others='' awaited='' accepted='' compared='' own_now='' host_now=''
  case $phase in
    NONE | ACCEPTED) return 0 ;;
    CLEAN) look_again; return 0 ;;
    RETURNING | DIRTY) ;;
    *) return 0 ;; # somebody else is at it
  esac
  look_at_clock
  wait_until=$((now + $2))
  while ! see_returned; do
    look_at_clock
    [ "$now" -lt "$wait_until" ] || break
    sleep 1
  done
  looks=0
  while compare_with_before && [ -n "$differences$awaited" ] && [ $looks -lt 5 ]; do
    [ -z "$awaited" ] || break
    looks=$((looks + 1))
    sleep 0.5
  done
  if [ -n "$awaited" ] && [ "${3:-}" != last ]; then
    differences=''
    return 0
  fi
  lines=$differences
  [ -z "$awaited" ] || add_line "? not back yet: $awaited"
  [ "$undone" = 0 ] || add_line "undo failed: $(tail -n 3 "$state/undo.log" 2>/dev/null)"
  differences=$lines
  # What somebody else has made of it while this looked stands: it was accepted, or is undone anew.
  lock_fault "$1" 2 || [ "${3:-}" = last ] || { differences='' && return 0; }
  look_up "$1"
  case $its_phase:$its_run in
    RETURNING:"$run" | DIRTY:"$run")
      if [ -n "$differences" ]; then enter_phase DIRTY; else close_record CLEAN; fi
      ;;
    *) use_fault "$1"; find_script; differences='' ;; # as they have written it, or put it back
  esac
  unlock_fault
}

# close_record PHASE [LINES]: the end of a fault counts when it is on disk
close_record() {
  ending="phase $1${NEWLINE}by $by${NEWLINE}off $off${2:+$NEWLINE$2}"
  end_of_record=0
  if [ $disk = silent ]; then end_of_record=124; else
    limited $DISK_LIMIT append_on_disk "$ending"
    end_of_record=$?
  fi
  case $end_of_record in
    0)
      phase=$1
      [ "$state" != "$WORK/$fault" ] || note "$ending"
      ;;
    124)
      disk=silent
      awaited="the disk under $STATE, which does not answer"
      ;;
    *)
      differences="? the end of the fault could not be written under $STATE"
      enter_phase DIRTY
      ;;
  esac
}

look_again() { # at a fault that was clean: what it answers for may have changed since
  find_open_faults "$fault"
  [ -z "$open_faults" ] || { own_now=$(script_says fingerprint_extra 2>/dev/null) && compared=own; return 0; }
  looks=0
  while compare_with_before && [ -n "$differences" ] && [ $looks -lt 5 ]; do
    looks=$((looks + 1))
    sleep 0.5
  done
  [ -z "$differences" ] || { enter_phase DIRTY; limited $DISK_LIMIT append_on_disk "phase DIRTY"; }
}

revert_one() { # FAULT BY: all of it, for who needs no answer
  lock_fault "$1" 20
  undo_fault "$1" "$2"
  unlock_fault
  finish "$1" $RETURN_LIMIT
}

describe_fault() { # print the fault that was finished, and how it ended, as JSON
  # Without a look there is no fingerprint.
  before='' after=$own_now
  # shellcheck disable=SC2086 # one or two words
  for part in ${compared:-own}; do before="$before $state/$part"; done
  [ "$compared" != 'own host' ] || after="$own_now${own_now:+$NEWLINE}$host_now"
  # shellcheck disable=SC2086 # file names of ours, without blanks
  sum_of $before
  before=$sum
  [ -z "$compared" ] || after=$(say "$after" | sha256sum)
  held=null ended_ago=null
  look_at_clock
  read -r this_boot </proc/sys/kernel/random/boot_id
  if [ -n "$off" ] && [ "$boot_id" = "$this_boot" ]; then # after a restart the clock has begun anew
    ended_ago=$((now - off))
    [ -z "$on" ] || [ "$by$vanished" = others ] || held=$((off - on))
  fi
  printf '{"fault":"%s","run":"%s","kind":"%s","phase":"%s","by":"%s"' \
    "$fault" "$run" "$kind" "$phase" "$by"
  printf ',"held":%s,"ended_ago":%s,"fingerprint_before":"%s","fingerprint_after":"%s"' \
    "$held" "$ended_ago" "$before" "${after%% *}"
  quote_lines "$differences"
  printf ',"differences":%s' "$quoted"
  quote_lines "$others"
  printf ',"others":%s' "$quoted"
  quote_lines "$accepted"
  printf ',"accepted":%s' "$quoted"
  quote "$awaited"
  printf ',"awaited":%s' "$quoted"
  healed=false
  readings=$(script_says healed 2>/dev/null) && [ -z "$differences$awaited" ] && healed=true
  quote_lines "$readings"
  printf ',"healed":%s,"readings":%s}' "$healed" "$quoted"
}

choose_faults() { # FAULT | --run RUN | --all: set chosen
  find_faults
  chosen=''
  for one in $faults; do
    case ${1:-} in
      --all) chosen="$chosen $one" ;;
      --run)
        look_up "$one"
        # A record that lost whose it is belongs to whoever asks; else it would be nobody's.
        case $its_run in "$2" | '') chosen="$chosen $one" ;; esac
        ;;
      "$one") chosen=$one ;;
    esac
  done
}

close_run() { # PLACE RUN: a task of it that is still on its way comes too late from now on
  [ -d "$1/ended" ] || mkdir -p "$1/ended"
  true >"$1/ended/$2"
} 2>/dev/null

lower_lever() { # PLACE REASON: from now on this host takes no fault, whoever sends it
  [ -d "$1" ] || mkdir -p "$1"
  printf '%s\n' "$2" >"$1/halted"
} 2>/dev/null

keep_halted() { lower_lever "$STATE" "$1" && keep_on_disk "$STATE/halted" "$STATE"; } # REASON

find_lever() { # set halted: why this host takes no fault, or nothing; that it is there is what counts
  halted=''
  for file in "$WORK/halted" "$STATE/halted"; do
    [ -e "$file" ] || continue
    [ -n "$halted" ] || read -r halted <"$file"
    halted=${halted:-no reason is kept}
  done 2>/dev/null
}

verb_resume() {
  need_root
  take_lock
  limited $DISK_LIMIT rm -f "$STATE/halted" ||
    fail "$STATE/halted cannot be removed" "is the disk read-only or stalled?"
  rm -f "$WORK/halted" || fail "$WORK/halted cannot be removed" "is /run read-only?"
  answer true
}

undo_all() { # FAULT...: those at once that nobody is at; then the others; set busy_with
  waiting=''
  for one in "$@"; do
    if lock_fault "$one" 0; then undo_fault "$one" revert; else waiting="$waiting $one"; fi
    unlock_fault
  done
  for one in $waiting; do
    look_at_clock
    patience=$((started + 20 - now))
    [ $patience -gt 0 ] || patience=0
    if lock_fault "$one" $patience; then undo_fault "$one" revert; else busy_with=$one; fi
    unlock_fault
  done
}

verb_revert() { # FAULT [--forget] | --run RUN | --all [--halt REASON]
  case ${1:-} in
    --all) ;;
    --run) check_name run "${2:-}" ;;
    *) check_name fault "${1:-}" ;;
  esac
  need_root
  look_at_clock
  started=$now busy_with='' halt=no
  [ "${1:-} ${2:-}" != '--all --halt' ] || halt=yes
  take_lock
  [ "${1:-}" != --run ] || close_run "$WORK" "$2"
  [ $halt = no ] || lower_lever "$WORK" "${3:-no reason was given}"
  choose_faults "$@"
  release_lock
  # shellcheck disable=SC2086 # names
  undo_all $chosen
  first=$chosen
  see_disk
  reopen_waited_for
  choose_faults "$@"
  for one in $chosen; do
    case " $first " in *" $one "*) ;; *) undo_all "$one" ;; esac
  done
  if [ "${1:-}" = --run ]; then # what comes later is refused by the disk: closed, full or broken
    [ $disk = silent ] || limited $DISK_LIMIT close_run "$STATE" "$2"
    rm -f "$WORK/ended/$2"
  fi
  halt_error=''
  [ $halt = no ] || limited $DISK_LIMIT keep_halted "${3:-no reason was given}" ||
    halt_error="$STATE/halted could not be written: after a restart this host takes faults again"
  [ -z "$busy_with" ] || busy "another chaos-guard is at work on fault $busy_with"
  list='' state_word=clean finished=''
  for one in $chosen; do
    look_at_clock
    patience=$((started + RETURN_LIMIT - now))
    [ $patience -gt 5 ] || patience=5
    finish "$one" $patience
    case $phase in
      CLEAN | ACCEPTED) finished="$finished $one" ;;
      # Another verb is at it: it took the fault after this one let go of it.
      REVERTING | RETURNING) [ $state_word = dirty ] || state_word=pending ;;
      *) state_word=dirty ;;
    esac
    list="$list,$(describe_fault)"
  done
  put_raw faults "[${list#,}]"
  if [ "${2:-}" = --forget ]; then # what becomes of the host from now on is not this fault's
    take_lock
    for one in $finished; do ! is_over "$one" || drop_record "$one"; done
    finished=''
  fi
  [ "${1:-}" != --all ] || take_away_strays
  [ -z "$problems" ] || [ $state_word != clean ] || state_word=pending
  put state "$state_word"
  put_lines problems "$problems"
  if [ -n "$halt_error" ]; then
    put halt_error "$halt_error"
    put error "$halt_error"
    put hint "is the disk full, read-only or stalled?"
    answer false
  else
    answer true
  fi
  for one in $finished; do
    use_fault "$one"
    disarm
  done
  [ -z "$halt_error" ] || exit 1
}

