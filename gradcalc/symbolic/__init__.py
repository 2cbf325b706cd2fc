"""The symbolic side, the only importer of sympy. Import it where it is used: sympy costs half a second.

`translate` takes formulas to sympy and back, `opaque` is what sympy may not work out, `derive` has sympy's derivatives
as formulas, `proof` shows our chain rule equal to them, `referee` holds both against each other in balls, `worker`
is the process that can be killed.
"""

import gc

from gradcalc.language.kept import uncollected

with uncollected():
    from .back import from_sympy
    from .derive import derivative, derivatives, is_zero_at_points
    from .proof import prove
    from .referee import Held, hold
    from .slopes import slope as slope
    from .symbols import SYMBOL
    from .translate import to_sympy

    if gc.get_freeze_count():  # the command's: what is imported was a sixth of the answer to look through
        gc.freeze()

__all__ = [
    "SYMBOL", "Held", "derivative", "derivatives", "from_sympy", "hold", "is_zero_at_points", "prove", "to_sympy",
]  # fmt: skip
