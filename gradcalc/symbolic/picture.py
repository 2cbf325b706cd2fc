from typing import Any


def to_latex(f: Any) -> str: return ""
def to_pretty(f: Any) -> str: return ""
