"""An explanation as one page of HTML to step through: the graph, its table, sliders, exercises; nothing beside it.

The page computes with the JavaScript that `printed` writes, which here keeps every node's value and adjoint. The start
point's numbers are the certified ones.
"""

from __future__ import annotations

import json
from html import escape
from importlib.resources import files
from itertools import count
from typing import Any

from gradcalc.certified.components import finite
from gradcalc.engine.program import Program
from gradcalc.engine.tidy import TIDY
from gradcalc.explain import Explanation
from gradcalc.language.errors import FormulaError
from gradcalc.language.formula import Call, Formula, Name, brief, rebuilt, to_text
from gradcalc.language.functions import TABLE
from gradcalc.language.literals import number
from gradcalc.printed import Listing, code, language_named, printed
from gradcalc.printed.listing import ONE, ZERO, Edge
from gradcalc.printed.literal import literal

from .explained import explanation_at_length, operation
from .layout import Placed, placed
from .numbers import Style, component, full
from .writers import html

MOST_NODES = 300  # that are drawn
_MOST_COMPUTED = 3_000  # places of a program that a page computes
_LETTERS = 19  # of a line in a box
_FUNCTION = (
    "@helpersfunction @name(@params) {\n@lines\n    return { values: [@values], adjoints: [@adjoints],\n"
    "        partials: [@partials], which: [@which], taken: [@taken] };\n}\n"
)


def page(found: Explanation) -> str:
    """The page, as a whole document; the table alone where nothing varies, or where a number is no double."""
    try:
        lesson = _Lesson(found)
    except FormulaError as error:
        return html(explanation_at_length(found, Style())) + f"<p>{escape(error.diagnostic.message)}</p>\n"
    code, why = lesson.code()
    parts = {
        "TITLE": escape(brief(found.formula, 80)),
        "FORMULA": escape(_shortened(to_text(found.formula), 400)),
        "GRAPH": lesson.picture(),
        "START": lesson.start(why),
        "TABLE": html(explanation_at_length(found, Style())),
        "DATA": json.dumps(lesson.data(), allow_nan=False, separators=(",", ":")).replace("<", "\\u003c"),
        "CODE": code.replace("</", "< /"),
    }
    template = files("gradcalc.show").joinpath("lesson.html").read_text("utf-8")
    pieces = template.split("@@")
    return "".join(parts[piece] if i % 2 else piece for i, piece in enumerate(pieces))


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


