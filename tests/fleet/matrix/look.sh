#!/bin/sh
# Print what this host shows of a fault, or of a guard at work; nothing when it is all over.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
nft list tables | grep -o 'chaos_.*'
tc qdisc show | grep -o 'c4a[0-9a-f]:' | sort -u
[ "$(systemctl is-active victim)" = active ] || echo 'victim is not active'
for process in /proc/[0-9]*; do
  command=$(tr '\0' ' ' 2>/dev/null <"$process/cmdline")
  case $command in *'chaos-guard '*) echo "$process: $command" ;; esac
done
