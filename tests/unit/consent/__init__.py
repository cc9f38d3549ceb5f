"""Tests of what hosts consent to."""