class _Lesson:
    """The nodes that vary, inputs first and then children before parents, and how they use each other."""

    def __init__(self, found: Explanation):
        self.found = found
        self.rows = {row.node: row for row in found.rows}
        program = Program(found.formula, merged=False)
        inputs = tuple(program.leaves(found.at))
        wrt = tuple(name for name in inputs if name in self.rows)
        labels = {program.place(node): label for label, node in found.nodes.items()}
        listing = Listing(program, inputs, wrt, labels, edges=True)
        fresh = (name for i in count(1) if (name := f"v{i}") not in {**self.rows, **found.at})
        unseen = [place for place in listing.adjoints if place not in labels and program.rows[place] is not None]
        if unseen:  # in branches that are not taken at the start
            labels |= dict(zip(sorted(unseen), fresh, strict=False))
            listing = Listing(program, inputs, wrt, labels, edges=True)
        if not listing.tape.varies:
            raise FormulaError("there is nothing to step through: no name stands in it")
        self.program, self.listing = program, listing
        sources = {place: inputs[i] for place, i in listing.tape.sources if inputs[i] in wrt}
        self.labels = labels | sources
        calls = sorted(place for place in listing.adjoints if place not in sources)
        self.places = [*sources, *calls]
        self.cut = len(self.places) - MOST_NODES
        if self.cut > 0:
            self.places = sorted(self.places)[-MOST_NODES:]
        index = self.index = {place: i for i, place in enumerate(self.places)}
        self.edges = [edge for edge in listing.edges if edge.above in index and edge.below in index]
        self.args = {place: listing.args(place, args) for place, _, args, _ in listing.tape.steps}

    # ---- what the page knows

    def data(self) -> dict[str, Any]:
        """The nodes, edges and inputs, with the certified numbers of the start."""
        found = self.found
        return {
            "result": self.index[self.listing.tape.root],
            "inputs": [{"name": name, "start": found.at[name]} for name in self.listing.inputs],
            "backward": [self.index[place] for place in sorted(self.places, reverse=True)],
            "nodes": [self._node(place) for place in self.places],
            "edges": [
                {"above": self.index[edge.above], "below": self.index[edge.below],
                 "texts": [brief(formula) for _, formula in self._local(edge)],
                 "start": self._path(edge), **({"chosen": True} if self._row(edge.above) is TABLE["if"] else {})}
                for edge in self.edges
            ],
        }  # fmt: skip

    def start(self, why: str) -> str:
        """Paragraphs with the numbers of the start, and what is to be said of them."""
        found = self.found
        inputs = (row for row in found.rows if isinstance(row.formula, Name) and row.node != found.root)
        known = [f"{found.root} = {full(found.value, Style())}"]
        known += [f"d{found.root}/d{row.node} = {full(row.gradient, Style())}" for row in inputs]
        sure = all(row.gradient.status == "certified" for row in found.rows) and not found.notes
        how = "certified: the doubles nearest to the exact numbers" if sure else "by the chain rule, with error bounds"
        still = f"The inputs stay as they are: {why}." if why else ""
        said = [", ".join(known), how, *found.notes, *([still] if still else [])]
        return "".join(f"<p>{escape(each)}</p>\n" for each in said)

    def _row(self, place: int) -> Any:
        return self.program.rows[place]

    def _node(self, place: int) -> dict[str, Any]:
        row = self.rows.get(self.labels[place])
        start = {} if row is None else {"start": [finite(row.value.number), finite(row.gradient.number)]}
        text = "input" if self._row(place) is None else operation(self._operation(place))
        return {"label": self.labels[place], "made": text, "input": text == "input", **start}

    def _operation(self, place: int) -> Formula:
        node = self.program.nodes[place]
        return Call(node.function, self._named_args(place)) if isinstance(node, Call) else node

    def _named_args(self, place: int) -> tuple[Formula, ...]:
        node, args = self.program.nodes[place], self.args[place]
        assert isinstance(node, Call)
        return tuple(Name(self.labels[i]) if i in self.index else arg for i, arg in zip(args, node.args, strict=True))

    def _local(self, edge: Edge) -> list[tuple[Any, Formula]]:
        """The local derivative as it is taught: the conditions, each with the formula where it is the first to hold."""
        row = self._row(edge.above)
        if row is TABLE["if"]:
            holds = self._named_args(edge.above)[0]
            return [(holds, ONE if edge.position == 1 else ZERO), (True, ZERO if edge.position == 1 else ONE)]
        if row.variadic or row.partials[edge.position] is None:
            return []
        rest: Any = TIDY.taught(row, edge.position)(*self._named_args(edge.above), Name(self.labels[edge.above]))
        found = []
        while isinstance(rest, Call) and rest.function is TABLE["if"]:
            found.append((rest.args[0], rest.args[1]))
            rest = rest.args[2]
        return [*found, (True, rest)]

    def _which(self, edge: Edge) -> Formula:
        """The number of the text that holds, as a formula in the names of the code."""
        which: Any = ZERO
        named = {label: self.listing.values[place] for place, label in self.labels.items() if place in self.index}
        for i, (holds, _) in reversed([*enumerate(self._local(edge))]):
            if holds is True:
                which = number(i)
                continue
            condition = rebuilt(
                holds,
                lambda node, args: literal(node.function, tuple(args)),
                lambda node, under: under or named.get(node.name, node),
            )
            which = literal(TABLE["if"], (condition, number(i), which))
        return which  # type: ignore[no-any-return]

    def _path(self, edge: Edge) -> float | None:
        """The certified local derivative at the start; None where there is none."""
        row = self.rows.get(self.labels[edge.below])
        above = self.labels[edge.above]
        paths = [path for path in row.local_derivative if path.above == above] if row else []
        same = [each for each in self.edges if (each.above, each.below) == (edge.above, edge.below)]
        i = same.index(edge)
        return finite(paths[i].local.number) if i < len(paths) else None

    def code(self) -> tuple[str, str]:
        """The JavaScript that computes all numbers, and why there is none."""
        if len(self.program) > _MOST_COMPUTED:
            return "", "the formula is too long to be computed here"
        listing = self.listing
        lists = {
            "values": [listing.values[place] for place in self.places],
            "adjoints": [listing.adjoints.get(place, ZERO) for place in self.places],
            "partials": [edge.partial for edge in self.edges],
            "which": [self._which(edge) for edge in self.edges],
            "taken": [listing.masks.get(place, ONE) for place in self.places],
        }
        try:
            text = printed(listing, language_named("javascript"), "computed", (), _FUNCTION, lists)
            if guarded := self.found.guarded:
                text += code(guarded, "javascript", (), names=listing.inputs, name="guarded")
            return text, ""
        except FormulaError as error:
            return "", error.diagnostic.message

    # ---- the picture

    def picture(self) -> str:
        """The graph in SVG, with the numbers of the start."""
        layout = placed(len(self.places), [(self.index[e.above], self.index[e.below]) for e in self.edges])
        lines = [f'<path class="edge" id="e{i}" d="{layout.curves[i]}"/>' for i in range(len(self.edges))]
        boxes = [self._box(i, place, layout) for i, place in enumerate(self.places)]
        least, most = layout.width * 3 // 4, layout.width * 3 // 2  # by the room that there is
        width = f"width: clamp({least}px, 100%, {most}px)"
        size = f'viewBox="0 0 {layout.width} {layout.height}" style="{width}"'
        title = f"graph of {escape(brief(self.found.formula))}"
        cut = f"<p>The graph has {self.cut} more nodes; the {MOST_NODES} nearest to the result are drawn.</p>"
        return (cut if self.cut > 0 else "") + "\n".join(
            [f'<svg id="graph" role="img" aria-label="{title}" {size}>', *lines, *boxes, "</svg>"]
        )

    def _box(self, i: int, place: int, layout: Placed) -> str:
        label = self.labels[place]
        row, (x, y) = self.rows.get(label), layout.boxes[i]
        made = operation(self._operation(place)) if self._row(place) is not None else ""
        text = f"{label} = {made}" if made else label
        value, grad = (component(part, Style(6)) for part in (row.value, row.gradient)) if row else ("", "")
        kind = "node" if made else "node input"
        short = _shortened(text, _LETTERS)
        title = f"<title>{escape(text)}</title>" if short != text else ""
        return (
            f'<g class="{kind}" id="n{i}" transform="translate({x} {y})">{title}'
            f'<rect width="{layout.box[0]}" height="{layout.box[1]}" rx="8"/>'
            f'<text x="9" y="18" class="made">{escape(short)}</text>'
            f'<text x="9" y="36">value <tspan class="value">{escape(value)}</tspan></text>'
            f'<text x="9" y="53">grad <tspan class="grad">{escape(grad)}</tspan></text></g>'
        )
