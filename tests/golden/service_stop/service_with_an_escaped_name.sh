# shellcheck shell=sh disable=SC2034,SC2154
# Stop a systemd service, and afterwards start exactly what went down along with it.

# --- what systemd knows ---------------------------------------------------------------------------
# Everything here fails where systemd does not answer, as while it is executed anew: an answer that
# is missing must never be taken for "inactive". Names go one a line and as arguments of their own,
# since a shell that splits words anew takes the backslashes out of a\x2db.service.

# Turn the lists of names that systemctl prints into one name a line. For people it puts a name with
# a backslash into quotes and doubles that; before version 246 it wrote \x5c instead.
one_a_line() {
  tr ' ' '\n' | sed -e '/^"/ {' -e 's/^"//' -e 's/"$//' -e 's/\\\(.\)/\1/g' -e b -e '}' \
    -e 's/\\x5c/\\/g' -e '/^$/d'
}

# Print what the units on stdin name in these properties: -p PROPERTY...
named_in() {
  properties=$*
  set --
  while read -r name; do set -- "$@" "$name"; done
  [ $# -gt 0 ] || return 0
  # shellcheck disable=SC2086 # words of ours
  shown=$(systemctl show $properties -- "$@") || return
  printf '%s\n' "$shown" | sed 's/^[A-Za-z]*=//' | one_a_line
}

# Print the units on stdin, and all that follow from them by these properties: -p PROPERTY...
with_what_follows() {
  known=$(cat)
  fresh=$known
  while [ -n "$fresh" ]; do
    next=$(printf '%s\n' "$fresh" | named_in "$@") || return
    fresh=$(printf '%s\n' "$next" | grep -vxF -e "$known" | sort -u)
    known=$(printf '%s\n%s' "$known" "$fresh")
  done
  printf '%s\n' "$known"
}

with_what_stops_along() {
  with_what_follows -p RequiredBy -p RequisiteOf -p BoundBy -p ConsistsOf -p PropagatesStopTo
}

main_unit() { printf '%s\n' 'export@srv\x2ddata.service' | named_in -p Id; }

# Print what systemd starts because the units on stdin ended.
started_by_the_end_of() { named_in -p OnSuccess -p OnFailure; }

# Print what stopping the service may stop, and the sockets, timers and paths that would start it
# again. What is started by its end may drive out others: those as well.
concerned() {
  along=$(main_unit | with_what_stops_along) || return
  driven_out=$(printf '%s\n' "$along" | started_by_the_end_of |
    with_what_follows -p Requires -p BindsTo -p Wants | sed '/^$/d' |
    named_in -p Conflicts -p ConflictedBy) || return
  along=$(printf '%s\n%s\n' "$along" "$driven_out" | sed -e '/^$/d' -e '/\.target$/d' | sort -u |
    with_what_stops_along) || return
  triggers=$(printf '%s\n' "$along" | named_in -p TriggeredBy) || return
  printf '%s\n%s\n' "$along" "$triggers" | sed '/^$/d' | sort -u
}

# Print "JOB UNIT TYPE STATE" of everything that systemd is about to do.
queued() { systemctl list-jobs --plain --no-legend --full; }

# Print "UNIT ACTIVE SUB" of every unit that is up and is not being stopped. Devices, sessions and
# slices come and go by themselves.
up() {
  { jobs=$(queued) && listed=$(systemctl list-units --plain --no-legend --full); } || return
  printf '%s\n=\n%s\n' "$jobs" "$listed" | awk '
    $0 == "=" { past_jobs = 1; next }
    !past_jobs { if ($3 == "stop") stopping[$2]; next }
    $3 ~ /^(active|activating|reloading|refreshing|deactivating)$/ && !($1 in stopping) &&
      $1 !~ /\.(device|scope|slice)$/ { print $1, $3, $4 }'
}

# --- what carries the session ---------------------------------------------------------------------

# Daemons by which a host is reached, logged in to or kept in its network: how the names of their
# units and of their processes begin, whole words.
daemons='sshd|openssh|dropbear|tinyssh|sslh|autossh|sshuttle|stunnel4?'
daemons="$daemons|network-?manager|networkd-dispatcher|nm-(cloud-setup|dispatcher|priv-helper)|connmand?|iwd|wpa_supplicant"
daemons="$daemons|wicked(d.*)?|ifplugd|dhclient|dhcpcd|udhcpc|pppd?|modemmanager|teamd|openvswitch|ovs|ovsdb"
daemons="$daemons|frr|zebra|quagga|watchfrr|bgpd|ospf6?d|exabgp|gobgpd|keepalived|ucarp"
daemons="$daemons|wg-quick|wireguard|boringtun|openvpn|strongswan|charon|ipsec|libreswan|pluto|racoon|iked|xl2tpd|l2tpd|pptpd?"
daemons="$daemons|openconnect|vpnc|vpnagentd|ocserv|tincd?|zerotier|netbird|netclient|innernet|tailscaled?|warp-svc|n2n|softether"
daemons="$daemons|vpn(server|client|bridge)|(open)?fortivpn|forticlient|globalprotect|pangp[ds]|twingate|yggdrasil"
daemons="$daemons|cloudflared|ngrok|frpc|inlets|rathole|pagekite|amazon-ssm-age.*|ssm-(agent|session).*|teleport"
daemons="$daemons|sftd|pomerium|meshagent|google[-_](guest|osconfig).*|walinuxagent|waagent|azcmagent|himdsd?"
daemons="$daemons|cloud-(init|config|final)|qemu-ga|qemu-guest-agent|vmtoolsd|open-vm-tools"
daemons="$daemons|sssd.*|nslcd|(samba-)?winbindd?|nscd|unscd|ypbind|oddjobd?|realmd|himmelblaud|vasd|adclient|centrifydc|lwsmd|autofs|automount"
# Units that are so by their name alone; the second lot is no beginning of other names.
units_of_the_path="$daemons|ssh|systemd|dbus|elogind|netplan|netctl|ifup|chaos|firewalld|nftables|ip6?tables|ebtables"
units_of_the_path="$units_of_the_path|netfilter-persistent|ufw|shorewall6?|firehol|csf|lfd"
whole_names='network|networking|user|user-runtime-dir|polkitd?|wg|bird6?|nebula|boundary|chisel|authd|ferm'
# What resolves names, where this host asks itself.
resolvers='unbound|dnsmasq|named|bind9|pdns-recursor|coredns|stubby|dnscrypt-proxy|knot-resolver|kresd'
asks_itself() { grep -qE '^nameserver[[:space:]]+(127\.|::1)' /etc/resolv.conf 2>/dev/null; }

# Print the units that the processes on stdin run in.
units_of_processes() {
  set --
  while read -r process; do set -- "$@" "/proc/$process/cgroup"; done
  [ $# = 0 ] || cat "$@" 2>/dev/null | tr '/' '\n' | sed -n '/\.[a-z]*$/ s/^_//p; /\.\(service\|scope\)$/p' | sort -u
}

# Print this process and all that it descends from.
ancestors() {
  process=$$
  while [ "${process:-0}" -gt 1 ]; do
    echo "$process"
    parent=0
    while read -r key value; do
      [ "$key" != PPid: ] || parent=$value
    done 2>/dev/null <"/proc/$process/status"
    process=$parent
  done
}

# Print the processes at either end of the session's connection that are on this host, and those
# that wait for the next one.
ends_of_the_connection() {
  has ss || return 0
  {
    ss -Htnp state established "( sport = :$ssh_port or dport = :$ssh_port )" |
      awk -v address="$controller" -v port="$ssh_port" '
        { gsub(/\[|\]|::ffff:/, "") }
        $4 ~ ("^" address "(%[^:]*)?:[0-9]+$") && $3 ~ (":" port "$") { print }
        $3 ~ ("^" address "(%[^:]*)?:[0-9]+$") && $4 ~ (":" port "$") { print }'
    ss -Htlnp "( sport = :$ssh_port )"
    ! asks_itself || ss -Hlnup '( sport = :53 )'
  } 2>/dev/null | grep -o 'pid=[0-9]*' | sed 's/pid=//'
}

processes_called() { # PATTERN
  grep -liE "^($1)([-_.:0-9].*)?\$" /proc/[0-9]*/comm 2>/dev/null | sed 's|^/proc/||; s|/comm$||'
}

# Leave out of the processes on stdin those of containers, which have a network of their own.
in_this_network() {
  here=$(readlink /proc/self/ns/net)
  while read -r process; do
    [ "$(readlink "/proc/$process/ns/net")" != "$here" ] || echo "$process"
  done
}

# Print the processes that hold a tunnel open.
tunnel_ends() {
  for link in /sys/class/net/*/tun_flags; do [ ! -e "$link" ] || break; done
  [ -e "$link" ] || return 0
  find /proc/[0-9]*/fd -lname /dev/net/tun 2>/dev/null | sed 's|^/proc/||; s|/.*||' | sort -u
}

# Print those of the units on stdin through which this host is reached, as far as it can be seen.
of_the_path() {
  candidates=$(cat)
  carriers=$({
    ancestors
    ends_of_the_connection
    { processes_called "$daemons"; tunnel_ends; } | in_this_network
  } | units_of_processes)
  words=$units_of_the_path
  ! asks_itself || words="$words|$resolvers"
  {
    [ -z "$carriers" ] || printf '%s\n' "$candidates" | grep -xF -e "$carriers"
    printf '%s\n' "$candidates" | grep -viE '[-_]exporter' |
      grep -iE "^(snap\.)?(($words)([-@._:0-9].*)?|($whole_names)(@.*)?)\\.[a-z]+\$"
    printf '%s\n' "$candidates" | grep -E '\.(target|slice|scope|mount|swap|device)$'
  } | sort -u
}

# --- what can be put back -------------------------------------------------------------------------

# Print "UNIT WHY" for those of the units on stdin that could not be started again, or whose end
# means more than that. What systemd does not print, it does not know.
not_restorable() {
  set --
  while read -r name; do set -- "$@" "$name"; done
  shown=$(systemctl show -p Id -p LoadState -p Transient -p FragmentPath -p UnitFileState \
    -p RefuseManualStart -p RefuseManualStop -p Accept -p SuccessAction -p FailureAction -- "$@") || return
  printf '%s\n\n' "$shown" | awk '
    function judge(  id, path) {
      id = is["Id"]
      path = is["FragmentPath"]
      if (path != "") print "file", id, path
      if (is["Transient"] == "yes") print "why", id, "is transient (systemd-run): it is gone once it is stopped"
      else if (is["LoadState"] != "loaded") print "why", id, "is " is["LoadState"]
      else if (is["UnitFileState"] ~ /^(masked|bad)/) print "why", id, "has a unit file that is " is["UnitFileState"]
      else if ("FragmentPath" in is && path == "") print "why", id, "has no unit file"
      else if (is["RefuseManualStart"] == "yes") print "why", id, "refuses to be started by hand"
      else if (is["RefuseManualStop"] == "yes") print "why", id, "refuses to be stopped by hand"
      else if (is["Accept"] == "yes") print "why", id, "starts one instance a connection, which cannot be started again"
      else if (is["SuccessAction"] !~ /^(none)?$/) print "why", id, "would " is["SuccessAction"] " this host at its end"
      else if (is["FailureAction"] !~ /^(none)?$/) print "why", id, "would " is["FailureAction"] " this host if it failed to stop"
    }
    $0 == "" { if ("Id" in is) judge(); split("", is); next }
    { key = $0; sub(/=.*/, "", key); is[key] = substr($0, length(key) + 2) }' |
    while read -r word name rest; do
      case $word in
        why) printf '%s %s\n' "$name" "$rest" ;;
        file) [ -e "$rest" ] || printf '%s has lost its unit file, %s\n' "$name" "$rest" ;;
      esac
    done
}

