#!/bin/sh
# Print what this host shows of a fault; nothing when it is all over. usage: look UNIT...
# The units are those that are to be up. With `guard` before them also print the guard at work.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
nft list tables | grep -o 'chaos_.*'
tc qdisc show | grep -o 'c4a[0-9a-f]:' | sort -u
systemctl list-units --plain --no-legend --all 'chaos-*' | cut -d ' ' -f 1 |
  grep -vE -e '-(cap|watch)\.(timer|service)$' -e '^chaos-guard-boot'
ls -d /run/systemd/system/*.d/90-chaos* /var/tmp/.chaos-* 2>/dev/null
process=$(systemctl show --value -p MainPID victim.service)
awk '/^Max open files/ && $4 < 512 { print "the service may have " $4 " files open" }' "/proc/$process/limits" 2>/dev/null
grep -ls '^State:[[:space:]]*T' /proc/[0-9]*/status
ls -A /mnt/small 2>/dev/null
with_guard=no
[ "${1:-}" != guard ] || { with_guard=yes && shift; }
for unit; do
  [ "$(systemctl is-active "$unit")" = active ] || echo "$unit is not active"
done
[ $with_guard = yes ] || exit 0
for process in /proc/[0-9]*; do
  command=$(tr '\0' ' ' 2>/dev/null <"$process/cmdline")
  case $command in *'chaos-guard '*) echo "$process: $command" ;; esac
done
