"""The load beside the probe: Kafka's own producer-perf-test, started, bounded, read and ended."""