# Print the units that stopping the service stops as things are: itself, and what of others is up.
would_stop() {
  { all=$(concerned) && running=$(up); } || return
  main_unit
  printf '%s\n' "$running" | cut -d ' ' -f 1 | grep -xF -e "$all"
}

validate() {
  case $(systemctl show --value -p LoadState -- 'export@srv\x2ddata.service') in
    loaded) ;;
    masked) refuse 'export@srv\x2ddata.service'" is masked: once stopped it could not be started again" "systemctl unmask it first" ;;
    *) refuse "this host has no unit "'export@srv\x2ddata.service' "systemctl list-units --type=service shows those it has" ;;
  esac
  is=$(systemctl is-active -- 'export@srv\x2ddata.service')
  [ "$is" = active ] || refuse 'export@srv\x2ddata.service'" is $is already, so stopping it would show nothing" "start it first"
  { stopped=$(would_stop | sort -u) && names=$(printf '%s\n' "$stopped" | named_in -p Id -p Names); } || refuse "systemd does not answer" "try again"
  carrier=$(printf '%s\n%s\n' "$stopped" "$names" | of_the_path | head -n 1)
  [ -z "$carrier" ] || refuse "stopping "'export@srv\x2ddata.service'" would stop $carrier" "without it this host might not be reached, or not be put back"
  why=$(printf '%s\n' "$stopped" | not_restorable) || refuse "systemd does not answer" "try again"
  [ -z "$why" ] || refuse "it could not be put back as it is: $(printf '%s\n' "$why" | head -n 1)" "stop what has a unit file and can be started again"
  next=$(printf '%s\n' "$stopped" | started_by_the_end_of | grep '\.target$' | head -n 1)
  [ -z "$next" ] || refuse "stopping "'export@srv\x2ddata.service'" would start $next" "that changes more than a service"
  keeper=$(printf '%s\n' 'export@srv\x2ddata.service' | named_in -p UpheldBy | head -n 1)
  [ -z "$keeper" ] || refuse "$keeper starts "'export@srv\x2ddata.service'" again as soon as it is stopped" "stop $keeper instead, or take away its Upholds="
}

