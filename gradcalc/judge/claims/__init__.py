"""Claims: is a derivative that somebody wrote down as a formula right, and if not, which mistake was made?

`result` has the question, an `Assertion`, and the verdict, a `Check`. `court` goes from the one to the other, which is
the place to begin: looks at points (`points` says which, a `look` holds claim and truth against each other there in
balls), then a proof for all values, then points again that might refute it. `conditions` are what the formulas need to
have a value, and where a claim is right that is not right everywhere. Of a claim that is wrong `mistakes` tries the
derivations that people get wrong: a `derivation` done again with one of the `wrong_rules` at one place, until one gives
the claim.
"""
