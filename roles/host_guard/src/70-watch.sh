# --- what the host does by itself ---------------------------------------------------------------

# end_by_itself FAULT BY [last]: what the timer, the watchdog and the boot unit do
end_by_itself() {
  patience=600
  [ "$2" != timer ] || patience=30 # at the cap not even a slow apply is waited for
  lock_fault "$1" $patience || [ "$2" = timer ] || return 0
  # The controller may have renewed the lease, or undone it, while this waited for the lock.
  look_at_clock
  read_deadline "$1"
  use_fault "$1"
  if [ "$2" != lease ] || [ "$now" -ge "$deadline" ]; then
    [ "$phase$undone" = RETURNING0 ] || undo_fault "$1" "$2"
    unlock_fault
    finish "$1" $SETTLE_LIMIT "${3:-}"
    ! is_over "$1" || { use_fault "$1" && disarm; }
  fi
  unlock_fault
}

undo_unfinished() { # FAULT BY: whose undo took too long to be waited for
  use_fault "$1"
  [ "$undone" != 124 ] || { lock_fault "$1" 0 && undo_fault "$1" "$2"; }
  unlock_fault
}

look_if_gone() { # FAULT: keep since when it is gone though nobody took it back; twice, for a slip
  lock_fault "$1" 0 || return 0
  use_fault "$1"
  find_script
  if [ "$phase$vanished" = ACTIVE ] && is_gone && sleep 1 && is_gone; then
    look_at_clock
    note "vanished $now"
  fi
  unlock_fault
}

WATCH_PAUSE=5    # seconds: a machine that slept notices soon
LONGEST_PAUSE=30 # seconds, however long a look takes
MOST_TRIES=20 # then somebody else wants the host as it is now, and recover says what differs

# keep_record FAULT: in this process as well, from when the fault is on. Where it is lost in memory and on disk, it is
# put back from here, as that of a fault that others ended.
held=''
keep_record() {
  look_up "$1"
  if [ -z "$held" ]; then
    [ "$its_phase" != ACTIVE ] || held=$(cd "$WORK/$1" && tar -czf - . | base64)
  elif [ ! -e "$WORK/$1/fault.sh" ] && [ ! -e "$STATE/$1/fault.sh" ]; then
    back=$WORK/.held.$1
    mkdir -p "$back" && say "$held" | base64 -d | tar -xzf - -C "$back"
    look_at_clock
    rm -f "$back/deadline" && printf '\nvanished %s\n' "$now" >>"$back/journal"
    # Whoever looks meanwhile sees whole files.
    mkdir -p "$WORK/$1" && lock_fault "$1" 20 && mv "$back"/* "$WORK/$1/"
    rm -rf "$back"
  fi
  unlock_fault
} 2>/dev/null

verb_watch() { # FAULT: revert it when its lease is over; see to the end of what others reverted
  check_name fault "${1:-}"
  tries=0
  use_fault "$1"
  about="run $run${NEWLINE}kind $kind"
  while keep_record "$1"; reopen "$1" "$about"; [ $tries -lt $MOST_TRIES ] && ! has_ended "$1"; do
    disk=unseen # it may have come back
    last=''
    [ $tries -lt $((MOST_TRIES - 1)) ] || last=last
    look_at_clock
    read_deadline "$1"
    pause=$((deadline - now))
    if [ "$its_phase" = RETURNING ]; then
      undo_unfinished "$1" lease
      finish "$1" $SETTLE_LIMIT $last
      tries=$((tries + 1))
      pause=$WATCH_PAUSE
    elif [ "$pause" -le 0 ]; then
      end_by_itself "$1" lease $last
      tries=$((tries + 1))
      pause=$WATCH_PAUSE
    elif [ "$pause" -gt $WATCH_PAUSE ]; then # near its end the kernel may be there before this
      began=$now
      look_if_gone "$1"
      look_at_clock
      # A host on which a look takes seconds is not kept busy with looks.
      most=$((WATCH_PAUSE + 4 * (now - began)))
      [ $most -le $LONGEST_PAUSE ] || most=$LONGEST_PAUSE
      pause=$((deadline - now))
      [ "$pause" -le $most ] || pause=$most
    fi
    ! has_ended "$1" || break
    [ "$pause" -le 0 ] || sleep "$pause"
  done
  # Who reverted it may have died before it could disarm.
  use_fault "$1"
  ! has_ended "$1" || disarm
}

verb_cap() { # FAULT: what its timer calls again and again: end it at its cap
  check_name fault "${1:-}"
  reopen "$1"
  while ! has_ended "$1"; do
    use_fault "$1"
    look_at_clock
    left=$((${cap:-0} - now))
    # The timer comes again before that.
    [ "$left" -le $TICK ] || return 0
    [ "$left" -gt 0 ] || break
    [ "$left" -le $WATCH_PAUSE ] || left=$WATCH_PAUSE
    sleep "$left"
  done
  last=''
  look_at_clock
  [ "$now" -lt $((${cap:-0} + MOST_TRIES * TICK)) ] || last=last
  known=${cap:-}
  has_ended "$1" || end_by_itself "$1" timer $last
  use_fault "$1"
  # Where the record was lost, the watchdog may have a copy.
  if has_ended "$1" || { [ -n "$last" ] && { [ -n "$known" ] || ! unit_is_up "chaos-$1-watch.service"; }; }; then disarm; fi
}

verb_expire() { check_name fault "${1:-}"; end_by_itself "$1" timer; } # FAULT: end it now

# verb_boot: after a restart, take back what outlived it, while services are still coming up. Nothing
# waits for this: its unit counts as started at once.
verb_boot() {
  read -r this_boot </proc/sys/kernel/random/boot_id
  tries=0
  while :; do
    disk=unseen
    see_disk
    find_open_faults
    left_over=''
    for one in $open_faults; do
      look_up "$one"
      [ "$its_boot_id" = "$this_boot" ] || left_over="$left_over $one"
    done
    [ $disk = silent ] || [ -n "$left_over" ] || return 0
    [ $tries -lt $MOST_TRIES ] || return 0
    [ $tries = 0 ] || sleep $WATCH_PAUSE
    tries=$((tries + 1))
    last=''
    [ $tries -lt $MOST_TRIES ] || last=last
    for one in $left_over; do
      look_up "$one"
      if [ "$its_phase" = RETURNING ]; then
        undo_unfinished "$one" boot
      else
        lock_fault "$one" 600 && undo_fault "$one" boot
        unlock_fault
      fi
    done
    for one in $left_over; do finish "$one" $SETTLE_LIMIT $last; done
  done
}

verb_forget() { # --run RUN: drop the record of faults that are over
  check_name run "${2:-}"
  need_root
  take_lock
  see_disk
  choose_faults --run "$2"
  for one in $chosen; do
    ! is_over "$one" || drop_record "$one"
  done
  [ $disk = silent ] || limited $DISK_LIMIT find "$STATE/ended" -type f -mtime +1 -delete
  answer true
}