# --- how things stand -----------------------------------------------------------------------------

# Print the units to answer for: what went down; where that was not written down any more, what
# could have, and was up.
ours() {
  if [ -s "$state/down" ]; then cat "$state/down" && return; fi
  cut -d ' ' -f 1 "$state/before" | grep -xF -f "$state/baseline"
}

# Print "UNIT ACTIVE SUB PROCESS RESTARTS SINCE" of the units to answer for.
look() {
  set --
  mine=$(ours) || return
  while read -r name; do set -- "$@" "$name"; done <<UNITS
$mine
UNITS
  shown=$(systemctl show -p Id -p ActiveState -p SubState -p MainPID -p NRestarts \
    -p ActiveEnterTimestampMonotonic -- "$@") || return
  printf '%s\n\n' "$shown" | awk '
    $0 == "" { if ("Id" in is) print is["Id"], is["ActiveState"], is["SubState"], is["MainPID"] + 0, is["NRestarts"] + 0, is["ActiveEnterTimestampMonotonic"]; split("", is); next }
    { key = $0; sub(/=.*/, "", key); is[key] = substr($0, length(key) + 2) }'
}

# Judge what `look` printed first and, as far as it was as before, what it printed a while later:
# print "as-before | coming | changed UNIT STATE" for each. What was starting or restarting when it
# was stopped is as before when it is up or starting again. What died three times is not coming.
judge() { # FIRST LATER
  jobs=$(queued) && [ -n "$1" ] || return
  printf '%s\n=\n%s\n=\n%s\n' "$1" "$2" "$jobs" | awk '
    FNR == NR { active[$1] = $2; sub_state[$1] = $3; next }
    $0 == "=" { part++; next }
    part == 1 { later[$1] = $0; next }
    part == 2 { if ($3 != "stop") starting[$2]; next }
    { first[$1] = $0; order[++count] = $1 }
    END {
      for (i = 1; i <= count; i++) {
        unit = order[i]
        line = unit in later ? later[unit] : first[unit]
        split(line, at, " ")
        moved_before = active[unit] ~ /^(activating|deactivating)$/
        is_up = at[2] ~ /^(active|reloading|refreshing)$/
        going = at[2] ~ /^(activating|reloading|refreshing|deactivating)$/
        service = unit ~ /\.service$/ && active[unit] == "active"
        if (moved_before && (is_up || going)) verdict = "as-before"
        else if (is_up && !moved_before && !(service && at[3] != sub_state[unit])) {
          verdict = line == first[unit] ? "as-before" : (at[5] < 3 ? "coming" : "changed")
        } else if (unit in starting || (going && at[5] < 3)) verdict = "coming"
        else verdict = "changed"
        print verdict, unit, at[2] "/" at[3] (at[5] > 0 ? ", restarted " at[5] " times" : "") ", was " active[unit] "/" sub_state[unit]
      }
    }' "$state/before" -
}

