"""The prompt on a terminal: editing, completion, suggestions, and the live line."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TextIO

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.cursor_shapes import DynamicCursorShapeConfig, ModalCursorShapeConfig
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER, EditingMode
from prompt_toolkit.filters import Always, Condition, emacs_insert_mode, has_focus, vi_insert_mode
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.key_binding.vi_state import InputMode
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout.processors import HighlightMatchingBracketProcessor
from prompt_toolkit.output import ColorDepth, Output
from prompt_toolkit.search import SearchState

from gradcalc.prompt import Console, unprompted
from gradcalc.session import open_in
from gradcalc.show import folded, note

from .entering import CONTINUES
from .highlight import STYLE, FormulaLexer, MistakeMarker
from .live import Live
from .practising import asked_in
from .remarks import Remark
from .talk import Kept, Talk, prompt_of

_LIVE_LINES = 3  # below the prompt, at most
_REPLACING = (InputMode.REPLACE, InputMode.REPLACE_SINGLE)
_NEVER_CLOSED = "is never closed"  # which more text may mend
_KNOWN_LINES = 10_000  # of the history; a search through more than these would be felt
_ESCAPE_ALONE, _ESCAPE_BEFORE = 0.05, 0.5  # seconds until Escape is the key, and no longer the first of two
_SETTLED = 0.1  # seconds after which the prompt is on the screen


def converse(talk: Talk, input: Input | None = None, output: Output | None = None) -> None:
    """Read and answer until the user leaves."""
    editor = Editor(talk, input, output)
    with _without_echo(sys.stdin if input is None else None):
        _conversed(talk, editor)


def _conversed(talk: Talk, editor: Editor) -> None:
    try:
        while not talk.console.ended:
            try:
                editor.kept = talk.answer(editor.read())
            except KeyboardInterrupt:  # the line is cleared
                editor.kept = Kept()
            except EOFError:
                if talk.console.practice is None:
                    return
                talk.answer("quit")  # Ctrl-D leaves the practice first
    finally:
        editor.live.close()


class Editor:
    """Reads texts. `kept` is the last one if it could not be answered: an empty line shows it, and Right takes it."""

    def __init__(self, talk: Talk, input: Input | None = None, output: Output | None = None) -> None:
        self.console = talk.console
        self.console.edits = True
        self.kept = Kept()
        self.live = Live(self._remarked)
        self._remark = ("", Remark())
        self._asked: tuple[str, int | None] | None = None  # what a remark was last wanted on: a text, a place in it
        self._warmed = False
        self._prompt: PromptSession[str] = PromptSession(
            lambda: [("class:prompt", prompt_of(self.console))],
            multiline=True,
            prompt_continuation=lambda width, number, wrapped: " " * width,
            lexer=FormulaLexer(self.console),
            completer=_Completer(self.console),
            complete_while_typing=False,
            auto_suggest=AutoSuggestFromHistory(),
            history=_history(talk),
            enable_history_search=True,
            enable_open_in_editor=True,
            enable_suspend=True,
            tempfile_suffix=".grad",
            key_bindings=self._keys(),
            input_processors=[HighlightMatchingBracketProcessor(chars="()"), MistakeMarker(lambda: self._remark)],
            placeholder=self._ghost,
            bottom_toolbar=self._toolbar,
            style=STYLE,
            include_default_pygments_style=False,
            cursor=DynamicCursorShapeConfig(lambda: ModalCursorShapeConfig() if self.console.vi else None),
            color_depth=ColorDepth.DEPTH_4_BIT if talk.color else ColorDepth.DEPTH_1_BIT,
            input=input,
            output=output,
        )
        self._prompt.layout.current_window.dont_extend_height = Always()  # so that the live line stands right below
        self._prompt.app.ttimeoutlen, self._prompt.app.timeoutlen = _ESCAPE_ALONE, _ESCAPE_BEFORE
        self._prompt.default_buffer.on_text_changed += _make_readable
        self._prompt.app.after_render += lambda _: self._rendered()

    def read(self) -> str:
        """A text the user has entered.

        Raises:
            KeyboardInterrupt: Ctrl-C.
            EOFError: Ctrl-D on an empty line.
        """
        self.live.about(asked_in(self.console))
        self._remark, self._asked = ("", Remark()), None
        self._prompt.editing_mode = EditingMode.VI if self.console.vi else EditingMode.EMACS
        begun, self.console.begun = self.console.begun, ""
        return self._prompt.prompt(default=begun)

    def _warm(self) -> None:
        """Once the prompt is up, load what the first answer needs, a moment later so that the first keys come first."""
        if not self._warmed:
            self._warmed = True
            if not self.console.session.options.numeric:
                loading = threading.Timer(_SETTLED, _load_symbolic)
                loading.daemon = True
                loading.start()

    # ---- the live line

    def _rendered(self) -> None:
        """Want a remark on what is to be seen now; on the first, empty, line that gets the live line ready."""
        document = self._prompt.default_buffer.document
        text = self._seen()
        place = None if document.is_cursor_at_the_end or text != document.text else document.cursor_position
        if (text, place) != self._asked:
            self._asked = (text, place)
            self.live.ask(text, self.console.style, place)
        self._warm()

    def _seen(self) -> str:
        """The text on the screen: while the history is searched, what is found."""
        buffer, control = self._prompt.default_buffer, self._prompt.layout.search_target_buffer_control
        field = control.search_buffer_control if control is not None else None
        if control is None or field is None or not field.buffer.text:
            return buffer.text
        state = control.search_state
        return buffer.document_for_search(SearchState(field.buffer.text, state.direction, state.ignore_case)).text

    def _remarked(self, text: str, remark: Remark) -> None:
        self._remark = (text, remark)
        with suppress(RuntimeError, AttributeError):  # the line may have been entered in this moment
            self._prompt.app.invalidate()

    def _toolbar(self) -> StyleAndTextTuples:
        mode = f"   vi {self._vi_mode()}" if self.console.vi else ""
        typed, remark = self._remark
        text = remark.text if typed == self._seen() else ""
        if self.kept.text and not self._prompt.default_buffer.text:
            text = "Right brings the line back"
        if self.console.ascii:
            text = text.encode("ascii", "backslashreplace").decode()
        shown = folded(text + mode, self.console.width()).split("\n")
        fragments: StyleAndTextTuples = [("class:live", "\n".join(shown[:_LIVE_LINES]))]
        if len(shown) > _LIVE_LINES:
            fragments.append(("class:live", " ..."))
        start, end = remark.strong if text == remark.text and "\n" not in fragments[0][1] else (0, 0)
        if start < end:
            parts = (("live", text[:start]), ("strong", text[start:end]), ("live", text[end:] + mode))
            fragments[:1] = [(f"class:{kind}", part) for kind, part in parts]
        return fragments

    def _vi_mode(self) -> str:
        inserting = self._prompt.app.vi_state.input_mode in (InputMode.INSERT, InputMode.INSERT_MULTIPLE)
        return "INS" if inserting else "REP" if self._prompt.app.vi_state.input_mode in _REPLACING else "NAV"

    # ---- keys

    def _ghost(self) -> StyleAndTextTuples:
        shown = self.kept.text.partition("\n")[0] if not self._prompt.app.is_done else ""
        return [("class:ghost", shown)]

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        writing = has_focus(DEFAULT_BUFFER) & (emacs_insert_mode | vi_insert_mode)
        empty = Condition(lambda: not self._prompt.default_buffer.text)
        kept = Condition(lambda: bool(self.kept.text))
        answered = Condition(lambda: bool(self.console.session.results))

        @keys.add("enter", filter=writing)
        def submit(event: KeyPressEvent) -> None:
            buffer = event.current_buffer
            if buffer.complete_state and buffer.complete_state.current_completion:
                buffer.complete_state = None  # what was chosen in the menu is taken
            elif self._goes_on(buffer.text) and buffer.document.current_line.strip():
                buffer.newline(copy_margin=False)
            else:
                buffer.validate_and_handle()

        @keys.add(Keys.Any, filter=writing, save_before=_begins_a_word)
        def write(event: KeyPressEvent) -> None:
            event.current_buffer.insert_text(event.data * event.arg)

        @keys.add("escape", "enter", filter=has_focus(DEFAULT_BUFFER))
        def newline(event: KeyPressEvent) -> None:
            event.current_buffer.newline(copy_margin=False)

        def go_on(event: KeyPressEvent) -> None:
            event.current_buffer.insert_text(f"ans {event.data}")

        for operator in CONTINUES:
            keys.add(operator, filter=writing & empty & answered)(go_on)

        @keys.add("right", filter=writing & empty & kept)
        @keys.add("end", filter=writing & empty & kept)
        @keys.add("c-e", filter=writing & empty & kept)
        def mend(event: KeyPressEvent) -> None:
            event.current_buffer.document = Document(self.kept.text, self.kept.place)

        @keys.add("end", filter=writing & Condition(lambda: bool(self._suggestion())))
        def take(event: KeyPressEvent) -> None:
            event.current_buffer.insert_text(self._suggestion())

        @keys.add(Keys.BracketedPaste, filter=has_focus(DEFAULT_BUFFER))
        def paste(event: KeyPressEvent) -> None:
            text = event.data.replace("\r\n", "\n").replace("\r", "\n")
            event.current_buffer.insert_text(unprompted(_readable(text)))

        @keys.add("f4")
        def switch(event: KeyPressEvent) -> None:
            self.console.vi = not self.console.vi
            event.app.editing_mode = EditingMode.VI if self.console.vi else EditingMode.EMACS

        return keys

    def _goes_on(self, text: str) -> bool:
        """Whether a parenthesis waits to be closed, and nothing is known to be wrong before that."""
        of, remark = self._remark
        wrong = of == text and remark.end and not remark.text.endswith(_NEVER_CLOSED)
        return bool(open_in(text)) and not wrong

    def _suggestion(self) -> str:
        buffer = self._prompt.default_buffer
        return buffer.suggestion.text if buffer.suggestion and buffer.document.is_cursor_at_the_end else ""


def _begins_a_word(event: KeyPressEvent) -> bool:
    """Whether Ctrl-_ stops before what is typed: it takes back a word at a time, with what stands behind it."""
    before = event.current_buffer.document.char_before_cursor
    return not event.is_repeat or (event.data.isalnum() and not before.isalnum())


def _readable(text: str) -> str:
    """The text with a mark for each byte that was no text, and a space for a tab."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\t", " ")


