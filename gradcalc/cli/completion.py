"""Completion scripts for shells, made from the parser of the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

_FILES = ("FILE",)  # the metavars whose values are files


def script(shell: str, parser: argparse.ArgumentParser) -> str:
    """What to put into the shell's start file, or into its folder of completions."""
    return _WRITERS[shell]([action for action in parser._actions if action.option_strings])


def _bash(actions: list[argparse.Action]) -> str:
    cases = []
    for action in actions:
        spelled = "|".join(action.option_strings)
        if action.choices:
            choices = " ".join(map(str, action.choices))
            cases.append(f'    {spelled}) COMPREPLY=($(compgen -W "{choices}" -- "$word")); return ;;')
        elif action.metavar in _FILES:
            cases.append(f'    {spelled}) COMPREPLY=($(compgen -f -- "$word")); return ;;')
        elif action.nargs != 0:
            cases.append(f"    {spelled}) return ;;")
    options = " ".join(option for action in actions for option in action.option_strings)
    return "\n".join(
        [
            '# eval "$(gradcalc --completion bash)"',
            "_gradcalc() {",
            '  local word="${COMP_WORDS[COMP_CWORD]}"',
            "  COMPREPLY=()",
            '  case "${COMP_WORDS[COMP_CWORD-1]}" in',
            *cases,
            "  esac",
            f'  [[ $word == -* ]] && COMPREPLY=($(compgen -W "{options}" -- "$word"))',
            "}",
            "complete -F _gradcalc gradcalc",
            "",
        ]
    )


def _zsh(actions: list[argparse.Action]) -> str:
    lines = []
    for action in actions:
        about = _about(action).replace("[", "(").replace("]", ")").replace("'", "'\\''").replace(":", "\\:")
        value = ""
        if action.choices:
            value = f":{action.dest}:({' '.join(map(str, action.choices))})"
        elif action.metavar in _FILES:
            value = ":file:_files"
        elif action.nargs != 0:
            value = f":{action.dest}: "
        repeated = "*" if isinstance(action, argparse._AppendAction) else ""
        lines += [f"  '{repeated}{option}[{about}]{value}' \\" for option in action.option_strings]
    return "\n".join(
        [
            "#compdef gradcalc",
            '# eval "$(gradcalc --completion zsh)", or as _gradcalc in a folder of $fpath',
            "_gradcalc() {",
            "  _arguments \\",
            *lines,
            "  '*:formula: '",
            "}",
            "compdef _gradcalc gradcalc",
            "",
        ]
    )


def _fish(actions: list[argparse.Action]) -> str:
    lines = ["# gradcalc --completion fish > ~/.config/fish/completions/gradcalc.fish", "complete -c gradcalc -f"]
    for action in actions:
        names = " ".join(
            f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}" for option in action.option_strings
        )
        value = ""
        if action.choices:
            value = f" -x -a '{' '.join(map(str, action.choices))}'"
        elif action.metavar in _FILES:
            value = " -r -F"
        elif action.nargs != 0:
            value = " -x"
        about = _about(action).replace("\\", "\\\\").replace("'", "\\'")
        lines.append(f"complete -c gradcalc {names}{value} -d '{about}'")
    return "\n".join([*lines, ""])


def _about(action: argparse.Action) -> str:
    return (action.help or "").partition(";")[0].partition(" (")[0]


_WRITERS: Mapping[str, Callable[[list[argparse.Action]], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
SHELLS = tuple(_WRITERS)
