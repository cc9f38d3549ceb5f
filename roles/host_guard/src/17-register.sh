# --- the register: all that a fault makes on this host ------------------------------------------
# Lines of "TYPE NAME ." in the record, in memory and on disk, each written before the thing is made.
# The dot shows that a line is whole: half a name must never be taken away. A type has two functions:
# TYPE_is_left NAME, and TYPE_take_away NAME, for which "not there" is success.

is_type() { # WORD
  case $1 in
    nft_table | ipset | chain | iptables_table | qdisc | link | unit | drop_in | file | directory | cgroup | setting | paused) return 0 ;;
    *) return 1 ;;
  esac
}

made() { # TYPE NAME: register what is about to be made; where that fails it must not be made
  if ! is_type "$1"; then echo "'$1' is no type of the register"; return 1; fi
  case $2 in '' | *"$NEWLINE"*) echo "a name in the register is one line"; return 1 ;; esac
  case $1 in file | directory)
    if [ -e "$2" ]; then echo "$2 is there already"; return 1; fi ;;
  esac
  printf '\n%s %s .\n' "$1" "$2" >>"$WORK/$fault/made" || return
  [ "$state" = "$WORK/$fault" ] || limited "$DISK_LIMIT" register_on_disk "$1 $2 ."
}

register_on_disk() { # LINE
  printf '\n%s\n' "$1" >>"$STATE/$fault/made" && keep_on_disk "$STATE/$fault/made"
}

register_file() { # print where the register of the fault can be read; fail where it is lost
  if [ -e "$WORK/$fault/made" ]; then echo "$WORK/$fault/made"
  elif [ "$disk" != silent ] && [ -e "$STATE/$fault/made" ]; then echo "$STATE/$fault/made"
  else return 1
  fi
}

registered() { # print "TYPE NAME" of all, the newest first; of a setting its last line counts
  local file
  file=$(register_file) || return 0
  awk '
    / \.$/ { sub(/ \.$/, ""); line[++n] = $0 }
    END {
      for (; n; n--) {
        split(line[n], word, " ")
        if (word[1] != "setting" || !seen[word[2]]++) print line[n]
      }
    }' "$file"
}

take_away_made() { # take away all that is registered, the newest first, as far as it goes
  local type name failed=0
  while read -r type name; do
    is_type "$type" || continue
    "${type}_take_away" "$name" </dev/null || failed=1
  done <<MADE || failed=1
$(registered)
MADE
  return "$failed"
}

left_of_register() { # print "TYPE NAME" of what is registered, still there, and not known by its name
  local type name
  while read -r type name; do
    # Look_at_host shows these.
    case $type in nft_table | ipset | chain | drop_in) continue ;; esac
    if is_type "$type" && "${type}_is_left" "$name" </dev/null; then say "$type $name"; fi
  done 2>/dev/null <<MADE || say 'register cannot be read'
$(registered)
MADE
}

kept() { cat "$state/$1"; } # NAME: print what the script gave to `keep`

file_is_left() { [ -e "$1" ]; }
file_take_away() { rm -f -- "$1"; }
directory_is_left() { [ -e "$1" ]; }
directory_take_away() { # PATH: with all that is in it; only one by a name of ours
  [ -e "$1" ] || return 0
  case ${1##*/} in .chaos-?*) ;; *) return 1 ;; esac
  find "$1" -xdev ! -type d -exec rm -f -- {} + && find "$1" -xdev -depth -type d -exec rmdir -- {} +
}
cgroup_is_left() { [ -d "$1" ]; }
cgroup_take_away() { [ ! -d "$1" ] || rmdir -- "$1"; }

# --- settings: files of /proc/sys, /sys or a control group, of one line each ----------------------

set_value() { # PATH VALUE: write it there; what was there before is registered
  local old new
  old=$(registered | awk -v path="$1" '$1 == "setting" && $2 == path { sub(/^[^|]*[|]/, ""); print }')
  [ -n "$old" ] || old=$(cat "$1") || return
  made setting "$1 |$old" && printf '%s\n' "$2" >"$1" && new=$(cat "$1") &&
    # The kernel may write a value in its own way.
    made setting "$1 $new|$old"
}

setting_is_left() { # PATH NEW|OLD: whether it is still what the fault made of it
  local path="${1%% *}" new="${1#* }" value
  value=$(cat "$path") || return
  old=${new#*|} new=${new%%|*}
  [ "$value" != "$old" ] && { [ -z "$new" ] || [ "$value" = "$new" ]; }
}

setting_take_away() { # PATH NEW|OLD: what somebody else has set meanwhile stays
  local old=''
  ! setting_is_left "$1" || { printf '%s\n' "$old" >"${1%% *}" && ! setting_is_left "$1"; }
}

# --- processes that are stopped -------------------------------------------------------------------

state_of() { # PROCESS: print its state, and its start in ticks: a later one may have its number
  local about
  read -r about 2>/dev/null <"/proc/$1/stat" || return
  # shellcheck disable=SC2086 # words
  set -- ${about##*) }
  echo "$1 ${20}"
}

pause_processes() { # PROCESS...: stop them with SIGSTOP
  local process start
  for process; do
    start=$(state_of "$process") || continue # it has ended
    made paused "$process ${start#* }" || return
    kill -STOP "$process" 2>/dev/null || ! state_of "$process" >/dev/null || return
  done
}

paused_is_left() { # PROCESS START
  case "$(state_of "${1%% *}")" in "T ${1#* }" | "t ${1#* }") return 0 ;; *) return 1 ;; esac
}

# One that waits for a disk may only be about to stop.
paused_take_away() { case "$(state_of "${1%% *}")" in *" ${1#* }") kill -CONT "${1%% *}" ;; esac; }
