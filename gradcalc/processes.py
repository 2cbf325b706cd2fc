"""Processes of our own for what may take long: how one of them ends, and how much memory it may take."""

from __future__ import annotations

import subprocess
from contextlib import suppress

_MEMORY = 1 << 30  # bytes


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and wait for its end."""
    process.kill()
    close_pipes(process)
    process.wait()


def close_pipes(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):  # what was not yet sent goes nowhere
                stream.close()


def limit_memory() -> None:
    """In the process itself: take no more than 1 GiB, where the system can be told."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY if most < 0 else min(_MEMORY, most), most))
