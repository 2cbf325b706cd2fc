"""Programs: is a derivative that somebody wrote in Python right, at a point or over a box?

`gradient` is the way in, and `judge` the heart: one point. There a `subject` has two sides, the function and the claim,
which `calling` calls with points of any of the `forms`, and which `tracing` runs on the numbers of `tracer`, that write
down what is done to them. What comes of it is a formula, and its gradient in balls the truth. `components` holds the
claim against that: by its meaning, if it can be traced too, else by its numbers, which may be off by what `rounding`
explains, or the `noise` of another way to compute them. Where the function cannot be traced, or its comparisons carry
its value from piece to piece (`nearby`), the truth is one of the `quotients` of values along `lines`: the slope of a
polynomial where these are `smooth`, else of `differences`, as far as a `line`, seen at steps of many sizes, and the
`remainders` beside a slope let them tell. A `box` is points, and where to look for those that fail; `hints` are what a
wrong gradient looks like.
"""
