"""LaTeX in our notation, for the help of a message: what is made here is read before it is proposed."""

from __future__ import annotations

import re

from .elsewhere import readings, split
from .functions import TABLE
from .latex import GREEK
from .proposals import inverse_of, unbracketed
from .reading import BUILT_IN

_SIGNS = {"cdot": "*", "times": "*", "ast": "*", "div": "/", "le": "<=", "leq": "<=", "ge": ">=", "geq": ">=",
          "lt": "<", "gt": ">", "ne": "!=", "neq": "!="}  # fmt: skip
_EMPTY = re.compile(
    r"\\(?:left|right|[bB]igg?[lr]?|displaystyle|qquad|quad|limits|[,;:! ()\[\]]"
    r"|(?:begin|end)\s*\{(?:equation|displaymath|math|align|gather|multline)\*?\})|\$|~|&"
)
_WORD = re.compile(r"\\(?:mathrm|operatorname\*?|text|mathit|mathsf)\s*\{(\w{2,})\}")
_IN_LETTERS = re.compile(  # what may be a call, as in sin(x)^{2}
    r"(?<![\\a-zA-Z])[a-zA-Z]{2,}(?=\s*(?:[_^]\s*(?:\w|\{\w+\})\s*)?\()"
)
_LETTER = re.compile(r"\\(?:mathrm|mathit|mathbf|boldsymbol|text)\s*\{([a-zA-Z])\}")
_UPRIGHT_D = re.compile(r"\\partial(?![a-zA-Z])|\\mathrm\s*\{d\}")
_D = "\x07"  # for those: never a name
_OPENED = [  # functions that are written as brackets: the left one, the right one and the name
    (left, right, row.spelling)
    for row in TABLE.values()
    for left, right in re.findall(r"^\\left(.+?) ?@x\\right(.+)$", row.latex)
]
_MARKS = [(chr(2 * i + 1), chr(2 * i + 2)) for i in range(len(_OPENED))]  # for private use
_CALLED = {mark: name for (mark, _), (_, _, name) in zip(_MARKS, _OPENED, strict=True)}
_CLOSE = {"{": "}", "(": ")"} | dict(_MARKS)


def _sided(side: str, bracket: str) -> re.Pattern[str]:
    """A bracket with its \\left or \\right, which all but bars can do without."""
    if bracket == "|":
        return re.compile(rf"\\{side}\s*\||\\{side[0]}vert(?![a-zA-Z])")
    return re.compile(rf"(?:\\{side}\s*)?{re.escape(bracket)}(?![a-zA-Z])")


_BRACKETS = (  # patterns, and what is put in their place
    (re.compile(r"\\left\s*\[|\\left\s*\\?\{|\\\{|\\lbrace(?![a-zA-Z])"), "("),
    (re.compile(r"\\right\s*\]|\\right\s*\\?\}|\\\}|\\rbrace(?![a-zA-Z])"), ")"),
    *((_sided("left", left), mark) for (left, _, _), (mark, _) in zip(_OPENED, _MARKS, strict=True)),
    *((_sided("right", right), mark) for (_, right, _), (_, mark) in zip(_OPENED, _MARKS, strict=True)),
    (_LETTER, r" \1 "),
    *(
        (re.compile(r"\|([^|]*)\|"), rf"{mark}\1{end}")
        for (left, _, _), (mark, end) in zip(_OPENED, _MARKS, strict=True)
        if left == "|"
    ),
)
_GROUP = re.compile("|".join(rf"\{left}[^{{}}()\x01-\x06]*\{right}" for left, right in _CLOSE.items()))
_CASES = re.compile(r"\\begin\s*\{[dr]?cases\}((?:(?!\\begin).)*?)\\end\s*\{[dr]?cases\}", re.S)
_CONDITION = re.compile(r"\\(?:text|mbox|mathrm)\s*\{[^{}]*\}|\\(?:quad|qquad|[,;: ])|[,.]\s*$")
_CHOOSE = re.compile(r"\\choose(?![a-zA-Z])")
_TOKEN = re.compile(r"\\[a-zA-Z]+|\d+(?:\.\d+)?|\.\d+|\[[^\]]*\]|\S")
_ENDS = re.compile(r"[-+*=<>,;]|\\(?:cdot|times|div|leq?|geq?|[lg]t|neq?)")
_ENDS_OF_TERMS = re.compile(r"[-+=<>,;]|\\(?:leq?|geq?|[lg]t|neq?)")
_OF = re.compile(rf"\(?[d{_D}](?:\^(\d))?(?:\*(\w+))?\)?")
_BY = re.compile(rf"(?:\bd|{_D})\*([a-zA-Z]\w*)(?:\^(\d))?")
_INDEX = re.compile(r"\(([^\W\d]\w*) = (.+)\)")
_OVER_INDEX = {r"\sum": "sum", r"\prod": "prod"}
_FIRST = 0xE000  # a character for private use stands for each group that was read
_LONGEST = 500


