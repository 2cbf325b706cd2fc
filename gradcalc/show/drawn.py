"""Formulas as they are written by hand, over several lines: the LaTeX of our typesetter, set in characters.

What is read is what `language.latex` and the patterns of the table write, and no more of LaTeX. A `TextBlock` is a
rectangle of characters with a line that others are set beside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from gradcalc.language.formula import Formula
from gradcalc.language.latex import LETTERS, to_latex
from gradcalc.record import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Lines of one width. `base` is the one on which its neighbours stand; an `operator` is none of the factors that a
    space makes a product of. One with `limits` has what is raised and lowered above and below it."""

    lines: tuple[str, ...]
    base: int = 0
    operator: bool = False
    limits: bool = False

    @property
    def width(self) -> int:
        return len(self.lines[0])


def to_pretty(formula: Formula, ascii: bool = False) -> str:
    """The formula over several lines; with `ascii`, in ASCII but for its names.

    Raises:
        SymbolicError: it is too large to draw.
    """
    return "\n".join(line.rstrip() for line in _Page(ascii).drawn(to_latex(formula).replace(r"\,", "")).lines)


# ---- blocks put together


def _beside(blocks: Iterable[TextBlock]) -> TextBlock:
    blocks = [*blocks] or [TextBlock(("",))]
    above = max(block.base for block in blocks)
    below = max(len(block.lines) - block.base for block in blocks)
    columns = []
    for block in blocks:
        empty = " " * block.width
        top = above - block.base
        columns.append([empty] * top + [*block.lines] + [empty] * (above + below - top - len(block.lines)))
    return TextBlock(tuple("".join(row) for row in zip(*columns, strict=True)), above)


def _stacked(blocks: Sequence[TextBlock], base: int, centred: bool = True) -> TextBlock:
    width = max(block.width for block in blocks)
    lines = (line.center(width) if centred else line.ljust(width) for block in blocks for line in block.lines)
    return TextBlock(tuple(lines), base)


def _enclosed(block: TextBlock, sides: Sequence[Sequence[str]]) -> TextBlock:
    """Between two signs: each as it is in one line, and its upper end, middle and lower end in several."""
    height = len(block.lines)
    lines = []
    for i, line in enumerate(block.lines):
        left, right = (side[0] if height == 1 else side[1 if i == 0 else 3 if i == height - 1 else 2] for side in sides)
        lines.append(left + line + right)
    return TextBlock(tuple(lines), block.base)


@dataclass(slots=True)
class _Group:
    """A piece of LaTeX between two signs. A `command` waits for `wanting` blocks; `rows` are those of cases."""

    sign: str = ""
    items: list[TextBlock | None] = field(default_factory=list)  # None for a space
    command: str = ""
    wanting: int = 0
    given: list[TextBlock] = field(default_factory=list)
    rows: list[list[TextBlock]] = field(default_factory=lambda: [[]])


