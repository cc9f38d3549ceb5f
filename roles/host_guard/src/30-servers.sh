# --- what runs here, for the blast radius --------------------------------------------------------

# The main classes and programs of what a cluster consists of, each as one whole argument. The first
# letters stand in brackets, so that no process that searches for them finds itself.
KAFKA_SERVERS='(.*/)?[k]afka\.Kafka|[k]afka\.docker\.KafkaDockerWrapper|[i]o\.confluent\.support\.metrics\.SupportedKafka|(.*/)?[r]edpanda|[o]rg\.apache\.zookeeper\.server\.(quorum\.QuorumPeerMain|ZooKeeperServerMain)'

put_servers() { # put servers: the processes of a cluster's servers with their unit or container; null if it cannot be told
  # A process that ended meanwhile makes grep fail as well, so its status tells nothing: it has to find
  # what it is given last, as `(standard input)`.
  found=$(printf 'a\0chaos=' | grep -lzxE "$KAFKA_SERVERS|[c]haos=" /proc/[0-9]*/cmdline - 2>/dev/null)
  if ! is_root || [ "$found" = "${found%\(*}" ]; then
    put_raw servers null
    return
  fi
  found=${found%\(*}
  found=${found%"$NEWLINE"}
  list='' keepers=''
  # shellcheck disable=SC2086 # names of files
  [ -z "$found" ] || keepers=$(grep -lzE '^org\.apache\.zookeeper' $found 2>/dev/null)
  for file in $found; do
    process=${file#/proc/}
    process=${process%/cmdline}
    case "$NEWLINE$keepers$NEWLINE" in *"$NEWLINE$file$NEWLINE"*) what=zookeeper ;; *) what=kafka ;; esac
    find_unit_of "$process"
    quote "$unit"
    list="$list,{\"process\":$process,\"what\":\"$what\",\"unit\":$quoted"
    quote "$group"
    find_quorum "$process"
    forwarded=false
    ! is_forwarded "$process" || forwarded=true
    list="$list,\"ports\":[$(ports_of "$process")],\"group\":$quoted,\"forwarded\":$forwarded,\"node\":${node:--1},\"leader\":${leader:--1},\"epoch\":${epoch:--1},\"voters\":[$voters]}"
  done
  put_raw servers "[${list#,}]"
}

is_forwarded() { # PROCESS: whether its traffic is none of this host's own, but for a tap that a process here serves
  local network
  network=$(readlink "/proc/$1/ns/net") && [ "$network" != "$(readlink /proc/self/ns/net)" ] &&
    [ -z "$(nsenter -t "$1" -n ip -o link show type tun 2>/dev/null)" ]
}

find_unit_of() { # PROCESS: set unit (the innermost service, or nothing) and group (its control group)
  unit='' group=''
  while IFS=: read -r number controllers path; do
    case "$number:$controllers" in 0: | *:name=systemd) [ -n "$group" ] && [ "$group" != / ] || group=$path ;; esac
  done 2>/dev/null <"/proc/$1/cgroup"
  rest=$group
  while [ -n "$rest" ]; do
    case ${rest##*/} in *.service) unit=${rest##*/} && return ;; esac
    case $rest in */*) rest=${rest%/*} ;; *) rest='' ;; esac
  done
}

# shellcheck disable=SC2012 # the readlink of busybox takes one name
opened_by() { ls -l "/proc/$1/fd" 2>/dev/null | sed -n 's/.* -> //p'; } # PROCESS: print what it has open

find_quorum() { # PROCESS: set node, and leader, epoch and voters of its metadata quorum; nothing where not known
  node='' leader='' epoch='' voters=''
  # A server keeps its metadata log open, so no configuration has to be read to find its folder.
  folder=$(opened_by "$1" | sed -n 's|/__cluster_metadata-0/.*||p' | head -n 1)
  [ -n "$folder" ] || return 0
  folder=/proc/$1/root$folder
  node=$(sed -n 's/^node\.id=\([0-9]\{1,9\}\)$/\1/p' "$folder/meta.properties" 2>/dev/null | head -n 1)
  state=$(head -c 4096 "$folder/__cluster_metadata-0/quorum-state" 2>/dev/null | tr -d ' \n')
  leader=$(say "$state" | sed -n 's/.*"leaderId":\([0-9]\{1,9\}\)[,}].*/\1/p')
  epoch=$(say "$state" | sed -n 's/.*"leaderEpoch":\([0-9]\{1,9\}\)[,}].*/\1/p')
  # Only a quorum of which the configuration names the voters has them here.
  voters=$(say "$state" | grep -oE 'voterId":[0-9]{1,9}' | cut -d : -f 2 | paste -s -d , -)
}

listened_at() { # [SOCKETS]: print the TCP ports of /proc/net/tcp on stdin at which something listens
  awk -v sockets="${1:-}" '
    BEGIN { some = split(sockets, listed, " "); for (i in listed) mine[listed[i]] = 1 }
    $4 == "0A" && (!some || $10 in mine) {
      hex = $2; sub(/.*:/, "", hex); port = 0
      for (i = 1; i <= length(hex); i++) port = port * 16 + index("0123456789ABCDEF", substr(hex, i, 1)) - 1
      if (!seen[port]++) printf "%s%d", (n++ ? "," : ""), port
    }'
}

put_listening() { # put listening: the TCP ports on which something listens here
  put_raw listening "[$(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | listened_at)]"
}

ports_of() { # PROCESS: print the TCP ports at which it listens
  sockets=$(opened_by "$1" | sed -n 's/^socket:\[\([0-9]*\)\]$/\1/p' | tr '\n' ' ')
  [ -z "$sockets" ] || cat "/proc/$1/net/tcp" "/proc/$1/net/tcp6" 2>/dev/null | listened_at "$sockets"
}

put_services() { # SERVICE...: put services: the state of each, what stops along with it, what runs in all of that
  list=''
  for service; do
    case $service in *.service) ;; *) service=$service.service ;; esac
    loaded='' active=''
    while IFS='=' read -r key value; do
      case $key in LoadState) loaded=$value ;; ActiveState) active=$value ;; esac
    done <<SHOWN
$(systemctl show -p LoadState -p ActiveState -- "$service" 2>/dev/null)
SHOWN
    stops=$(say "$service" | with_what_stops_along -p Names 2>/dev/null)
    groups=$(say "$stops" | named_in -p ControlGroup 2>/dev/null)
    quote "$service" && list="$list,{\"service\":$quoted,\"loaded\":\"$loaded\",\"active\":\"$active\""
    quote "$stops" && list="$list,\"stops\":$quoted"
    quote "$groups" && list="$list,\"groups\":$quoted"
    quote "$(programs_in "$groups")" && list="$list,\"programs\":$quoted}"
  done
  put_raw services "[${list#,}]"
}

programs_in() { # CONTROL GROUPS: print the names of the programs in them
  [ -n "$1" ] || return 0
  grep -lF "$(say "$1" | sed 's/^/:/')" /proc/[0-9]*/cgroup 2>/dev/null | sed 's/cgroup$/comm/' |
    while read -r file; do cat "$file" 2>/dev/null; done | sort -u | tr '\n' ' '
}