STEADY=3 # seconds for which a unit must not move to count as back

# Print how each unit to answer for stands, those that are back after a second look; and keep what
# was seen to stand still. Nothing is back by one look: it may be up for a moment between two ends.
standing() {
  now_seen=$(look) || return
  verdicts=$(judge "$now_seen" '') || return
  case $verdicts in
    *coming\ *) ;;
    *as-before\ *)
      sleep $STEADY && later_seen=$(look) && verdicts=$(judge "$now_seen" "$later_seen") || return
      rm -f "$state/steady"
      [ "$now_seen" != "$later_seen" ] || printf '%s\n' "$now_seen" 2>/dev/null >"$state/steady"
      ;;
  esac
  printf '%s\n' "$verdicts"
}

# Print the same, at once where nothing has moved since it was seen to stand still.
standing_still() {
  now_seen=$(look) || return
  if [ -s "$state/steady" ] && [ "$(cat "$state/steady")" = "$now_seen" ]; then
    judge "$now_seen" ''
  else
    standing
  fi
}

# What is compared before and after: whether each unit concerned is up, and how it is set up; and
# afterwards what is not as it was. A unit that moves all the time is up.
fingerprint_extra() {
  set --
  if [ -s "$state/baseline" ]; then all=$(cat "$state/baseline"); else all=$(concerned) || return; fi
  while read -r name; do set -- "$@" "$name"; done <<UNITS
$all
UNITS
  shown=$(systemctl show -p Id -p ActiveState -p UnitFileState -p DropInPaths -- "$@") || return
  printf '%s\n\n' "$shown" | awk '
    $0 == "" { if ("Id" in is) print is["Id"], (is["ActiveState"] ~ /^(inactive|failed|maintenance)$/ ? is["ActiveState"] : "up"), is["UnitFileState"], is["DropInPaths"]; split("", is); next }
    { key = $0; sub(/=.*/, "", key); is[key] = substr($0, length(key) + 2) }'
  [ -s "$state/before" ] || return 0
  verdicts=$(standing_still) || return
  printf '%s\n' "$verdicts" | sed -n -e 's/^changed //p' -e 's/^coming //p'
}

