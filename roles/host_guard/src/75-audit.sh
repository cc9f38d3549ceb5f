# --- looking -----------------------------------------------------------------------------------

put_faults() {
  list=''
  find_faults
  for one in $faults; do
    read_journal "$one"
    list="$list,{\"fault\":\"$one\",\"run\":\"$run\",\"kind\":\"$kind\",\"phase\":\"$phase\"}"
  done
  put_raw faults "[${list#,}]"
}

# look_for_residue: set residue to everything of ours on this host, one line each. What cannot be
# looked at is a problem, and never taken for "nothing".
look_for_residue() {
  is_root || add_problem "not root: faults, firewall and units cannot be seen"
  see_disk
  look_at_host
  [ -z "$problems_now" ] || add_problem "$problems_now"
  lines='' on_their_way=''
  find_open_faults
  for one in $open_faults; do
    look_up "$one"
    case $its_phase in
      REVERTING | RETURNING)
        on_their_way="$on_their_way $one"
        add_problem "fault $one of run ${its_run:-unknown} is $its_phase: it is being taken back"
        ;;
      *) add_line "fault $one of run ${its_run:-unknown} is $its_phase" ;;
    esac
  done
  residue_now=$ours_now
  [ -z "$on_their_way" ] || residue_now=$(without_fail_safes "$on_their_way")
  [ -z "$residue_now" ] || add_line "$residue_now"
  residue=$lines
}

# without_fail_safes FAULTS: print ours_now but for the units that take these faults back: nothing is
# left over of what is still on its way, and whoever asks may ask again.
without_fail_safes() {
  say "$ours_now" | while read -r line; do
    for one in $1; do
      case $line in "unit chaos-$one-cap.timer" | "unit chaos-$one-watch.service") continue 2 ;; esac
    done
    printf '%s\n' "$line"
  done
}

verb_audit() {
  learn_firewalls
  look_for_residue
  if [ -z "$residue$problems" ]; then put_raw clean true; else put_raw clean false; fi
  put_lines residue "$residue"
  put_lines problems "$problems"
  put_faults
  answer true
}

verb_status() {
  need_root
  see_disk
  put_lines problems "$problems"
  put_faults
  answer true
}

verb_fingerprint() {
  need_root
  learn_firewalls
  look_at_host
  [ -z "$problems_now" ] || add_problem "$problems_now"
  [ -z "$problems" ] || fail "the host cannot be looked at: $problems" ""
  put sha256 "$(say "$host_now" | sha256sum | cut -d ' ' -f 1)"
  MOST_LINES=100000
  put_lines lines "$host_now"
  answer true
}

put_consent() { # what the owner of this host allows, in base64; `!` where that cannot be read
  [ -e $CONSENT ] || [ -L $CONSENT ] || return 0
  consent=''
  [ ! -f $CONSENT ] || [ "$(wc -c <$CONSENT)" -gt 3000 ] || consent=$(base64 <$CONSENT | tr -d '\n')
  put consent "${consent:-!}"
}

put_identity() { # which machine this is, what its clock shows, and whether this is root
  read -r boot_id </proc/sys/kernel/random/boot_id
  read -r hostname </proc/sys/kernel/hostname
  put hostname "$hostname"
  epoch=$(date +%s.%N)
  put_raw epoch "${epoch%%%*}0"
  put boot_id "$boot_id"
  put_whether root is_root
}

verb_preflight() { # [SERVICE]...: what this host is and can do, and what becomes of services
  has flock || add_problem "flock is missing (util-linux)"
  learn_firewalls
  ! has tc || tc_said=$(look tc qdisc show)
  find_control_path
  find_path_in
  sum=''
  [ ! -f $INSTALLED ] || sum_of $INSTALLED
  read -r up _ </proc/uptime
  put_identity
  put_raw uptime "$up"
  put installed "$sum"
  put_whether boot_unit is_boot_enabled
  put device "$device"
  put_raw ssh_port "${ssh_port:-0}"
  put controller "$controller"
  # Where the tool that reads them does not work.
  none='{}'
  links=$(links_json) routes=$(routes_json) qdiscs=$(qdiscs_json)
  put_raw links "${links:-$none}"
  put_raw routes "${routes:-[]}"
  put_lines rules "$({ echo @; ip rule show; echo; ip -6 rule show; } 2>/dev/null |
    sed -e '1,/^$/!s/^/6 /' -e '/^@*$/d' -e 's/[[:space:]]/ /g')"
  put_lines below "$(links_below)"
  put_raw qdiscs "${qdiscs:-$none}"
  put spared "$spared"
  put path_problem "$path_problem"
  put path_hint "$path_hint"
  put_capabilities
  look_for_residue
  put_lines residue "$residue"
  put_lines problems "$problems"
  if [ $disk = silent ]; then
    put_raw disk_free_mib 0
    halted=''
  else
    find_lever
    put_consent
    { read -r _ && read -r _ _ _ free _; } <<FREE
$(df -Pk /var/lib)
FREE
    case ${free:-} in '' | *[!0-9]*) free=0 ;; esac
    put_raw disk_free_mib $((free / 1024))
  fi
  put halted "$halted"
  list=''
  for place in "${INSTALLED%/*}" "${BOOT_UNIT%/*}" "${STATE%/*}"; do
    [ $disk = silent ] || [ -w "$place" ] || list="$list${list:+$NEWLINE}$place"
  done
  put_lines unwritable "$list"
  put_faults
  put_servers
  put_listening
  put_services "$@"
  answer true
}

