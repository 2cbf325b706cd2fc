"""Proofs that two formulas are equal, by exact algebra. The place to begin is `equality`, which says the argument.

`algebra` has quotients of polynomials, `cells` the parts that the domain is cut into, `reading` the laws by which
formulas become quotients, each kind in a module of its own. `sides` are those of a kink; long sums are shown by
`summands`, those without known ends by `termwise`; `exact` and `isolated` are points that no double is.
"""
