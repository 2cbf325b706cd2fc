"""From Graphviz's language to pictures, by whichever of Graphviz's programs is there. No layout of our own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from gradcalc.language.errors import FormulaError, MissingLibraryError


def laid_out(source: str, format: str) -> bytes:
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
