"""Derivatives of formulas, numeric and symbolic, with proof that they are right."""

__version__ = "0.1.0"
