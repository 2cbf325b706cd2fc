"""The pages that are made from the program when the site is built: a hook of MkDocs.

The language from `grammar/README.md`, a page for each row of the table, the command from its help, the prompt's
commands from their records, and the library from what is public.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

import gradcalc
from gradcalc.cli.arguments import about_itself
from gradcalc.language.functions import TABLE, Function
from gradcalc.language.spelled import SPELLED
from gradcalc.prompt import COMMANDS
from gradcalc.prompt.help import in_doubles, is_computed, rules
from gradcalc.settings import SETTINGS

ROOT = Path(__file__).parent.parent
LISTED = [row for row in TABLE.values() if row.listed]


def on_files(files: Files, config: Any) -> Files:
    """The files of the site, with those made here."""
    for place, text in pages():
        files.append(File.generated(config, place, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """A page with the tables that it asks for by a comment."""
    for word, make in (("help", help_of_the_command), ("commands", commands), ("settings", settings)):
        mark = f"<!-- {word} -->"
        markdown = markdown.replace(mark, make()) if mark in markdown else markdown
    return markdown


def pages() -> Iterator[tuple[str, str]]:
    """Where the made pages are, and their texts."""
    yield "language.md", language()
    yield "api.md", library()
    yield "functions/index.md", functions()
    for row in LISTED:
        yield f"functions/{row.name}.md", function(row)


def language() -> str:
    """The page of the language, with links to the site in the place of those to files."""
    links = {
        "[`formula.lark`](formula.lark)": "`grammar/formula.lark`",
        "[`tests/diagnostics`](../tests/diagnostics)": "`tests/diagnostics`",
        "[`gradcalc/language/functions.py`](../gradcalc/language/functions.py)": "`gradcalc/language/functions.py`",
        "The site has a page for each.": "[Here](functions/index.md) is a page for each.",
    }
    text = (ROOT / "grammar" / "README.md").read_text("utf-8")
    for typed, shown in links.items():
        assert typed in text
        text = text.replace(typed, shown)
    return text


# ---- functions


def functions() -> str:
    """All functions with what they are."""
    rows = [f"| [`{_cell(row.signature)}`]({row.name}.md) | {_cell(row.doc)} |" for row in LISTED]
    rows += [f"| `{each.written}` | {each.doc}; it is written out when it is read |" for each in SPELLED.values()]
    return "\n".join(["# Functions", "", "| function | meaning |", "|---|---|", *rows, ""])


def function(row: Function) -> str:
    """The page of one row: all of it is read off the row."""
    lines = [f"# {row.signature}", "", f"{row.doc[:1].upper()}{row.doc[1:]}.", ""]
    facts = [("Also written", ", ".join(f"`{alias}`" for alias in row.aliases))] if row.aliases else []
    for i, param in enumerate(row.params):
        by = f"Derivative by `{param}`"
        if text := rules(row).get(param):
            taught = re.sub(r"\bout\b", row.signature, row.taught[i]) if row.taught else text
            facts.append((by, f"`{text}`" if taught == text else f"`{taught}`, computed as `{text}`"))
        elif row.partials and i < len(row.partials) and row.partials[i] is None:
            facts.append((by, "none; it has to be a constant"))
    if is_computed(row):
        facts.append(("Domain", f"`{row.domain}`" if row.domain else "all numbers"))
    if isinstance(row.definition, str) and row.definition:
        facts.append(("Means", f"`{row.definition}`"))
    if not row.smooth:
        facts.append(
            ("Corners and jumps", "where its pieces meet; a derivative there is a convention, and said to be one")
        )
    if is_computed(row):
        array = f", by `{row.array}`" if "." in row.array else ""
        facts += [("Doubles", in_doubles(row)), ("Over columns", f"{row.digits} digits of results above 1e-290{array}")]
    lines += [*(f"- {name}: {text}" for name, text in facts), ""]
    if row.example[0]:
        lines += ["```console", f"$ gradcalc -q '{row.example[0]}'", row.example[1], "```", ""]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


# ---- the command, the prompt, the library


def help_of_the_command() -> str:
    return f"```text\n{about_itself('--help')}```"


def commands() -> str:
    rows = [f"| `{_cell(each.usage)}` | {_cell(each.doc)} | `{_cell(each.example)}` |" for each in COMMANDS.values()]
    return "\n".join(["| command | | example |", "|---|---|---|", *rows])


def settings() -> str:
    rows = [f"| `{each.name}` | `{_cell(each.values)}` | {_cell(each.doc)} |" for each in SETTINGS.values()]
    return "\n".join(["| setting | values | |", "|---|---|---|", *rows])


def library() -> str:
    """Everything public by the module it is in, under the first sentence of that module."""
    lines = ["# The library", "", "All of it is imported as `import gradcalc as gc`.", ""]
    for module, names in gradcalc._EXPORTS.items():
        about = (import_module(f"gradcalc.{module}").__doc__ or module).strip().partition("\n\n")[0]
        title = " ".join(about.split()).partition(". ")[0].partition(": ")[0].rstrip(".")
        lines += [f"## {title}", "", *(f"::: gradcalc.{module}.{name}\n" for name in names.split())]
    lines += ["## Plots", "", "::: gradcalc.plot", "", "## Neurons and layers", "", "::: gradcalc.nn", ""]
    return "\n".join(lines)
