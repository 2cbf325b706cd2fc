"""The commands of the prompt as records. Modules fill the table; help and completion are derived from it."""

from __future__ import annotations

from collections.abc import Callable

from gradcalc.record import dataclass

from .console import Console, Texts

Run = Callable[[Console, str], Texts]


@dataclass(frozen=True, slots=True)
class Command:
    """`:name args`. `takes` says what completes its argument: formula, name, file, topic or setting.

    `run` gives the texts of the answer, piece by piece, and raises FormulaError for what cannot be done.
    """

    name: str
    args: str
    doc: str
    example: str
    run: Run
    takes: str = ""
    talking: bool = False  # makes sense only where somebody types, not in a file
    options: tuple[str, ...] = ()  # that it takes besides its arguments, as in `--order N`

    @property
    def usage(self) -> str:
        return f":{self.name} {self.args}".rstrip()


COMMANDS: dict[str, Command] = {}

FORMULA = "[FORMULA]"  # without one, the last result


def command(
    name: str, args: str, doc: str, example: str = "", takes: str = "", talking: bool = False
) -> Callable[[Run], Run]:
    """A decorator that makes a function the command of a name. The `example` is the name alone, if there is none."""

    def enter(run: Run) -> Run:
        COMMANDS[name] = Command(name, args, doc, example or f":{name}", run, takes, talking)
        return run

    return enter
