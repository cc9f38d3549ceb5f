"""Network faults on hosts with two cards, with containers and tunnels: in network namespaces."""