# --- the fault ------------------------------------------------------------------------------------

# The units concerned: once they are down, systemd forgets who belonged to whom.
baseline() {
  concerned
}

# Keep what is up, and in which boot that was. A service that is another a second later is moving,
# though it may be active for the moment.
remember() {
  { first_seen=$(up) && sleep 1 && running=$(up) && main=$(main_unit); } || return
  was_up=$(printf '%s\n=\n%s\n' "$first_seen" "$running" | awk '
    $0 == "=" { later = 1; next }
    !later { seen[$1] = $0; next }
    /^[^ ]*\.service / && $1 in seen && seen[$1] != $0 { $2 = "activating" }
    { print }') || return
  printf '%s\n' "$was_up" | cut -d ' ' -f 1 | grep -qxF -e "$main" || return
  keep boot </proc/sys/kernel/random/boot_id && printf '%s\n' "$was_up" | keep before
}

STOP_TRIES=600 # half seconds; systemd kills a service after its own TimeoutStopSec, if it has one

# Wait until the service is down, and all that systemd stops because of that.
wait_for_the_stop() { # JOBS FROM BEFORE
  tries=0
  while [ $tries -lt $STOP_TRIES ]; do
    jobs=$(queued) && is=$(systemctl show --value -p ActiveState -- 'export@srv\x2ddata.service') || return
    stopping=$(printf '%s\n' "$jobs" | grep -vxF -e "$1" | awk '$3 == "stop" { print $2 }')
    case "$is $stopping" in
      'inactive ' | 'failed ') return 0 ;;
      'active ' | 'activating ') echo "something started it again at once" && return 1 ;;
    esac
    tries=$((tries + 1))
    sleep 0.5
  done
  echo "it is still $is after $((STOP_TRIES / 2)) s" && return 1
}

