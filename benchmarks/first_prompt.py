"""The processor time until the first prompt is up, beside `python -c pass`: the aim is a ratio below 20."""

from __future__ import annotations

import os
import pty
import select
import sys

ROUNDS = 7


def ticks(pid: int) -> float:
    """Seconds of processor time a running process has spent."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spent(arguments: list[str], until: bytes = b"") -> float:
    """Seconds of processor time of Python with these arguments on a terminal, until it shows a text, or in all."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.execv(sys.executable, [sys.executable, *arguments])
    shown, found = b"", None
    while select.select([terminal], [], [], 20)[0]:
        try:
            new = os.read(terminal, 65536)
        except OSError:  # Linux, once the child has gone
            break
        if not new:
            break
        shown += new
        if b"\x1b[6n" in new:  # where is the cursor?
            os.write(terminal, b"\x1b[1;1R")
        if until and until in shown and found is None:
            found = ticks(pid)
            os.write(terminal, b"\x04")
    usage = os.wait4(pid, 0)[2]
    return usage.ru_utime + usage.ru_stime if found is None else found


def main() -> None:
    spent(["-m", "gradcalc"], b">> ")  # the first run writes bytecode and the parser's tables
    bare = min(spent(["-c", "pass"]) for _ in range(ROUNDS))
    prompt = min(spent(["-m", "gradcalc"], b">> ") for _ in range(ROUNDS))
    print(f"python -c pass  {bare:.4f} s\nfirst prompt    {prompt:.4f} s\nratio           {prompt / bare:.1f}")


if __name__ == "__main__":
    main()
