"""Name the options whose commands are kept under tests/golden/<kind>."""

from __future__ import annotations

from collections.abc import Mapping

from chaos_runner.faults.registry import fault_kinds

PEERS = ["192.0.2.7", "2001:db8::7", "198.51.100.0/24"]
PORTS = [9092, "9094-9096"]

REQUIRED = {"validate", "apply", "in_place", "effect"}
"""What chaos-guard calls in a fault script and has no other for."""
HOOKS = {
    "renew",
    "undo",
    "fingerprint_extra",
    "baseline",
    "provoke",
    "returned",
    "residue",
    "healed",
}
"""What a fault script may define."""

_WRITTEN: Mapping[str, Mapping[str, Mapping[str, object]]] = {
    "clock_skew": {
        "default": {},
        "offset": {"offset": "90500ms"},
        "drift": {"offset": "", "drift": "2s"},
        "drift_from_an_offset": {"drift": "-1500ms"},
        "drift_too_fast": {"drift": "31s"},
    },
    "connection_exhaustion": {
        "default": {"connections": "new"},
        "peers_and_ports": {
            "connections": "new",
            "peers": PEERS,
            "ports": PORTS,
            "action": "reset",
        },
    },
    "cpu_stress": {
        "default": {"workers": 2},
        "load_and_weight": {"workers": 2, "load": "12.5%", "weight": 1000},
    },
    "disk_fill": {
        "default": {"path": "/var/lib/kafka"},
        "level": {"path": "/var/lib/kafka", "level": "80.5%"},
    },
    "disk_slow": {
        "default": {"write": 1048576},
        "every_limit": {"read": 4096, "write": 4096, "read_operations": 5, "write_operations": 6},
        "service_with_an_escaped_name": {"service": r"export@srv\x2ddata", "read": 4096},
    },
    "disk_stall": {"default": {}},
    "dns_failure": {
        "default": {},
        "action_reject": {"action": "reject"},
        "action_nxdomain": {"action": "nxdomain"},
        "action_slow": {"action": "slow", "delay": "1500ms", "peers": PEERS},
        "loss": {"loss": "12.5%"},
        "peers": {"peers": PEERS},
        "spared": {"spared": ["203.0.113.5", "2001:db8:f::/64"], "action": "reject"},
    },
    "mtu_black_hole": {"default": {}, "peers_and_ports": {"peers": PEERS, "ports": PORTS}},
    "file_descriptors": {
        "default": {},
        "service_with_an_escaped_name": {"service": r"export@srv\x2ddata", "left": 5},
    },
    "host_panic": {"default": {}, "silence": {"silence": 60}},
    "host_reboot": {"default": {}, "how_hard": {"how": "hard"}},
    "inode_fill": {"default": {}, "left": {"left": 800}},
    "io_stress": {"default": {}, "access_read": {"access": "read"}, "block": {"block": 4096}},
    "log_flood": {"default": {}, "file": {"file": "/var/lib/kafka/flood.log"}},
    "network_bandwidth": {
        "default": {},
        "slow": {"rate": "512kbit"},
        "fast": {"rate": "1gbit"},
        "direction_in": {"direction": "in"},
    },
    "network_corruption": {"default": {}, "correlation": {"correlation": "25%"}},
    "network_duplication": {"default": {}},
    "network_flap": {
        "default": {},
        "peers": {"peers": PEERS},
        "action_reset": {"action": "reset"},
    },
    "network_loss": {
        "default": {},
        "correlation": {"correlation": "25%"},
        "burst": {"burst": 4.0},
        "states": {"loss": "", "states": ["1%", "20%", "10%", "50%", "0.5%"]},
        "direction_both": {"direction": "both"},
        "peers_and_ports": {"peers": PEERS, "ports": PORTS},
    },
    "network_reordering": {"default": {}, "correlation": {"correlation": "50%"}},
    "memory_stress": {
        "default": {"size": 64 * 1024**2},
        "more_than_one_process_holds": {"size": 3 * 1024**3 + 1024},
    },
    "network_latency": {
        "default": {},
        "delay": {"delay": "1500.5ms"},
        "delay_in_seconds": {"delay": "2s"},
        "delay_too_long": {"delay": "61s"},
        "slot": {"slot": "20ms", "slot_packets": 5},
        "slot_too_long": {"slot": "101ms"},
        "slot_packets_alone": {"slot_packets": 5},
        "direction_in": {"direction": "in", "peers": PEERS, "ports": PORTS},
        "direction_both": {"direction": "both"},
        "jitter": {"jitter": "10ms"},
        "jitter_too_long": {"jitter": "101ms"},
        "correlation": {"jitter": "10ms", "correlation": "25%"},
        "distribution": {"jitter": "10ms", "distribution": "normal"},
        "peers": {"peers": PEERS},
        "peers_of_ipv6": {"peers": ["2001:db8::7"]},
        "ports": {"ports": PORTS},
        "peers_and_ports": {"peers": PEERS, "ports": PORTS},
        "interface": {"interface": "eth1"},
        "own_addresses": {
            "own_addresses": ["192.0.2.1", "2001:db8::1"],
            "measured": ["192.0.2.7"],
        },
        "spared": {"spared": ["203.0.113.5", "2001:db8:f::/64"], "ports": [9092]},
    },
    "network_partition": {
        "default": {},
        "peers": {"peers": PEERS},
        "peers_of_ipv6": {"peers": ["2001:db8::7"]},
        "ports": {"ports": PORTS},
        "peers_and_ports": {"peers": PEERS, "ports": PORTS},
        "direction_in": {"direction": "in"},
        "direction_out": {"direction": "out"},
        "action_reject": {"action": "reject", "ports": [9092]},
        "action_reset": {"action": "reset"},
        "action_reset_ports": {"action": "reset", "ports": PORTS, "direction": "out"},
        "backend_nft": {"backend": "nft"},
        "backend_iptables_reject": {"backend": "iptables", "action": "reject"},
        "backend_iptables_reset": {"backend": "iptables", "action": "reset", "direction": "in"},
        "spared": {"spared": ["203.0.113.5", "2001:db8:f::/64"], "measured": ["192.0.2.7"]},
        "backend_iptables": {"backend": "iptables"},
        "backend_iptables_peers_and_ports": {
            "backend": "iptables",
            "peers": PEERS,
            "ports": PORTS,
            "direction": "in",
        },
    },
    "process_pause": {
        "default": {"executable": "/opt/proxy/bin/proxy"},
        "pid_file": {"pid_file": "/run/proxy.pid"},
    },
    "service_kill": {
        "default": {},
        "signal": {"signal": "ABRT"},
        "interval": {"interval": "10000ms"},
        "interval_in_seconds": {"interval": "1.5s", "signal": "TERM"},
        "service_with_an_escaped_name": {"service": r"export@srv\x2ddata"},
    },
    "service_pause": {
        "default": {},
        "service_with_an_escaped_name": {"service": r"export@srv\x2ddata"},
    },
    "service_stop": {
        "default": {},
        "service": {"service": "nginx"},
        "service_with_suffix": {"service": "getty@tty1.service"},
        "service_with_an_escaped_name": {"service": r"export@srv\x2ddata"},
    },
    "service_throttle": {
        "default": {"cpu": "50%"},
        "cpu_of_two": {"cpu": "200%"},
        "memory": {"memory": 536870912},
        "io_weight": {"io_weight": 10},
        "every_limit": {"cpu": "1%", "memory": 1048576, "io_weight": 1},
        "service_with_an_escaped_name": {"service": r"export@srv\x2ddata", "cpu": "50%"},
    },
}

NEEDED: Mapping[str, Mapping[str, object]] = {
    "clock_skew": {"offset": "-300s"},
    "mtu_black_hole": {"mtu": 1400},
    "network_bandwidth": {"rate": "20mbit"},
    "network_corruption": {"corrupt": "1%"},
    "network_duplication": {"duplicate": "1%"},
    "network_flap": {"down": "5000ms", "up": "10000ms"},
    "network_latency": {"delay": "100ms"},
    "network_loss": {"loss": "10%"},
    "network_reordering": {"reorder": "25%", "delay": "10ms"},
}
"""What an experiment must give of a kind, and its role has no default for."""

CASES = {
    kind: {
        case: {
            f"{fault_kinds()[kind].role_name()}_{option}": value
            for option, value in {**NEEDED.get(kind, {}), **options}.items()
        }
        for case, options in cases.items()
    }
    for kind, cases in _WRITTEN.items()
}
"""Kind to case to role variables."""
