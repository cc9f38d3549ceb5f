# --- what is ours without a record: our names are reserved, so nobody else's can be meant ---------

find_strays() { # set strays: the lines of ours that belong to no open fault
  strays=''
  while read -r line; do
    [ -n "$line" ] || continue
    owned=no
    for candidate in $faults; do
      case $line in
        "unit chaos-$candidate-cap.timer" | "unit chaos-$candidate-watch.service") owned=yes ;;
        'qdisc '*) is_over "$candidate" || ! is_shaped_by "$candidate" "$line" || owned=yes ;;
        'link '*) is_over "$candidate" || owned=yes ;;
        *) ! is_named_after "$line" "$candidate" || is_over "$candidate" || owned=yes ;;
      esac
    done
    [ $owned = yes ] || strays="$strays${strays:+$NEWLINE}$line"
  done <<OURS || add_problem 'no room for a here-document'
$ours_now
OURS
}

# is_shaped_by FAULT LINE: whether the fault has put that qdisc there; on a link that was renamed it is nobody's.
is_shaped_by() {
  local fault="$1"
  case $NEWLINE$(registered)$NEWLINE in
    *"${NEWLINE}qdisc $(device_of "$2")$NEWLINE"*) return 0 ;;
    *) return 1 ;;
  esac
}

take_away_strays() { # put what was taken away, and what is left
  learn_firewalls
  look_at_host
  find_faults
  find_strays
  removed=$strays
  if [ -n "$strays" ]; then
    take_away_lines "$strays"
    look_at_host
    find_strays
  fi
  put_lines removed "$removed"
  put_lines residue "$strays"
  [ -z "$strays" ] || state_word=dirty
  [ -z "$problems_now" ] || add_problem "$problems_now"
}

take_away_lines() { # LINES: of ours, as look_at_host shows them; each type knows how
  local what name rest
  take_away_chains "$1"
  while read -r what name rest; do
    # shellcheck disable=SC2086 # words
    set -- $rest
    case "$what $name" in
      'nft table') [ $# -gt 1 ] || nft_table_take_away "$1" ;; # one of another family is not ours
      qdisc\ *) [ "${4:-}" != root ] || tc qdisc del dev "$3" root handle "$1" "$name" ;;
      link\ *) link_take_away "$name" ;;
      ipset\ *) ipset_take_away "$name" ;;
      unit\ *) unit_take_away "$name" ;;
      drop-in\ *) drop_in_take_away "$name" ;;
    esac
  done <<LINES >/dev/null 2>&1
$1
LINES
}

take_away_named() { # what has the fault's name, where its register is lost
  local line lines=''
  look_at_host
  find_open_faults "$fault"
  while read -r line; do
    case $line in
      'qdisc '* | 'link '*) [ -n "$open_faults" ] || add_line "$line" ;;
      *) ! is_named_after "$line" "$fault" || add_line "$line" ;;
    esac
  done <<OURS
$ours_now
OURS
  take_away_lines "$lines"
}

take_away_chains() { # LINES: jumps first, then the chains they led to, in one transaction each
  for one in iptables ip6tables; do
    chains=$(say "$1" | sed -n 's/.*\(CHAOS_[^ ]*\).*/\1/p' | sort -u)
    [ -n "$chains" ] || return 0
    saved=$("$one-save" -t filter) || continue
    {
      echo '*filter'
      for chain in $chains; do
        say "$saved" | grep -q "^:$chain " || continue
        say "$saved" | sed -n "s/^-A \(.* -j $chain\)\$/-D \1/p"
        printf '%s\n' "-F $chain" "-X $chain"
      done
      echo COMMIT
    } | "$one-restore" -w 5 -n
  done >/dev/null 2>&1
}

