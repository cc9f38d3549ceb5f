# --- fingerprint -------------------------------------------------------------------------------

look() { # COMMAND...: print what it prints; what it complains of, when it fails, is a problem
  { complaint=$("$@" 2>&1 >&3 3>&-); } 3>&1 && return
  is_lacking "$complaint" || echo "@@ problem $1: ${complaint%%"$NEWLINE"*}"
  return 1
}


SAVED_RULES='/etc/nft* /etc/nft*/* /etc/sysconfig/nft* /etc/sysconfig/ip* /etc/ip*tables* /etc/ip*tables/* /etc/ipset* /etc/ipset/*'

# shellcheck disable=SC2086 # patterns
survey() { # print what the host shows, in sections
  if has tc; then
    echo '@@ qdisc'
    qdiscs=$(say "${tc_said-$(look tc qdisc show)}" | sort) || echo '@@ problem sort does not work'
    printf '%s\n' "$qdiscs"
    while read -r _ _ handle _ link _; do
      case $handle in
        '' | 0: | c4a*) ;; # the kernel's own and ours have no filters
        *:) echo "@@ filter" && tc filter show dev "$link" 2>/dev/null | sed "s/^/$link /" ;;
      esac
    done <<QDISCS || echo '@@ problem no room for a here-document'
$qdiscs
QDISCS
  fi
  echo '@@ link'
  for path in /sys/class/net/*; do echo "${path##*/}"; done
  [ "$has_nft" = no ] || { echo '@@ nft' && say "${nft_said-$(look nft -s list ruleset)}"; }
  echo '@@ iptables'
  for family in ip ip6; do iptables_rules "$family"; done
  [ "$has_ipset" = no ] || { echo '@@ ipset' && say "${ipset_said-$(look ipset list -n)}"; }
  echo '@@ mount'
  while read -r _ place type _; do echo "$place $type"; done </proc/mounts
  echo '@@ process'
  cat /proc/[0-9]*/stat 2>/dev/null
  if has_systemd; then
    # Ours are transient: what has a file is somebody else's.
    echo '@@ installed'
    for file in /etc/systemd/system/chaos-* /usr/lib/systemd/system/chaos-* /usr/local/lib/systemd/system/chaos-* \
      /lib/systemd/system/chaos-* /run/systemd/system/chaos-* /run/systemd/generator/chaos-*; do echo "${file##*/}"; done
    echo '@@ unit'
    look systemctl list-units --state=active,reloading,failed --plain --no-legend --full
  else
    echo '@@ unit' && marked_units
  fi
  # By whoever keeps the rules of now for the next start.
  echo '@@ saved'
  grep -oHsE '((table inet|create) chaos|[: ]CHAOS_[IO])_[a-z0-9_]+' $SAVED_RULES
  echo '@@ drop-in'
  for file in /run/systemd/system/*.d/90-chaos*; do [ ! -e "$file" ] || echo "$file"; done
  echo '@@ end'
}

iptables_rules() { # ip | ip6: print the rules that nft does not show
  if [ "$has_nft" = no ] && has "${1}tables-save"; then
    echo "@@ ${1}tables" && look "${1}tables-save"
  elif [ -s "/proc/net/${1}_tables_names" ] && has "${1}tables-legacy-save"; then
    echo "@@ ${1}tables" && look "${1}tables-legacy-save"
  fi
}

# Turn a survey into lines without counters, in four parts: host, what we made, units, problems.
fingerprint_lines() {
  survey | awk '
    function out(line) { print line }
    function ours(line) { if (!told[line]++) of_ours = of_ours line "\n" }
    function stops_by_itself(name) {
      return name ~ /^(session-|user@|user-runtime-dir@|run-|dbus-:)/ ||
        name ~ /@[0-9]+-.*:[0-9]+/ ||
        name ~ /^(packagekit|fwupd|udisks2|systemd-(hostnamed|localed|timedated|machined|importd|portabled|coredump@.*))\.service$/
    }
    BEGIN { print "@@ host" }
    /^@@ problem / { of_problems = of_problems substr($0, 12) "\n"; next }
    /^@@ / { section = $2; next }
    $0 == "" { next }
    section == "qdisc" {
      gsub(/ (refcnt|direct_packets_stat) [0-9]+/, "")
      if ($3 ~ /^c4a[0-9a-f]:$/) ours($0); else out($0)
      next
    }
    section == "nft" {
      gsub(/ expires [0-9a-z]+/, "")
      if ($1 == "table" && $3 ~ /^chaos_/) { inside = "}"; ours("nft table " $3 ($2 ~ /^(inet|netdev)$/ ? "" : " of " $2)) }
      else if ($1 == "chain" && $2 ~ /^CHAOS_/) { inside = "\t}"; ours("iptables chain " $2) }
      else if (inside == "" && /jump CHAOS_/) ours("iptables jump " $NF)
      else if (inside == "") out("nft " $0)
      if ($0 == inside) inside = ""
      next
    }
    section == "iptables" || section == "ip6tables" {
      if (/^-A/) { if (/CHAOS_/) ours(section " " $0); else out(section " " $0) }
      else if (/^:CHAOS_/) ours(section " chain " substr($1, 2))
      next
    }
    section == "ipset" { if (/^chaos_/) ours("ipset " $0); else out("ipset " $0); next }
    section == "mount" {
      # Logging in, and services of their own accord, make and drop these.
      if ($1 !~ "^/(run/(user|credentials|chaos-runner)|proc/sys/fs|sys/fs/bpf)") out("mount " $0)
      next
    }
    section == "process" {
      name = $0; sub(/^[0-9]+ \(/, "", name); sub(/\).*/, "", name); sub(/.*\) /, "")
      if ($1 == "T") out("stopped process " name)
      next
    }
    section == "installed" { installed[$0]; next }
    section == "unit" {
      if ($1 ~ /^chaos-(.*-cap|guard-boot)\.service$/) next
      else if ($1 ~ /^chaos-.*\.(service|timer|scope)$/ && !($1 in installed)) ours("unit " $1)
      else if ($3 == "failed") out("failed unit " $1)
      else if ($1 ~ /\.(service|socket|timer|path|automount|swap|target)$/ && !stops_by_itself($1))
        of_units = of_units "active unit " $1 "\n"
      next
    }
    section == "link" && $1 == "chaosifb" { ours("link " $0); next }
    section == "drop-in" { ours("drop-in " $0); next }
    section == "saved" { ours("saved rules " $0); next }
    { out(section " " $0) }
    END {
      if (section != "end") of_problems = of_problems "awk: the look did not come to its end\n"
      printf "@@ ours\n%s@@ units\n%s@@ problems\n%s@@ end\n", of_ours, of_units, of_problems
    }'
}

