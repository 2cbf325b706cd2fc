"""A formula's value and gradient as a function in another language, to be pasted there: `code`.

`listing` makes the list of lines, `languages` has a record for each language, `printer` writes the one in the other.
"""

from .languages import LANGUAGES, Language, check_suffix, language_named
from .listing import Listing
from .printer import code, printed

__all__ = ["LANGUAGES", "Language", "Listing", "check_suffix", "code", "language_named", "printed"]
