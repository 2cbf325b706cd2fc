"""A formula's value and gradient as a function in another language, to be pasted there: `code`.

`straight` makes the list of lines, `languages` has a record for each language, `printer` writes the one in the other.
"""

from .languages import LANGUAGES, Language, language_named
from .printer import code, printed
from .straight import Straight

__all__ = ["LANGUAGES", "Language", "Straight", "code", "language_named", "printed"]
