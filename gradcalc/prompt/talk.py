"""The work on a text that was entered, however it was read: answers written, mistakes told, the session kept."""

from __future__ import annotations

import _thread
import math
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from gradcalc import show
from gradcalc.helper import OutOfTime, within
from gradcalc.language.errors import LIMITS, SEE_FUNCTIONS, FormulaError, UndecidedError, harmless, out_of_memory
from gradcalc.prompt import Console, Progress, Texts, continued, enter, saved, unprompted
from gradcalc.record import dataclass, replace
from gradcalc.session import lines
from gradcalc.watcher import Watcher

PROMPT, _PRACTICE = ">> ", "practice> "
_CLEAR = "\r\x1b[K"
_UNHEARD = "this step hears no Ctrl-C; another one ends gradcalc"
_KEPT = ", and :load last goes on\n"
_AGAIN = 0.02  # seconds after which Ctrl-C is tried again where nobody has heard it


def prompt_of(console: Console) -> str:
    """The mark before a line: another one while practice has every line."""
    return PROMPT if console.practice is None else _PRACTICE


@dataclass(frozen=True, slots=True)
class Kept:
    """A text that could not be answered, to be mended, with the place of the mistake."""

    text: str = ""
    place: int = 0


@dataclass(slots=True)
class Talk:
    """`moving` tells whether a line can be replaced, as on a terminal."""

    console: Console
    out: TextIO
    color: bool
    moving: bool
    kept: str = ""  # the session as it was last written
    warned: bool = False
    progress: bool = False  # such a line stands on the screen
    midline: bool = False  # what was written last has no end yet
    watcher: Watcher | None = None  # of a terminal

    def answer(self, text: str) -> Kept:
        """Carry out the lines of a text up to the first mistake, and give what is left of it from there."""
        text = continued(self.console, unprompted(text))
        kept = Kept()
        for number, line in lines(text):
            found = self._line(line)
            if found is not None:
                rest = text.split("\n", number - 1)[-1]
                kept = Kept(rest, min(found, len(rest)))
                break
            if self.console.ended:
                break
            self.keep()
        self.keep()
        return kept

    def _line(self, line: str) -> int | None:
        """Carry out one line; the place of a mistake in it, if there is one."""
        try:
            with interruptible(), self._watched():
                self._say(enter(self.console, line))
        except FormulaError as error:
            self._end_line()
            self._tell(error)
            span = error.diagnostic.span
            return max(0, line.find(span.source)) + span.start  # of a command, the source is its argument
        except KeyboardInterrupt:
            self._end_line()
            self.write("stopped\n")
            return 0
        except MemoryError:
            self._end_line()
            self._tell(out_of_memory())
            return 0
        except BrokenPipeError:  # nobody reads any more
            raise
        except Exception as error:  # a bug of ours, whatever it is: say so, and lose nothing
            if os.environ.get("GRADCALC_DEBUG"):
                raise
            self._end_line()
            self.write(self.console.line(f"internal error: {type(error).__name__}: {error}, please report"))
            self.keep()
            self.write(self.console.line("the session goes on; it is kept, and :load last brings it back"))
            return 0
        return None

    def _tell(self, error: FormulaError) -> None:
        """Write an error, with the prompt's own help in the place of the command's."""
        about = error.diagnostic
        about = replace(about, help=about.help.replace(SEE_FUNCTIONS, ":help functions lists the functions"))
        self.write(show.diagnostic(about, width=self.console.width()))

    def _say(self, texts: Texts) -> None:
        try:
            for text in self._in_time(texts):
                self._show(text)
        except KeyboardInterrupt:
            self._show(texts.throw(KeyboardInterrupt()))  # raises it again, unless the command has an answer to it
            for text in texts:
                self._show(text)

    def _in_time(self, texts: Texts) -> Texts:
        """The texts, while there is time: what is read of them in between, in a pager, takes none.

        Raises:
            UndecidedError: the time limit that was set is over.
        """
        seconds = self.console.session.options.seconds
        end = math.inf if seconds == LIMITS.seconds else time.monotonic() + seconds
        while True:
            try:
                with within(end - time.monotonic()) as rung:
                    text = next(texts, None)
            except OutOfTime:
                more = ":set time-limit SECONDS gives it more"
                raise UndecidedError(f"out of time after {seconds:g} s", help=more) from None
            if text is None:
                return
            before = time.monotonic()
            yield text
            end = math.inf if rung.is_set() else end + time.monotonic() - before  # a command may have heard it itself

    def _show(self, text: str) -> None:
        if not isinstance(text, Progress):
            self.write(text)
        elif self.moving:
            self.out.write(_CLEAR + harmless(text)[: max(1, self.console.width() - 3)])
            self.out.flush()
            self.progress = True

    def write(self, text: str) -> None:
        if self.progress:
            self.out.write(_CLEAR)
            self.progress = False
        if not text:
            return
        self.midline = not text.endswith("\n")
        shown = show.on_screen(text, self.color)
        shown = shown.encode("ascii", "backslashreplace").decode() if self.console.ascii else shown
        if self.moving and self.console.pager and text.count("\n") >= shutil.get_terminal_size().lines:
            if self.watcher is not None:
                self.watcher.rest()
            _page(shown)
            self._watch()
            return
        self.out.write(shown)
        self.out.flush()

    def _end_line(self) -> None:
        if self.midline:
            self.write("\n")

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Let a second Ctrl-C end us, with the session kept, where nothing hears the first."""
        self._watch()
        try:
            yield
        finally:
            if self.watcher is not None:
                self.watcher.rest()

    def _watch(self) -> None:
        if self.watcher is not None:
            kept = _KEPT if self.kept and not self.warned else "\n"
            self.watcher.watch(stopped="ended" + kept, warning=_UNHEARD + kept)

    def keep(self) -> None:
        """Write the session to its file, if it has anything new. That it cannot be is said once."""
        session = saved(self.console)
        if session == self.kept or not (self.kept or self.console.session.log):
            return
        self.kept = session
        try:
            self.console.folders.keep(session)
        except OSError as error:
            if not self.warned:
                self.warned = True
                where = self.console.folders.sessions
                self.write(self.console.note(f"the session cannot be kept: {error.strerror}: {where}"))


def _page(text: str) -> None:
    """Show a text in the user's pager, or in `less`, which goes by itself where all of it fits."""
    import pydoc

    os.environ.setdefault("LESS", "-FRX -Pq leaves, Space goes on")
    pydoc.pager(text)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let no Ctrl-C get lost meanwhile: where it is raised in a place that nothing can leave, it is raised again."""
    before: Callable[[sys.UnraisableHookArgs], object] = sys.unraisablehook
    going_on = True

    def again() -> None:
        if going_on:
            _thread.interrupt_main()

    def lost(what: sys.UnraisableHookArgs) -> None:
        if not isinstance(what.exc_value, KeyboardInterrupt):
            before(what)
            return
        timer = threading.Timer(_AGAIN, again)
        timer.daemon = True
        timer.start()

    sys.unraisablehook = lost
    try:
        yield
    finally:
        going_on = False
        sys.unraisablehook = before
