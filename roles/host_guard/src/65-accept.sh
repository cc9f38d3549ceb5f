# --- taking what is there as it is ------------------------------------------------------------------

accept_one() { # FAULT: that it is DIRTY is accepted, unless something of ours is left
  use_fault "$1"
  find_script
  differences='' others='' awaited='' accepted='' compared='' own_now='' host_now=''
  case $phase in
    NONE | CLEAN | ACCEPTED) return 0 ;;
    DIRTY | RETURNING | UNKNOWN) ;;
    *) differences="? the fault is $phase: take it back first"; return 0 ;;
  esac
  compare_with_before
  [ -z "$left" ] || return 0
  lines=$differences
  [ "$undone" = 0 ] || add_line "undo failed: $(tail -n 3 "$state/undo.log" 2>/dev/null)"
  [ -n "$lines" ] || add_line "? how the host was before is not known"
  accepted=$lines differences='' by=accept
  look_at_clock
  off=${off:-$now}
  close_record ACCEPTED "$(say "$accepted" | sed 's/^/accepted /')"
}

verb_accept() { # FAULT | --run RUN | --all: the host is right as it is now, though it is not as before
  case ${1:-} in
    --all) ;;
    --run) check_name run "${2:-}" ;;
    *) check_name fault "${1:-}" ;;
  esac
  need_root
  take_lock
  see_disk
  choose_faults "$@"
  list='' state_word=clean finished=''
  for one in $chosen; do
    lock_fault "$one" 5 || busy "another chaos-guard is at work on fault $one"
    accept_one "$one"
    unlock_fault
    case $phase in CLEAN | ACCEPTED) finished="$finished $one" ;; *) state_word=dirty ;; esac
    list="$list,$(describe_fault)"
  done
  put state "$state_word"
  put_raw faults "[${list#,}]"
  put_lines problems "$problems"
  answer true
  for one in $finished; do
    use_fault "$one"
    disarm
  done
}

