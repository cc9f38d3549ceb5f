"""What this process may take of the machine, and what is left of it where it dies."""

from __future__ import annotations

import resource

_STACK = 1024**2
"""Bytes of a thread's stack. The usual 8 MiB are never used, and would count against the limit."""
_ATTRIBUTES = 256
"""Bytes of a `pthread_attr_t`, and more: it has 56 to 64."""
_PR_SET_DUMPABLE = 4  # linux/prctl.h


def leave_no_image() -> None:
    """Leave no image of the memory, with its secrets, on disk where this process dies.

    What it starts inherits that, and may ask for an image again.
    """
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))


def keep_secrets(memory: int) -> None:
    """Leave no image, whoever takes it, and take at most so many bytes, threads included.

    A program that collects crashes may not mind the limit of the image's size: the kernel makes
    none of this process. Memory beyond the limit ends it.
    """
    import ctypes  # which the command line, that imports this file, does without

    leave_no_image()
    library = ctypes.CDLL(None)
    library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    attributes = ctypes.create_string_buffer(_ATTRIBUTES)
    library.pthread_attr_init(attributes)
    library.pthread_attr_setstacksize(attributes, ctypes.c_size_t(_STACK))
    library.pthread_setattr_default_np(attributes)
    library.pthread_attr_destroy(attributes)
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, most))
