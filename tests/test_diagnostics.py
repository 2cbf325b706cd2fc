"""One mistake a file in `diagnostics/`: the text, a line of dashes, and what the user is told.

After a deliberate change, `GRADCALC_UPDATE=1 pytest tests/test_diagnostics.py` writes the messages anew; read the diff.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from gradcalc.language.errors import FormulaError
from gradcalc.language.mistakes import MISTAKES
from gradcalc.language.parser import parse

SEPARATOR = "\n----\n"
FILES = sorted(Path(__file__).with_name("diagnostics").glob("*.txt"))


def read(file: Path) -> tuple[str, str]:
    text, _, told = file.read_text(encoding="utf-8").partition(SEPARATOR)
    return text, told.removesuffix("\n")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_message(file: Path) -> None:
    text, expected = read(file)
    with pytest.raises(FormulaError) as caught:
        parse(text)
    if os.environ.get("GRADCALC_UPDATE"):
        file.write_text(f"{text}{SEPARATOR}{caught.value}\n", encoding="utf-8")
    else:
        assert str(caught.value) == expected
    assert 0 <= caught.value.start <= caught.value.end <= len(text)


def test_every_known_mistake_has_a_file() -> None:
    told = [read(file)[1].splitlines()[0] for file in FILES]
    for mistake in MISTAKES:
        if "BRACKET" in mistake.after:  # of arrays: tests/test_entrances.py
            continue
        message = re.sub(r"\\{\w+\\}", ".*", re.escape(mistake.message))
        assert any(re.fullmatch(message, line) for line in told), mistake


def test_both_readings_can_be_written() -> None:
    found = [re.search(r"^help: write  (.+)  or  (.+)$", read(file)[1], re.M) for file in FILES]
    texts = [text for each in found if each for text in each.groups() if "as a product" not in text]
    assert len(texts) > 15
    for text in texts:
        parse(text)


REWRITTEN = re.compile(
    r"derivative-(op|as-a-q)|fraction|mixed|numpy|math-|dollar-signs|constant-then|grouped|latex-(fr|root)|known-elsewhere-c"
    r"|(mod|div)-between|method|value-call|gradient-called|logarithm-to"
)


def test_what_is_written_anew_can_be_read() -> None:
    helps = [re.search(r"^help: write (.+)$", read(file)[1], re.M) for file in FILES if REWRITTEN.match(file.stem)]
    assert len(helps) > 15
    for found in helps:
        assert found
        parse(found[1])
