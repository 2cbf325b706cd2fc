"""What the command can do besides answering formulas, one `Mode` a row."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import output, scripts, status
from .options import FLAG, Option, value, whole


@dataclass(frozen=True, slots=True)
class Mode:
    """A mode is asked for by its first option; the others are its settings."""

    options: tuple[Option, ...]
    run: Callable[[argparse.Namespace, output.Complaints], int]


def _practice(args: argparse.Namespace, complain: output.Complaints) -> int:
    from gradcalc.practice import Practice, drill, read_exercises

    exercises = read_exercises(scripts.text(args.file), args.file) if args.file else ()
    drill(Practice(args.level, args.seed, exercises), input, lambda text: sys.stdout.write(f"{text}\n"))
    return status.FINE


_LEVELS: Mapping[str, Any] = {"choices": (1, 2, 3, 4), "default": 1}

MODES = (
    Mode(
        (
            Option("--practice", "asks for the gradients of small graphs, node by node; -f FILE has your own", FLAG),
            Option("--level", "how hard, from 1 (default) to 4", value(whole, "N", **_LEVELS)),
            Option("--seed", "of what is drawn at random (default 0)", value(whole, "N", default=0)),
        ),
        _practice,
    ),
)

OPTIONS = tuple(option for mode in MODES for option in mode.options)


def mode_of(args: argparse.Namespace) -> Mode | None:
    """The mode that is asked for."""
    return next((mode for mode in MODES if getattr(args, mode.options[0].dest)), None)