_TOKEN = re.compile(
    r"\\(?P<words>mathrm|operatorname|text)\{(?P<inside>(?:[^{}\\]|\\.)*)\}|\\(?P<edge>left|right)\s*\\?(?P<side>\w+|.)|"
    r"\\(?:begin|end)\{(?P<cases>cases)\}|(?P<fraction>\\frac)|(?P<radical>\\sqrt)|(?P<raised>\^)|(?P<lowered>_)|"
    r"\\(?P<command>[a-zA-Z]+)|(?P<space>\\:|\s+)|(?P<row>\\\\)|(?P<text>\d[\d.]*|[^\W\d_]\w*?(?=\W|_|\d|$)|.)",
    re.S,
)
_OPERATORS = {
    command: (drawn, plain)
    for command, drawn, plain in map(
        str.split,
        (*("leq ≤ <=", "geq ≥ >=", "neq ≠ !=", "vee ∨ or", "wedge ∧ and", "neg ¬ not"), *("cdot ⋅ *", "partial ∂ d")),
    )
}
_SIDES: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "(": ("(⎛⎜⎝", "(/|\\"), ")": (")⎞⎟⎠", ")\\|/"), "|": ("││││", "||||"),
    "lfloor": ("⌊⎢⎢⎣", ("|_", "| ", "| ", "|_")), "rfloor": ("⌋⎥⎥⎦", ("_|", " |", " |", "_|")),
    "lceil": ("⌈⎡⎢⎢", ("|^", "|^", "| ", "| ")), "rceil": ("⌉⎤⎥⎥", ("^|", "^|", " |", " |")),
}  # fmt: skip
_JOINED = {"sum": ("Σ", "sum"), "prod": ("Π", "prod")}
_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, slots=True)
class _Page:
    ascii: bool

    def drawn(self, latex: str) -> TextBlock:
        """The LaTeX as a block. Groups that are open stand on a stack, so that depth costs nothing."""
        stack = [_Group()]
        for token in _TOKEN.finditer(latex):
            self._read(token, stack)
        return self._line(stack[0].items)

    def _read(self, token: re.Match[str], stack: list[_Group]) -> None:
        top, text = stack[-1], token["text"] or ""
        if token["words"]:
            words = re.sub(r"\\([_&%#${}])", r"\1", token["inside"])
            self._put(stack, TextBlock((words,), operator=token["words"] == "text"))
        elif token["space"]:
            top.items.append(None)
        elif token["edge"] == "left":
            stack.append(_Group(token["side"]))
        elif token["edge"] == "right":
            stack.pop()
            sides = [_SIDES[sign][self.ascii] for sign in (top.sign, token["side"])]
            self._put(stack, _enclosed(self._line(top.items), sides))
        elif token["cases"]:
            self._cases(token[0], stack)
        elif token["row"] or text == "&":
            top.rows[-1].append(self._line(top.items))
            top.items = []
            if token["row"]:
                top.rows.append([])
        elif token["fraction"] or token["radical"]:
            top.command, top.wanting = ("fraction", 2) if token["fraction"] else ("radical", 1)
        elif token["raised"] or token["lowered"]:
            base = top.items.pop() if top.items else None
            top.command, top.wanting = "raised" if token["raised"] else "lowered", 2
            top.given = [base or TextBlock(("",))]
        elif text == "{" or (text == "[" and top.command == "radical"):
            top.wanting += text == "["
            stack.append(_Group())
        elif text in ("}", "]") and len(stack) > 1:
            stack.pop()
            self._put(stack, self._line(top.items))
        else:
            self._put(stack, self._word(token["command"] or "", text))

    def _word(self, command: str, text: str) -> TextBlock:
        if command in _OPERATORS:
            return TextBlock((_OPERATORS[command][self.ascii],), operator=command != "partial")
        if command in _JOINED:
            return TextBlock((_JOINED[command][self.ascii],), operator=True, limits=True)
        if command in LETTERS and not self.ascii:
            return TextBlock((LETTERS[command],))
        return TextBlock((command or text,), operator=bool(re.fullmatch(r"[-+<>=,!]", text)))

    def _put(self, stack: list[_Group], block: TextBlock) -> None:
        """Give a block to the command that waits for it, or to the line."""
        top = stack[-1]
        if not top.wanting:
            top.items.append(block)
            return
        top.given.append(block)
        if len(top.given) == top.wanting:
            made = _MAKERS[top.command](self, *top.given)
            top.command, top.wanting, top.given = "", 0, []
            top.items.append(made)

    def _line(self, items: Sequence[TextBlock | None]) -> TextBlock:
        """Blocks beside each other. A space between two factors is their product, beside an operator a space."""
        found: list[TextBlock] = []
        for i, item in enumerate(items):
            if item is not None:
                found.append(item)
                continue
            before = next((each for each in reversed(items[:i]) if each is not None), None)
            after = next((each for each in items[i:] if each is not None), None)
            if before is None or after is None or (found and found[-1].lines == (" ",)):
                continue
            dot = _OPERATORS["cdot"][self.ascii]
            if (dot,) in (before.lines, after.lines):
                continue
            found.append(TextBlock((" ",)) if before.operator or after.operator else TextBlock((dot,)))
        return _beside(found)

    # ---- commands

    def _fraction(self, above: TextBlock, below: TextBlock) -> TextBlock:
        d, stroke = above.lines[-1][:1], "─-"[self.ascii]
        derivative = d in ("d", "∂") and above.width <= 2  # d/dx, which is no product
        if derivative:
            dot = _OPERATORS["cdot"][self.ascii]
            below = TextBlock(tuple(line.replace(f"{d}{dot}", d) for line in below.lines), below.base)
        width = max(above.width, below.width)
        longer = any(line == stroke * width for block in (above, below) for line in block.lines)  # than a bar inside
        bar = TextBlock((stroke * (width + 2 * longer),))
        drawn = _stacked((above, bar, below), len(above.lines))
        return replace(drawn, operator=derivative)

    def _root(self, *given: TextBlock) -> TextBlock:
        *index, inside = given
        height, (down, up) = len(inside.lines), ("\\/" if self.ascii else "╲╱")
        lines = [" " * (height + 2) + "_" * inside.width]
        for i, line in enumerate(inside.lines):
            lines.append(" " * (height - i) + up + " " * (i + 1) + line)
        lines[-1] = down + lines[-1][1:]
        if index:
            label = index[0].lines[-1]
            margin = " " * max(0, len(label) - height)
            lines = [margin + line for line in lines]
            lines[-2] = label.rjust(len(margin) + height) + lines[-2][len(margin) + height :]
        width = max(map(len, lines))
        return TextBlock(tuple(line.ljust(width) for line in lines), inside.base + 1)

    def _power(self, base: TextBlock, power: TextBlock) -> TextBlock:
        if base.limits:
            return replace(_stacked((power, base), len(power.lines) + base.base), operator=True, limits=True)
        top = tuple(" " * base.width + line for line in power.lines)
        return TextBlock((*top, *(line + " " * power.width for line in base.lines)), len(top) + base.base)

    def _index(self, base: TextBlock, index: TextBlock) -> TextBlock:
        if base.limits:
            return replace(_stacked((base, index), base.base), operator=True, limits=True)
        text = index.lines[0]
        plain = self.ascii or not (text.isascii() and text.isdigit())
        return _beside((base, TextBlock((f"_{text}" if plain else text.translate(_BELOW),))))

    def _cases(self, edge: str, stack: list[_Group]) -> None:
        if edge.startswith(r"\begin"):
            stack.append(_Group())
            return
        group = stack.pop()
        rows = [*group.rows[:-1], [*group.rows[-1], self._line(group.items)]]
        widths = [max(row[i].width for row in rows) for i in range(2)]
        lines: list[TextBlock] = []
        for value, condition in rows:
            value = TextBlock(tuple(line.ljust(widths[0] + 2) for line in value.lines), value.base)
            lines.append(_beside((value, condition)))
        body = _stacked(lines, 0, centred=False)
        height = len(body.lines)
        if height == 1:
            self._put(stack, body)
            return
        first, side, point, last = "⎧⎪⎨⎩" if not self.ascii else "||<|" if height > 2 else "/||\\"
        brace, middle = [first, *side * (height - 2), last], height // 2
        brace[middle] = point if height > 2 else last
        self._put(stack, TextBlock(tuple(b + line for b, line in zip(brace, body.lines, strict=True)), middle))


_MAKERS: Mapping[str, Callable[..., TextBlock]] = {
    "fraction": _Page._fraction, "radical": _Page._root, "raised": _Page._power, "lowered": _Page._index,
}  # fmt: skip