def from_latex(text: str, advised: bool = False) -> str:
    """The formula in our notation; empty where it holds what is not known here, such as an integral.

    Args:
        advised: whether somebody looks at it: then d/dx and sums are taken of the term that follows, as people mean.
    """
    if len(text) > _LONGEST:
        return ""
    read = _Reader(advised)
    try:
        while found := _CASES.search(text):
            text = text[: found.start()] + read.group(read.cases(found[1])) + text[found.end() :]
        return read.whole(text)
    except (ValueError, IndexError):
        return ""


def _called(name: str, group: str) -> str:
    """A command's call with what stands behind it in parentheses, if there are several arguments, or another name is
    used here; empty if it is none."""
    args = split(group[1:-1]) if group[:1] == "(" else []
    if len(args) > 1 and any(len(row.params) == len(args) or row.variadic for row in BUILT_IN.get(name, ())):
        return f"{name}{group}"
    meant = readings(name, args) if args and name not in BUILT_IN else []
    if len(meant) > 1:
        raise ValueError("people differ in what they mean by it")
    return f"({meant[0]})" if meant else ""


class _Reader:
    """Reads texts without groups; those stand in `groups`, as formulas in parentheses."""

    def __init__(self, advised: bool) -> None:
        self.advised, self.groups = advised, list[str]()

    def group(self, formula: str) -> str:
        """The character that stands for a formula that was read."""
        self.groups.append(formula)
        return chr(_FIRST + len(self.groups) - 1)

    def whole(self, text: str) -> str:
        """A text with groups."""
        text = _IN_LETTERS.sub(lambda name: f"\\{name[0]}" if name[0] in BUILT_IN else name[0], text)
        text = _UPRIGHT_D.sub(f" {_D} ", text)
        for written, meant in _BRACKETS:
            text = written.sub(meant, text)
        text = _EMPTY.sub(" ", _WORD.sub(r"\\\1 ", text))
        while found := _GROUP.search(text):
            made = self.group(f"{_CALLED.get(found[0][0], '')}({self.flat(found[0][1:-1])})")
            text = text[: found.start()] + made + text[found.end() :]
        made = self.flat(text)
        if _D in made:
            raise ValueError("a d that belongs to no derivative")
        return made

    def cases(self, text: str) -> str:
        """The rows of a definition by cases. The last holds where no other does, and where there is a condition it is
        left out only if somebody looks at it."""
        rows = [row.split("&") for row in re.split(r"\\\\(?:\s*\[[^\]]*\])?", text) if row.strip()]
        pairs = [(self.whole(value.rstrip(" ,")), _CONDITION.sub(" ", when).strip()) for value, when in rows]
        made, last = pairs.pop()
        if (last and not self.advised) or not all(when for _, when in pairs):
            raise ValueError("where nothing holds is not said, or two rows hold everywhere")
        for value, when in reversed(pairs):
            made = f"if({self.whole(when)}, {value}, {made})"
        return made

    def flat(self, text: str) -> str:
        """A text whose groups were read, with at most one \\choose."""
        above, *below = [self.row(part) for part in _CHOOSE.split(text, 1)]
        return f"binom({above}, {below[0]})" if below else above

    def row(self, text: str) -> str:
        """Factors and the signs between them."""
        todo = _TOKEN.findall(text)[::-1]
        made: list[str] = []
        factor = below = False  # whether a factor stands last, and behind a fraction bar
        while todo:
            token = todo.pop()
            sign = _SIGNS.get(token[1:]) if token[0] == "\\" else token if token in "+-*/=<>,;" else None
            if sign:
                made.append(f" {sign} ")
            elif token in ("^", "!"):
                if token == "^" and re.match(r"\d\d", todo[-1]):
                    raise ValueError("an exponent of one digit, and more digits")
                made.append(token if token == "!" else f"^{self.argument(todo)}")
            elif factor and below:
                raise ValueError("1/2x can be read in two ways")
            else:
                made.append("*" * factor + self.factor(token, todo))
            factor, below = not sign, sign == "/" or (below and not sign)
        return "".join(made)

    def argument(self, todo: list[str]) -> str:
        """The next factor, as an index, an exponent or a command takes it: a group, a command or one character."""
        token = todo.pop()
        if token[0].isdigit() and len(token) > 1:
            todo.append(token[1:])
            token = token[0]
        return self.factor(token, todo)

    def factor(self, token: str, todo: list[str]) -> str:
        name = token[1:] if token[0] == "\\" else token
        if token[0] >= chr(_FIRST):
            return self.groups[ord(token) - _FIRST]
        if token == _D:
            return _D
        inside = self.groups[ord(todo[-1]) - _FIRST] if todo and todo[-1][0] >= chr(_FIRST) else ""
        if token != name and (called := _called(name, inside)):
            todo.pop()
            return called
        if re.fullmatch(r"\\[dt]?binom", token):
            return f"binom({unbracketed(self.argument(todo))}, {unbracketed(self.argument(todo))})"
        if re.fullmatch(r"\\[dtc]?frac", token):
            top, bottom = self.argument(todo), self.argument(todo)
            if re.match(rf"\(?({_D}|d\b)", top) and re.match(rf"\(?({_D}|d\b)", bottom):
                return self.derivative(top, bottom, todo)
            return f"({top}/{bottom})"
        if token == r"\sqrt":
            degree = todo.pop()[1:-1] if todo[-1][0] == "[" else ""
            inside = self.argument(todo)
            return f"root({inside}, {self.flat(degree)})" if degree else f"sqrt({inside})"
        if token in _OVER_INDEX:
            return self.over_index(_OVER_INDEX[token], todo)
        if token != name and any(len(row.params) == 1 for row in BUILT_IN.get(name, ())):
            return self.call(name, todo)
        if re.fullmatch(r"[\d.]+", token):
            return token
        if token not in (f"\\{letter}" for letter in GREEK | {"pi", "tau"}) and not re.fullmatch(r"[a-zA-Z]", token):
            raise ValueError(token)
        if token in ("f", "g", "h") and todo and (inside or (todo[-1] == "^" and todo[-2][0] >= chr(_FIRST))):
            raise ValueError("a function or a product, and a derivative or a power")
        if todo and todo[-1] == "_":
            todo.pop()
            index = self.argument(todo).strip("()").replace("*", "")
            return f"{name}_{index}"
        return name

    def marks(self, todo: list[str]) -> dict[str, str]:
        """The exponent and the index of a command, in either order."""
        found = {"^": "", "_": ""}
        while todo and todo[-1] in found:
            mark = todo.pop()
            found[mark] = self.argument(todo)
        return found

    def derivative(self, top: str, bottom: str, todo: list[str]) -> str:
        """A derivative written as a quotient, of what stands in it or of the term that follows."""
        of, by = _OF.fullmatch(top), _BY.findall(bottom)
        orders = sum(int(order or 1) for _, order in by)
        if not of or _BY.sub("", bottom).strip("(*)") or orders != int(of[1] or 1):
            raise ValueError("no derivative by names")
        made = of[2] or unbracketed(self.term(todo))
        for name, order in reversed(by):
            made = f"diff({made}, {name}{order and f', {order}'})"
        return made

    def term(self, todo: list[str]) -> str:
        """All factors up to a sign."""
        taken: list[str] = []
        while todo and not _ENDS_OF_TERMS.fullmatch(todo[-1]):
            taken.append(todo.pop())
        if not (taken and self.advised):
            raise ValueError("nothing follows, or nobody looks at where it is taken to end")
        return self.flat(" ".join(taken))

    def over_index(self, name: str, todo: list[str]) -> str:
        """A sum or a product over an index, of the term that follows."""
        marks = self.marks(todo)
        index = _INDEX.fullmatch(marks["_"])
        if not (index and marks["^"]):
            raise ValueError("no index, or no end")
        return f"{name}({unbracketed(self.term(todo))}, {index[1]}={index[2]}..{unbracketed(marks['^'])})"

    def unbracketed_argument(self, todo: list[str]) -> list[str]:
        """The tokens that a function is taken of: numbers and one factor, as in `2 \\pi x`, in advice more letters, as
        in `\\omega t`; or a group in brackets alone."""
        taken: list[str] = []
        letters = closed = 0
        is_made = bool(todo and re.fullmatch(r"\\([dtc]?frac|sqrt)", todo[-1]))
        if is_made:
            todo.append(self.group(self.factor(todo.pop(), todo)))
        while todo and not self.ends(todo[-1], bool(taken)):
            factor = todo[-1:]
            for token in reversed(todo[:-1]):  # its exponent and its index
                if token not in ("^", "_", "!") and factor[-1] not in ("^", "_"):
                    break
                factor.append(token)
            is_group, is_number = factor[0][0] >= chr(_FIRST), factor[0][0].isdigit() or factor[0] == r"\pi"
            if is_group and not is_made and not taken and self.groups[ord(factor[0]) - _FIRST][0] == "(":
                return [todo.pop()]  # a power behind it is one of the call: `\\sin(x)^{2}` is `sin(x)^2`
            if letters and (is_number or is_group or len(factor) > 1):
                break
            taken += factor
            del todo[-len(factor) :]
            letters += not is_number
            closed = letters and (is_group or len(factor) > 1)
            if closed:
                break
        if not self.advised and (letters > 1 or (todo and not self.ends(todo[-1], True))):
            raise ValueError("where the argument ends is not clear")
        return taken

    def ends(self, token: str, begun: bool) -> bool:
        """Whether an argument without brackets ends before a sign or, where it has begun, a function."""
        return bool(_ENDS.fullmatch(token) or (begun and BUILT_IN.get(token[1:])))

    def call(self, name: str, todo: list[str]) -> str:
        """A function with its power, its base and its argument."""
        marks = self.marks(todo)
        taken = self.unbracketed_argument(todo)
        inside = self.flat(" ".join(taken))
        if not inside or "/" in taken:
            raise ValueError("nothing to call it with, or a quotient that may begin behind it")
        if marks["^"].replace(" ", "") == "(-1)" and (inverse := inverse_of(name, BUILT_IN)):
            name, marks["^"] = inverse, ""
        base = f", {marks['_']}" if marks["_"] else ""
        return f"{name}({inside}{base})" + (f"^{marks['^']}" if marks["^"] else "")
