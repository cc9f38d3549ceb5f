"""Sending records on schedule, partition by partition."""
