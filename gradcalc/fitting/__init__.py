"""Formulas fitted to data by nonlinear least squares, and the minimum enclosed in balls.

`problem` is what is asked, `solver` hands it to SciPy, `minimum` encloses the minimum by interval Newton steps, and
`fits` puts the answer together.
"""

from .fits import Fit, fit
from .minimum import Enclosure

__all__ = ["Enclosure", "Fit", "fit"]
