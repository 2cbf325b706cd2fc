"""`draw_dot` and `draw_formula`, and what they return."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from gradcalc.engine.lowering import Graph, Point
from gradcalc.engine.value import Value
from gradcalc.files import write_whole
from gradcalc.language.errors import FormulaError, MissingLibraryError
from gradcalc.language.formula import Formula
from gradcalc.record import dataclass

from .languages import dot, mermaid
from .nodes import Picture, of_formula, of_value
from .tree import LINES, PLAIN_LINES, tree


@dataclass(frozen=True, slots=True, repr=False)
class Drawing(Picture):
    """A graph ready to be drawn. `format` is what `render` writes.

    A notebook shows it as SVG, or as text where that cannot be had.
    """

    format: str = "svg"

    @property
    def source(self) -> str:
        """The graph in Graphviz's language."""
        return dot(self)

    def text(self, ascii: bool = False, width: int = 0) -> str:
        """A tree with the columns node, data and grad, of a width (0: any). A shared node stands once."""
        return tree(self, PLAIN_LINES if ascii else LINES, width)

    def mermaid(self) -> str:
        """The graph in Mermaid's language."""
        return mermaid(self)

    def pipe(self, format: str) -> bytes:
        """The picture in one of the formats `svg`, `png`, `dot`, `mermaid`, `txt`.

        Raises:
            FormulaError: for any other format, and where the layout fails.
            MissingLibraryError: SVG and PNG need `dot` or graphviz-pure.
        """
        write = _FORMATS.get(format)
        if write is None:
            raise FormulaError(f"a graph cannot be written as '{format}'", help=f"one of {', '.join(_FORMATS)} can")
        return write(self)

    def save(self, path: str | Path) -> None:
        """Write the picture; the ending of the name tells the format. Raises what `pipe` does, and OSError."""
        path = Path(path)
        picture = self.pipe(path.suffix.lstrip(".").lower())
        write_whole(path, picture)

    def render(self, filename: str | Path, format: str = "", *, cleanup: bool = False) -> str:
        """The name of the picture, which is written beside the source at `filename`, its format added to the name;
        `cleanup` leaves the picture alone. As graphviz has it."""
        picture = f"{filename}.{format or self.format}"
        self.save(picture)
        if not cleanup:
            write_whole(Path(filename), self.source.encode())
        return picture

    def _repr_svg_(self) -> str | None:
        try:
            return self.pipe("svg").decode()
        except FormulaError:
            return None

    def __repr__(self) -> str:
        return self.text().rstrip("\n")


def draw_dot(root: Value | Graph, format: str = "svg", rankdir: str = "LR", *, partials: bool = False) -> Drawing:
    """The graph a Value was computed from, or one that `trace` gave. Numbers that operators met are no nodes;
    `draw_formula` shows those of a formula.

    Args:
        format: what `render` writes, `svg` or `png`.
        rankdir: `LR`, from left to right, or `TB`, from top to bottom.
        partials: whether edges show the local derivative.

    Raises:
        ValueError: for another `rankdir`.
        TypeError: for what has no graph.
    """
    value = root.root if isinstance(root, Graph) else root
    if not isinstance(value, Value):
        raise TypeError(f"a Value has a graph, or what trace gives; {value!r} has none")
    return Drawing(*of_value(value), _direction(rankdir), partials, format)


def draw_formula(
    formula: str | Formula,
    at: Point | None = None,
    wrt: Sequence[str] | None = None,
    *,
    rankdir: str = "LR",
    partials: bool = False,
) -> Drawing:
    """A formula at a point: its value, its gradient for the names `wrt` or for all, and everything between.

    Constants, and names that are not in `wrt`, are inputs without a gradient. Of `if` only the branch taken is drawn.
    `rankdir` and `partials` as for `draw_dot`.

    Raises:
        FormulaError: what `trace` raises.
        ValueError: for a `rankdir` that is neither `LR` nor `TB`.
    """
    return Drawing(*of_formula(formula, {} if at is None else at, wrt), _direction(rankdir), partials)


def _direction(rankdir: str) -> str:
    if rankdir not in ("LR", "TB"):
        raise ValueError(f"rankdir is LR or TB, not {rankdir!r}")
    return rankdir


_FORMATS: Mapping[str, Callable[[Drawing], bytes]] = {
    "svg": lambda drawing: _laid_out(drawing.source, "svg"),
    "png": lambda drawing: _laid_out(drawing.source, "png"),
    "dot": lambda drawing: drawing.source.encode(),
    "gv": lambda drawing: drawing.source.encode(),
    "mermaid": lambda drawing: drawing.mermaid().encode(),
    "mmd": lambda drawing: drawing.mermaid().encode(),
    "txt": lambda drawing: drawing.text().encode(),
}


# ---- from Graphviz's language to pictures, by whichever of Graphviz's programs is there: no layout of our own


def _laid_out(source: str, format: str) -> bytes:
    """The picture, by `dot` if it is there, else by graphviz-pure.

    Raises:
        MissingLibraryError: none of them is installed.
        FormulaError: the layout failed or took too long.
    """
    import shutil
    import subprocess

    program = shutil.which("dot") or _graphviz_pure()
    if program is None:
        raise MissingLibraryError("a picture of a graph", "pictures")
    command = [program, f"-T{format}", *_OPTIONS[format]]
    try:
        done = subprocess.run(command, input=source.encode(), capture_output=True, timeout=_SECONDS, check=True)
    except subprocess.TimeoutExpired:
        raise FormulaError(f"the layout of the graph took more than {_SECONDS} seconds") from None
    except subprocess.CalledProcessError as error:
        raise FormulaError(f"the layout of the graph failed: {error.stderr.decode(errors='replace').strip()}") from None
    return done.stdout


# pixels an inch; and the inches beyond which a picture of pixels is made smaller, so that programs can open it
_OPTIONS: Mapping[str, tuple[str, ...]] = {"svg": ("-Gdpi=72",), "png": ("-Gdpi=144", "-Gsize=80,80")}
_SECONDS = 60


@cache
def _graphviz_pure() -> str | None:
    """The program in the package of that name, whether or not its folder is on the path."""
    from importlib import metadata

    try:
        files = metadata.files("graphviz-pure") or []
    except metadata.PackageNotFoundError:
        return None
    programs = (file for file in files if file.stem == "graphviz-pure" and file.suffix in ("", ".exe"))
    return next((str(program.locate()) for program in programs), None)
