"""The language of formulas. The heart is `functions`: a row of its `TABLE` is all that the program knows of a function.

`formula` has the three kinds of node, `grammar` reads them from text, which `parser` gives to others. `spelled`,
`ends` and `substitution` say what is written out, `identity` and `kept` how passes walk over shared nodes, `rows`
what a user's row must hold to; `mistakes`, `foreign`, `elsewhere` and `unknown` are about texts that cannot be read.
"""
