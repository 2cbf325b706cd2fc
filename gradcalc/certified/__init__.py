"""Certified results: values and gradients in balls. The place to begin is `certifier`: precision rises until the
nearest doubles are known.

`posed` is a formula at a point. Where smooth pieces meet there, or a domain ends, `kinks` studies both sides, by the
first terms of the formula (`onesided`, by `series` of `terms`); `orders` and `higher` say which derivatives there are.
"""

from .certifier import Certifier, certify, in_doubles
from .components import Certified, Component, compared, known_to
from .higher import Higher
from .limits import Limit, limits
from .orders import Missing, derivative_there, diffs_there, has_diffs, order_there
from .sides import derivative_name

__all__ = [
    "Certified", "Certifier", "Component", "Higher", "Limit", "Missing", "certify", "compared", "derivative_name",
    "derivative_there", "diffs_there", "has_diffs", "in_doubles", "known_to", "limits", "order_there",
]  # fmt: skip
