"""The text of a script, from a file or from stdin."""

from __future__ import annotations

import sys
from pathlib import Path

from .options import UsageError


def text(path: str) -> str:
    """What is in a file, in stdin for `-`.

    Raises:
        UsageError: it cannot be read, or is not UTF-8.
    """
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{'the input' if path == '-' else path} is not UTF-8 text") from None
