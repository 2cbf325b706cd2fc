"""Proofs that two formulas are equal, by exact algebra: `algebra` has quotients of polynomials, `cells` the parts that
the domain is cut into, `reading` the laws by which formulas become quotients, `equality` the proof."""
