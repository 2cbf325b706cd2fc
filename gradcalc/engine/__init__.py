"""One reverse-mode engine over many kinds of scalar. The heart is `node`: a `Value`, and `backward` through its graph.

`scalars` says what a row of the table is over floats and balls, `lowering` makes the graph of a formula, and `rewrite`
has our chain rule over formulas. The rest makes that fast without changing a bit, or knows more exactly: a `program`
is a formula as a list, a `tape` its value and gradient without a graph, `straight` that as operations, which `written`,
`enclosed`, `blocks` and `llvm` make code of; `switches`, `rationals` and `constants` tell what comparisons come to.
"""
