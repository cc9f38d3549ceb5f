# shellcheck shell=sh disable=SC2034,SC2154
# Stop a systemd service, and afterwards start exactly what was active before.

# Everything that asks systemd fails where systemd does not answer, as while it is executed anew:
# an answer that is missing must never be taken for "inactive".

# Print UNIT and every unit that systemd stops along with it.
stopped_along() {
  found=''
  follow "$1" || return
  printf '%s\n' "$found" | tr ' ' '\n' | sed '/^$/d'
}

follow() {
  case " $found " in *" $1 "*) return ;; esac
  found="$found $1"
  others=$(systemctl show --value -p RequiredBy -p RequisiteOf -p BoundBy -p ConsistsOf "$1") || return
  for other in $others; do
    follow "$other" || return
  done
}

# Print what is stopped and the sockets, timers and paths that would start it again.
concerned() {
  along=$(stopped_along kafka.service) || return
  all=''
  for one in $along; do
    triggers=$(systemctl show --value -p TriggeredBy "$one") || return
    all="$all $one $triggers"
  done
  printf '%s\n' "$all" | tr ' ' '\n' | sed '/^$/d' | sort -u
}

active() {
  units=$(concerned) || return
  for one in $units; do
    is=$(systemctl show --value -p ActiveState "$one") || return
    case $is in active | reloading) echo "$one" ;; esac
  done
}

remember_active() {
  active >"$state/active.new" && grep -qx 'kafka.service' "$state/active.new" &&
    sync "$state/active.new" && mv "$state/active.new" "$state/active"
}

validate() {
  [ "$(systemctl show --value -p LoadState kafka.service)" = loaded ] || refuse "this host has no unit kafka.service" "systemctl list-units --type=service shows those it has"
  [ "$(systemctl is-active kafka.service)" = active ] || refuse "kafka.service is $(systemctl is-active kafka.service) already, so stopping it would show nothing" "start it first"
  { names=$(systemctl show --value -p Names kafka.service) && stopped=$(active); } || refuse "systemd does not answer" "try again"
  for name in $names $stopped; do
    case $name in
      ssh.* | sshd.* | ssh@* | sshd@* | dropbear.* | systemd-* | dbus.* | dbus-broker.* | NetworkManager.* | networking.* | network.* | firewalld.* | nftables.* | wpa_supplicant* | dhcpcd* | dhclient* | chaos-* | *.target | *.slice | *.mount)
        refuse "stopping kafka.service would stop $name" "without it this host might not be reached, or not be put back" ;;
    esac
  done
}

fingerprint_extra() {
  units=$(concerned) || return
  for one in $units; do
    shown=$(systemctl show -p Id -p ActiveState -p SubState -p UnitFileState -p DropInPaths "$one") || return
    printf '%s\n' "$shown" | tr '\n' ' '
    echo
  done
}

baseline() {
  :
}

apply() {
  remember_active || return
  grep -E '\.(socket|timer|path|automount)$' "$state/active" | xargs -r systemctl stop || return
  systemctl stop kafka.service
}

renew() {
  :
}

undo() {
  [ -s "$state/active" ] || return 0
  xargs systemctl reset-failed <"$state/active" 2>/dev/null
  xargs systemctl start <"$state/active" && rm "$state/active"
}

in_place() {
  case $(systemctl is-active kafka.service) in
    inactive | failed) return 0 ;;
    *) return 1 ;;
  esac
}

effect() {
  echo "kafka.service is $(systemctl is-active kafka.service)"
  in_place
}

# That the unit is as it was is in the fingerprint already.
healed() {
  echo "kafka.service is $(systemctl is-active kafka.service)"
}
