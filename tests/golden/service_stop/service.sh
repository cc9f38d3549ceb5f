# shellcheck shell=sh disable=SC2034,SC2154
# Stop a systemd service, and afterwards start exactly what was active before.

# Print UNIT and every unit that systemd stops along with it.
stopped_along() {
  found=''
  follow "$1"
  printf '%s\n' "$found" | tr ' ' '\n' | sed '/^$/d'
}

follow() {
  case " $found " in *" $1 "*) return ;; esac
  found="$found $1"
  for other in $(systemctl show --value -p RequiredBy -p RequisiteOf -p BoundBy -p ConsistsOf "$1"); do
    follow "$other"
  done
}

# Print what is stopped and the sockets, timers and paths that would start it again.
concerned() {
  for one in $(stopped_along nginx.service); do
    echo "$one"
    systemctl show --value -p TriggeredBy "$one" | tr ' ' '\n' | sed '/^$/d'
  done | sort -u
}

active() {
  for one in $(concerned); do
    ! systemctl is-active --quiet "$one" || echo "$one"
  done
}

remember_active() {
  active >"$state/active.new" && sync "$state/active.new" && mv "$state/active.new" "$state/active"
}

validate() {
  [ "$(systemctl show --value -p LoadState nginx.service)" = loaded ] || refuse "this host has no unit nginx.service" "systemctl list-units --type=service shows those it has"
  [ "$(systemctl is-active nginx.service)" = active ] || refuse "nginx.service is $(systemctl is-active nginx.service) already, so stopping it would show nothing" "start it first"
  for name in $(systemctl show --value -p Names nginx.service) $(active); do
    case $name in
      ssh.* | sshd.* | ssh@* | sshd@* | dropbear.* | systemd-* | dbus.* | dbus-broker.* | NetworkManager.* | networking.* | network.* | firewalld.* | nftables.* | wpa_supplicant* | dhcpcd* | dhclient* | chaos-* | *.target | *.slice | *.mount)
        refuse "stopping nginx.service would stop $name" "without it this host might not be reached, or not be put back" ;;
    esac
  done
}

fingerprint_extra() {
  for one in $(concerned); do
    systemctl show -p Id -p ActiveState -p SubState -p UnitFileState -p DropInPaths "$one" | tr '\n' ' '
    echo
  done
}

baseline() {
  :
}

apply() {
  remember_active || return
  grep -E '\.(socket|timer|path|automount)$' "$state/active" | xargs -r systemctl stop || return
  systemctl stop nginx.service
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
  case $(systemctl is-active nginx.service) in
    inactive | failed) return 0 ;;
    *) return 1 ;;
  esac
}

effect() {
  echo "nginx.service is $(systemctl is-active nginx.service)"
  in_place
}

# That the unit is as it was is in the fingerprint already.
healed() {
  echo "nginx.service is $(systemctl is-active nginx.service)"
}
