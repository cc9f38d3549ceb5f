"""Checks against a real Prometheus, a real Alertmanager and a service of its own process."""