# Print what was up and went down with the stop. Of what is not known to be tied to the service,
# a transient unit and what was only starting ended by themselves.
went_down() {
  running=$(up) && [ -n "$running" ] || return
  printf '%s\n' "$running" | awk '
    NR == FNR { if ($2 != "deactivating") up[$1]; next }
    !($1 in up) { print $1, $2 }' - "$state/before" |
    while read -r name was; do
      if grep -qxF -e "$name" "$state/baseline"; then
        printf '%s\n' "$name"
      elif [ "$was" = active ] && [ "$(systemctl show --value -p Transient -- "$name")" != yes ]; then
        printf '%s\n' "$name"
      fi
    done
}

apply() {
  remember || return
  earlier=$(queued) || return
  triggers=$(ours | grep -E '\.(socket|timer|path|automount)$')
  printf '%s\n' "$triggers" | all_at_once stop || return
  systemctl stop --no-block -- 'export@srv\x2ddata.service' && wait_for_the_stop "$earlier" || return
  down=$(went_down) && say "$down" | keep down || return
  last_started | keep last_started
}

# Have the units on stdin stopped or started; in a boot nothing may wait for that.
all_at_once() { # stop | start
  verb_for_all=$1
  set --
  while read -r name; do [ -z "$name" ] || set -- "$@" "$name"; done
  [ $# = 0 ] || systemctl "$verb_for_all" --no-block -- "$@"
}

renew() {
  :
}

# Print what only runs because the stop started it.
started_by_the_stop() {
  [ "$(cat "$state/boot")" = "$(cat /proc/sys/kernel/random/boot_id)" ] || return 0
  { running=$(up) && next=$(ours | started_by_the_end_of); } || return
  printf '%s\n' "$running" | cut -d ' ' -f 1 | grep -xF -e "$next" | while read -r name; do
    cut -d ' ' -f 1 "$state/before" | grep -qxF -e "$name" || printf '%s\n' "$name"
  done
}

# Sockets, timers and paths come first: none of them starts once its service runs.
undo() {
  [ -s "$state/before" ] || return 0
  mine=$(ours | grep -E '\.(service|socket|timer|path|automount|mount|swap)$') || return
  started_by_the_stop | all_at_once stop
  printf '%s\n' "$mine" | while read -r name; do systemctl reset-failed -- "$name" 2>/dev/null; done
  printf '%s\n' "$mine" | grep -E '\.(socket|timer|path|automount)$' | all_at_once start || return
  printf '%s\n' "$mine" | grep -vE '\.(socket|timer|path|automount)$' | all_at_once start
}

# Print what is still on its way back.
returned() {
  [ -s "$state/before" ] || return 0
  verdicts=$(standing) || { echo "systemd does not answer" && return 1; }
  printf '%s\n' "$verdicts" | sed -n 's/^coming //p' | grep . && return 1
  return 0
}

# Print when the service was last started: it may come back for a moment that nobody sees. What
# systemd has forgotten meanwhile is 0.
last_started() {
  systemctl show --value -p ActiveEnterTimestampMonotonic -- 'export@srv\x2ddata.service'
}

# A service that takes its time to stop has not come back.
in_place() {
  case $(systemctl is-active -- 'export@srv\x2ddata.service') in
    inactive | failed | deactivating) ;;
    *) return 1 ;;
  esac
  read -r started <"$state/last_started" || return 0
  [ "$(last_started)" -le "$started" ]
}

effect() {
  is=$(systemctl is-active -- 'export@srv\x2ddata.service')
  printf '%s is %s\n' 'export@srv\x2ddata.service' "$is"
  case $is in inactive | failed) return 0 ;; *) return 1 ;; esac
}

healed() {
  is=$(systemctl is-active -- 'export@srv\x2ddata.service')
  printf '%s is %s\n' 'export@srv\x2ddata.service' "$is"
  [ "$is" = active ] || return
  [ -s "$state/before" ] || return 0
  verdicts=$(standing_still) || return
  case $verdicts in *'coming '* | *'changed '*) return 1 ;; esac
}
