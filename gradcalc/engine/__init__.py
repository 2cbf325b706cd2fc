"""One reverse-mode engine over many kinds of scalar: `Value`, and formulas lowered to it."""