part_of() { # TEXT PART NEXT: set part to the lines between two marks
  part=${1#*"@@ $2"}
  part=${part%%"@@ $3"*}
  part=${part#"$NEWLINE"}
  part=${part%"$NEWLINE"}
}

look_at_host() { # set host_now, ours_now, units_now, and problems_now: what could not be looked at
  seen=$(fingerprint_lines)
  # The next look is a new one.
  unset nft_said ipset_said tc_said
  case $seen in
    *'@@ end') ;;
    *) seen='@@ host@@ ours@@ units@@ problems
the host could not be looked at: a tool is missing or does not work@@ end' ;;
  esac
  part_of "$seen" host ours && host_now=$part
  part_of "$seen" ours units && ours_now=$part
  part_of "$seen" units problems && units_now=$part
  part_of "$seen" problems end && problems_now=$part
}

# What a fault script need not define.
fingerprint_extra() { :; }
baseline() { :; }
provoke() { :; }
renew() { :; }
undo() { :; }
returned() { :; }
residue() { :; }
healed() { :; }

script_says() { ( . "$script" && "$1" ); } # FUNCTION of the fault script
script_is_whole() { # whether it has what every one defines
  local function
  for function in validate apply in_place effect; do
    command -v $function >/dev/null || return 5
  done
}
is_in_place() { # of rules of nft by one listing
  ( [ ! -s "$state/rules" ] || [ "$has_nft" != yes ] || listed=$(tables_of_fault)
    script_says in_place && rules_are_whole )
}
find_script() { # set script: where the fault's script can be read
  script=$state/fault.sh
  [ -s "$script" ] || [ $disk = silent ] || script=$STATE/$fault/fault.sh
}

take_fingerprint() { # keep in $state: what the fault can change (own), all else (host, units)
  own_now=$(script_says fingerprint_extra) || return
  look_at_host
  [ -z "$problems_now" ] || { say "$problems_now" >&2; return 1; }
  say "$own_now" >"$state/own" && say "$host_now" >"$state/host" && say "$units_now" >"$state/units"
}

changed_lines() { # FILE TEXT: print the lines in which what it kept and what is now differ
  if ! kept=$(cat "$1" 2>/dev/null); then
    echo "? how the host was before (${1##*/}) is not on record any more"
    say "$2" | sed -n 's/^stopped process/? now &/p'
  elif [ "$kept" != "$2" ]; then
    lines_seen=$(say "$2" | diff "$1" - | sed -n 's/^< /- /p; s/^> /+ /p')
    say "${lines_seen:-? ${1##*/} is not as before, and what differs cannot be shown}"
  fi
}

is_named_after() { # LINE FAULT: whether a line of ours has the fault's name
  case $1 in
    "unit chaos-$2-cap.timer" | "unit chaos-$2-watch.service") return 1 ;; # fail-safes: the last to go
    *"table chaos_$2" | *"ipset chaos_$2"[46] | *"CHAOS_"?"_$2" | *"CHAOS_"?"_$2 "* | \
      "unit chaos-$2-"* | *"/90-chaos-$2.conf" | "saved rules "*" chaos_$2" | "saved rules "*" chaos_$2"[46] | "saved rules "*"CHAOS_"?"_$2") return 0 ;;
    *) return 1 ;;
  esac
}

left_of_fault() { # print the lines of what is left of this fault: by name, by the register, by its script
  local line
  {
    say "$ours_now" | while read -r line; do ! is_named_after "$line" "$fault" || echo "$line"; done
    left_of_register
    script_says residue 2>/dev/null
  } | while read -r line; do say "+ $line"; done
}

compare_with_before() { # set differences: ours to answer for; and others: what others have changed
  others='' compared=own lines=''
  if own_now=$(script_says fingerprint_extra 2>/dev/null); then
    lines=$(changed_lines "$state/own" "$own_now")
  else
    lines='? what the fault changes cannot be looked at'
  fi
  look_at_host
  left=$(left_of_fault)
  [ -z "$left" ] || add_line "$left"
  [ -z "$problems_now" ] || add_line "? $problems_now"
  differences=$lines
  find_open_faults "$fault"
  # While another fault is on, the host as a whole cannot look as before: the last one shows it.
  [ -n "$open_faults" ] || {
    lines=$(changed_lines "$state/host" "$host_now")
    [ -n "$lines" ] || compared='own host'
    # Units come and go; one that was active and is not any more shows.
    gone=$(changed_lines "$state/units" "$units_now" | while read -r line; do say "${line##+*}"; done)
    [ -z "$gone" ] || add_line "$gone"
    others=$lines
  }
}

