"""Holds a process to so much memory: a file made to fill it then fails, and nothing beside it."""

import resource


def limit_memory(most_bytes: int) -> None:
    """Of address space, libraries included, for this process and those it starts; never more than it is granted."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = most_bytes if hard == resource.RLIM_INFINITY else min(most_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
