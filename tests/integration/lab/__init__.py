"""Tests on the hosts of the lab."""
