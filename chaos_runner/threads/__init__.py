"""Threads that do not fail in silence, and questions that are asked again and again in one."""
