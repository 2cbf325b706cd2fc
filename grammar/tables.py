"""The tables that Lark makes of the grammar: `python grammar/tables.py` writes `gradcalc/language/tables.json`.

With them gradcalc reads texts without Lark, whose import alone takes as long as a whole answer.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lark import Lark
from lark.grammar import Rule
from lark.lexer import PatternStr, TerminalDef

from gradcalc.language.lalr import END, TABLES

GRAMMAR = Path(__file__).parent / "formula.lark"
ENTRANCES = ["program", "line", "bindings", "value", "points", "ranges", "bounds", "correlations", "claim", "exercise"]


def text() -> str:
    """The fields of `lalr.Tables` as JSON, a state a line; states are numbered as they are reached."""
    lark = Lark(GRAMMAR.read_text("utf-8"), start=ENTRANCES, parser="lalr", lexer="basic")
    terminals = sorted(lark.terminals, key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name))
    words = {
        t.pattern.value: t.name for t in terminals if isinstance(t.pattern, PatternStr) and t.pattern.value.isalpha()
    }
    pattern = "|".join(f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in terminals if t.name not in words.values())
    data, memo = lark.memo_serialize([TerminalDef, Rule])
    rules = {number: one for number, one in memo.items() if one["__type__"] == "Rule"}
    places = {number: place for place, number in enumerate(rules)}
    table = data["parser"]["parser"]
    reached = [table["start_states"][entrance] for entrance in ENTRANCES]
    states: list[dict[str, int]] = []
    for number in reached:
        actions = {table["tokens"][token]: action for token, action in table["states"][number].items()}
        state = {}
        for symbol, (reduces, to) in sorted(actions.items()):
            if not reduces and to not in reached:
                reached.append(to)
            state[symbol] = ~places[to["@"]] if reduces else reached.index(to)
        if number in table["end_states"].values():
            state[END] = 0  # goes on, so that the loop ends
        states.append(state)
    starts = {entrance: place for place, entrance in enumerate(ENTRANCES)}
    fields = {"pattern": pattern, "words": words, "ignored": list(lark.ignore_tokens), "starts": starts}
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in fields.items()]
    for name, many in (("rules", [_rule(one) for one in rules.values()]), ("states", states)):
        lines.append(f'"{name}": [\n' + ",\n".join(map(json.dumps, many)) + "\n]")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _rule(rule: dict[str, Any]) -> tuple[str, int, str]:
    symbol, size = rule["origin"]["name"], len(rule["expansion"])
    passes = rule["options"]["expand1"] and size == 1 and not rule["alias"]
    return symbol, size, "" if passes else rule["alias"] or symbol


if __name__ == "__main__":
    Path(TABLES).write_text(text(), "utf-8")
