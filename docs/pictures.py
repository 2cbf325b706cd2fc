"""The pictures of the pages: `python docs/pictures.py` draws them anew; the prompt's needs tmux and rich."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from io import StringIO
from pathlib import Path

from gradcalc.cli import main

PICTURES = Path(__file__).parent / "pictures"
TYPED = ("a = 2; b = -3; c = 10; f = -2", "p = a*b", "L = (p + c)*f", "L", "sqt(4)")
GOING_ON = "L^2 + 3*(a - b"
WIDTH, HEIGHT = 72, 17
PAGE = """<svg viewBox="0 0 {terminal_width} {terminal_height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; white-space: pre }}
{styles}
</style>
<defs>{lines}</defs>
<rect width="{terminal_width}" height="{terminal_height}" rx="8" fill="#1c1f26"/>
<g transform="translate(9, 4)"><g class="{unique_id}-matrix">{backgrounds}{matrix}</g></g>
</svg>
"""


def screen() -> str:
    """The prompt in a terminal while a formula is typed, with its colours as escapes."""
    with tempfile.TemporaryDirectory() as home:
        tmux = ["tmux", "-L", f"pictures-{os.getpid()}", "-f", os.devnull]
        environment = {**os.environ, "XDG_STATE_HOME": home, "XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home}
        begin = ["new-session", "-d", "-x", str(WIDTH), "-y", str(HEIGHT), f"{sys.executable} -m gradcalc"]
        subprocess.run([*tmux, *begin], check=True, env=environment)
        try:
            time.sleep(3)
            for line in TYPED:
                subprocess.run([*tmux, "send-keys", "-l", line], check=True)
                subprocess.run([*tmux, "send-keys", "Enter"], check=True)
                time.sleep(2)
            for key in GOING_ON:
                subprocess.run([*tmux, "send-keys", "-l", key], check=True)
            time.sleep(2)
            shown = subprocess.run([*tmux, "capture-pane", "-e", "-p"], check=True, capture_output=True, text=True)
            return shown.stdout.rstrip("\n")
        finally:
            subprocess.run([*tmux, "kill-server"], check=True)


def drawn(text: str) -> str:
    """A terminal's text as a picture."""
    from rich.console import Console
    from rich.terminal_theme import MONOKAI
    from rich.text import Text

    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi(f"{text}\n "))  # with room below
    return console.export_svg(theme=MONOKAI, code_format=PAGE, unique_id="prompt")


if __name__ == "__main__":
    main(["(a*b + c)*f", "a=2", "b=-3", "c=10", "f=-2", "--graph", "-o", str(PICTURES / "graph.svg")])
    main(["sin(x)/x", "--plot", "x=-12..12", "-o", str(PICTURES / "plot.svg")])
    (PICTURES / "prompt.svg").write_text(drawn(screen()), "utf-8")