def _make_readable(buffer: Buffer) -> None:
    if (text := _readable(buffer.text)) != buffer.text:
        buffer.document = Document(text, min(buffer.cursor_position, len(text)))


class _Completer(Completer):
    def __init__(self, console: Console) -> None:
        self._console = console

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        from .completing import candidates  # here, because the first prompt does without it

        for found in candidates(self._console, document.text_before_cursor):
            yield Completion(found.text, -found.back, display=found.shown, display_meta=found.about)


class _History(FileHistory):
    """Lines of all sessions, appended as they are entered, the newest known; a full disk loses the line alone."""

    def load_history_strings(self) -> Iterable[str]:
        return islice(super().load_history_strings(), _KNOWN_LINES)

    def store_string(self, string: str) -> None:
        with suppress(OSError):
            super().store_string(string)


def _history(talk: Talk) -> History:
    path = talk.console.folders.history
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(path, "ab+"):
            pass
    except OSError as error:
        talk.write(note(f"the history is not kept: {error.strerror or error}: {path}"))
        return InMemoryHistory()
    return _History(str(path))


@contextmanager
def _without_echo(terminal: TextIO | None) -> Iterator[None]:
    """Let what is typed while an answer is written wait for the prompt, and not be shown in the answer."""
    try:
        import termios
    except ImportError:  # not on Windows
        yield
        return
    if terminal is None or not terminal.isatty():
        yield
        return
    before = termios.tcgetattr(terminal)
    silent = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(terminal, termios.TCSADRAIN, silent)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _load_symbolic() -> None:
    import gradcalc.symbolic  # noqa: F401  # the import is all there is to do
