# --- keeping it on -----------------------------------------------------------------------------

renew_one() { # FAULT LEASE: print the fault as JSON
  is_free=yes
  lock_fault "$1" 5 || is_free=no
  use_fault "$1"
  find_script
  read_deadline "$1"
  effect=false
  if [ $is_free = no ]; then
    printf '{"fault":"%s","phase":"%s","effect":false,"busy":true,"deadline":%s}' "$fault" "$phase" "$deadline"
    return
  fi
  look_at_clock
  new_deadline=$((now + $2))
  [ "$new_deadline" -le "${cap:-0}" ] || new_deadline=${cap:-0}
  ttl=$((new_deadline - now))
  # One that others took away is over, though they have put it back meanwhile.
  if [ "$phase$vanished" = ACTIVE ] && [ "$ttl" -gt 0 ] && is_in_place >/dev/null 2>&1; then
    effect=true
    script_says renew >/dev/null 2>&1 && write_deadline "$new_deadline"
  fi
  read_deadline "$fault"
  unlock_fault
  printf '{"fault":"%s","phase":"%s","effect":%s,"deadline":%s}' "$fault" "$phase" "$effect" "$deadline"
}

renew_all() { # RUN LEASE: set list to the faults of the run that are on
  list=''
  find_open_faults
  for one in $open_faults; do
    look_up "$one"
    [ "$its_phase $its_run" != "ACTIVE $1" ] || list="$list,$(renew_one "$one" "$2")"
  done
}

verb_renew() { # RUN LEASE: no other verb holds it up, but one that is at work on the same fault
  check_name run "${1:-}"
  check_seconds lease "${2:-}"
  need_root
  renew_all "$1" "$2"
  if [ -z "$list" ]; then # the record may be left on disk only
    see_disk
    renew_all "$1" "$2"
  fi
  put run "$1"
  put_raw faults "[${list#,}]"
  if [ -n "$list" ]; then
    answer true
  else
    put error "no fault of run $1 is active on this host any more"
    answer false
  fi
}

