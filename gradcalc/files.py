"""Files that are written whole, or not at all, and cells of theirs."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

_STARTS = ("=", "+", "-", "@", "\t", "\r")  # of what a spreadsheet takes for a formula of its own, or what hides one
_GUARD = "'"  # before such a cell: then it is text


def guarded(cell: str) -> str:
    """A cell as a spreadsheet takes it for a text, or a number, and never for a formula of its own."""
    return f"{_GUARD}{cell}" if cell.startswith(_STARTS) and not _is_number(cell) else cell


def unguarded(cell: str) -> str:
    """The text that `guarded` was given, of the cell that it made."""
    return cell[1:] if cell.startswith(_GUARD) and cell[1:].startswith(_STARTS) else cell


def _is_number(cell: str) -> bool:
    with suppress(ValueError):
        float(cell)
        return cell[-1].isdigit()
    return False


def write_whole(path: Path, data: bytes, backup: Path | None = None) -> None:
    """Write `data` to a file: under another name beside it, and when all of it is on the disk, under its own.

    A link stays a link, and what is no ordinary file, such as `/dev/null`, is written to. With a `backup`, what was
    there before is there afterwards.

    Raises:
        OSError: it cannot be written; then the file is as it was.
    """
    if is_device(path):
        path.write_bytes(data)
        return
    target = Path(os.path.realpath(path))
    part = _part(target)
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666), "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        if backup is not None and target.exists():
            _keep(target, backup)
        put_in_place(part, target)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def read_whole(path: str | Path, most: int) -> str:
    """The text of a file that nobody named at this moment, such as one of settings: of `most` bytes, so that one
    without an end has none of the memory, and of no pipe, which might never be filled.

    Raises:
        OSError: it cannot be read, or is longer.
        UnicodeDecodeError: it is not UTF-8.
    """
    if stat.S_ISFIFO(os.stat(path).st_mode):
        raise OSError(errno.ESPIPE, "it is a pipe")
    with open(path, "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it has more than {most:,} bytes")
    return data.decode("utf-8-sig").replace("\r\n", "\n")


def _keep(target: Path, backup: Path) -> None:
    """Have a file under a second name, too, so that at no moment there is none under its own."""
    second = _part(backup)
    try:
        try:
            os.link(target, second)
        except OSError:  # a file system without links
            shutil.copy2(target, second)
        os.replace(second, backup)
    except BaseException:
        with suppress(OSError):
            second.unlink()
        raise


def _part(path: Path) -> Path:
    """The name that a file has until it is whole."""
    return path.with_name(f".{path.name[:80]}.{os.getpid()}.part")


def put_in_place(part: Path, target: Path) -> None:
    """Move a file that is whole to where it is wanted, with the permissions of the one that was there."""
    if target.exists():
        shutil.copymode(target, part)
    os.replace(part, target)


def check_writable(path: Path) -> None:
    """
    Raises:
        OSError: a file of this name cannot be written, as far as can be told without doing it.
    """
    target = Path(os.path.realpath(path))
    if is_device(path):
        return
    if target.is_dir():
        raise IsADirectoryError(21, "Is a directory")
    if not target.parent.is_dir():
        raise FileNotFoundError(2, "No such file or directory")
    if not os.access(target if target.exists() else target.parent, os.W_OK):
        raise PermissionError(13, "Permission denied")


def is_device(path: Path) -> bool:
    """Whether it is no file that another could take the place of: a pipe, `/dev/null`, `/dev/stdout`."""
    return (path.is_absolute() and path.parts[1:2] in (("dev",), ("proc",))) or (
        path.exists() and not path.is_file() and not path.is_dir()
    )
