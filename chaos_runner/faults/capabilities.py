"""What a host must have so that a fault can be put on it, and taken back.

The host guard's preflight is made from this table (`scripts/generate`), so that each capability is
looked for, named and explained in one place.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Capability:
    """One thing that a host has or lacks."""

    name: str
    look: str
    """A simple command, run as root by the host guard; it succeeds where this is there."""
    problem: str
    """What is said of a host without it."""
    hint: str
    """How to come by it."""
    needs: str = ""
    """The capability without which this one cannot be; where that lacks, only that is said."""


TC = Capability(
    "tc",
    "has tc",
    "tc is missing",
    "install iproute (Debian, Ubuntu, SUSE: iproute2; RHEL, Alma, Rocky, Fedora: iproute-tc)",
)
NETEM = Capability(
    "netem",
    "has_netem",
    "the kernel has no sch_netem",
    "Ubuntu: apt install linux-modules-extra-$(uname -r); RHEL, Alma, Rocky: dnf install "
    "kernel-modules-extra-$(uname -r); Debian: boot a stock kernel (linux-image-amd64 or "
    "linux-image-cloud-amd64); a container uses the kernel of its machine",
    needs="tc",
)
IFB = Capability(
    "ifb",
    "has_ifb",
    "what comes in cannot be shaped: there is no ifb, or the kernel is older than 5.6",
    "install the kernel's package with its extra modules, such as kernel-modules-extra, or shape "
    "what the peers send",
    needs="netem",
)
"""A link through which incoming packets go; nft sends no packets there before Linux 5.6."""
NFT = Capability(
    "nft",
    "test $has_nft = yes",
    "nft does not work",
    "install nftables; the kernel needs nf_tables",
)
IPTABLES = Capability(
    "iptables",
    "has_iptables_with_ipset",
    "iptables with ipset does not work",
    "install iptables and ipset",
)
"""It counts only together with ipset, whose timeouts end a fault without any program."""
PACKET_FILTER = Capability(
    "packet_filter",
    "has_packet_filter",
    "neither nft nor iptables with ipset works",
    "install nftables, or iptables and ipset",
)
SYSTEMD = Capability(
    "systemd",
    "has_systemd",
    "systemd does not run the host",
    "choose hosts that systemd boots",
)
COLLECTED_UNITS = Capability(
    "collected_units",
    "systemd-run --collect --version",
    "systemd is older than 236, whose systemd-run has no --collect for the timers that end a fault",
    "choose hosts with systemd of 236 or newer, as all distributions since 2018 have",
    needs="systemd",
)
"""What a host that systemd runs must have for a fault of any kind."""
OWN_CLOCK = Capability(
    "own_clock",
    "has_own_clock",
    "the clock is that of the machine that the container runs on",
    "choose hosts that are machines of their own, real or virtual",
)
PYTHON = Capability("python", "has python3", "python3 is missing", "install python3")
PRLIMIT = Capability("prlimit", "has prlimit", "prlimit is missing", "install util-linux")
FSFREEZE = Capability("fsfreeze", "has fsfreeze", "fsfreeze is missing", "install util-linux")
DISK_LIMITS = Capability(
    "disk_limits",
    "has_disk_limits",
    "systemd has no io controller with limits on this host",
    "choose hosts with cgroup v2 and its io controller, or cgroup v1 and blkio with throttling; a "
    "container may have neither",
    needs="systemd",
)

CAPABILITIES = {
    each.name: each
    for each in (
        *(TC, NETEM, IFB, NFT, IPTABLES, PACKET_FILTER, SYSTEMD, COLLECTED_UNITS, OWN_CLOCK),
        *(PYTHON, PRLIMIT, FSFREEZE, DISK_LIMITS),
    )
}
"""By name: every capability that preflight looks for."""


def guard_part() -> str:
    """Return the part of the host guard that looks for them."""
    return _GUARD_PART.format(
        offers="\n".join(f"  offer {each.name} {each.look}" for each in CAPABILITIES.values())
    )


_GUARD_PART = """\
# --- what this host has ---------------------------------------------------------------------------
# Made by scripts/generate from chaos_runner/faults/capabilities.py; do not edit.

has_iptables_with_ipset() {{ [ "$has_iptables$has_ipset" = yesyes ]; }}
has_packet_filter() {{ [ "$has_nft" = yes ] || has_iptables_with_ipset; }}
has_own_clock() {{ # no container, and CAP_SYS_TIME, which is bit 25
  local key value
  ! {{ has systemd-detect-virt && systemd-detect-virt --quiet --container; }} || return
  while read -r key value; do
    [ "$key" != CapEff: ] || return $((1 - ((0x$value >> 25) & 1)))
  done </proc/self/status
  return 1
}}
has_ifb() {{ # without loading a module where the module tree can be asked
  local release minor
  read -r release </proc/sys/kernel/osrelease
  minor=${{release#*.}}
  has_netem || return
  [ $((${{release%%.*}} * 1000 + ${{minor%%[!0-9]*}})) -ge 5006 ] || return
  if [ -d /sys/module/ifb ]; then :
  elif [ -d "/lib/modules/$release" ]; then modprobe -n -q ifb
  else unshare -n ip link add chaosifb type ifb
  fi
}}
has_disk_limits() {{
  local all=''
  read -r all </sys/fs/cgroup/cgroup.controllers
  case " $all " in
    *' io '*) ;;
    *) [ -w /sys/fs/cgroup/blkio/blkio.throttle.read_bps_device ] ;;
  esac
}}

put_capabilities() {{ # put capabilities: name to whether it is there; after learn_firewalls
  list=''
{offers}
  put_raw capabilities "{{${{list#,}}}}"
}}

offer() {{ # NAME COMMAND...: to list
  name=$1 there=false
  shift
  ! "$@" >/dev/null 2>&1 || there=true
  list="$list,\\"$name\\":$there"
}}

"""
