"""Verdicts. Each module asks one question and answers it in balls, and where it can, for all values.

`agreement`: do our chain rule and sympy's derivative agree?
`claims`: is somebody's derivative right, and if not, which mistake was made?
`programs`: is somebody's gradient function right?
`rows`: which node is to blame, and does a user's row keep its promises?
`certificates` are verdicts to ask again.
"""
