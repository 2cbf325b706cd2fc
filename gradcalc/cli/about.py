"""The texts of the help beside the options."""

from __future__ import annotations

USAGE = """\
gradcalc [OPTION...] FORMULA... [NAME=VALUE...]
       gradcalc [OPTION...] -f FILE
       ... | gradcalc [OPTION...]
       gradcalc                      the prompt"""

PURPOSE = """\
The value and the derivatives of a formula, numeric and symbolic, with proof
that the two agree."""

SUCH_AS = """\
such as:
  gradcalc '(a*b + c)*f' a=2 b=-3 c=10 f=-2    value, gradient, and their proof
  gradcalc 'x^2*sin(x)'                        the derivatives as formulas
  gradcalc 'cos(x)' --check 'x=sin(x)'         is this the derivative?
  gradcalc 'x^2 + x*y' x=3 y=-4 --explain      the chain rule, node by node
  gradcalc 'x^3 - x' --steps                   the derivation, rule by rule
  gradcalc 'sin(x)/x' --plot x=0..10           the curve and its derivative
  gradcalc                                     the prompt; there, :help"""

OPTIONS_BEGIN = "the formula:\n"
BRIEF = "gradcalc --help lists all options, with examples, exit status and functions.\n"

MORE = """\
examples:
  $ gradcalc '(a*b + c)*f' a=2 b=-3 c=10 f=-2
  value = -8

  name  at  gradient  symbolic
  a      2         6  b*f
  b     -3        -4  a*f
  c     10        -2  f
  f     -2         4  a*b + c

  agree: 4 of 4 gradients, proved for all values

  $ gradcalc 'x^2*sin(x)'
  name  derivative
  x     x^2*cos(x) + 2*x*sin(x)

  agree: 1 of 1 derivatives, proved for all values

  $ gradcalc 'cos(x)' --check 'x=sin(x)'
  WRONG: d/dx cos(x) is not sin(x)
    correct  -sin(x)
    claimed  sin(x)
    at x=1: correct -0.8414709848, claimed 0.8414709848
  hint: the sign is flipped; it is also an integral of cos(x)

  $ gradcalc -q 'sqrt(x^2 + y^2)' x=3 y=4
  5

  $ gradcalc --precision 128 'exp(x)' x=1 -n -q
  2.7182818284590452353602874713526624978

  $ printf 'x = 3\\nx^2\\nsin(x)/x   # sinc\\n' | gradcalc
  x^2 = 9   dx 6   agree
  sin(x)/x = 0.04704000269   dx -0.3456774998   agree

JSON fields, always all of them:
  formula, value, at,    numbers are doubles in full, formulas are text; at,
  gradient, symbolic     gradient, symbolic, reasons, ulps and digits map names;
                         what is not finite or not known is null
  verdict                agree, disagree, not-differentiable, undecided,
                         unchecked, value; where there is no answer undefined,
                         missing or error, and beside it only formula, version
                         and error {message, start, end, help, line}: start and
                         end count in formula, the text read; line in the script
  proved                 true where the two sides are equal for all values
  reasons, notes         why a derivative is missing or not agreed; the verdict
                         in words
  ulps, digits           how far the double-precision result is from the truth
  order, hessian,        as asked; certified holds the texts of --precision, and
  precision, certified   of numbers too small for a double
  uncertainty, shares,   null unless a value has an uncertainty: to first order,
  second_order, sampled  each name's part of the variance, {mean, deviation,
                         matters}, and with --samples {mean, deviation, ...}
  version

exit status:
  0    answered, and the two sides agree
  1    they disagree
  2    a mistake in the formula or the options
  3    undefined, not differentiable or undecided at this point
  70   an internal error, please report it
  130  stopped by Ctrl-C        141  the reader of the output has gone
  137  killed at --time-limit or Ctrl-C, in a step that nothing else could stop
  A script goes on after a mistake; its status is that of the last one. That of
  --grade is 2 where a line could not be read, else 1 where an answer is wrong.
  That of --data is 2 where a cell is no number, 3 where a row has no value.

files and environment:
  $XDG_CONFIG_HOME/gradcalc/config.toml  settings, see below (~/.config/...)
  $XDG_CONFIG_HOME/gradcalc/startup.grad carried out before the first prompt
  NO_COLOR, FORCE_COLOR, TERM=dumb       colour, unless --color says otherwise
  GRADCALC_DEBUG=1                       the traceback of an internal error

A formula is written as x^2*sin(x), 2x, exp(-t/tau), if(x > 0, x, 0). Quote it,
so that the shell leaves it alone.
"""


def of_the_help(word: str, whole: str) -> str:
    """The part of the whole help that `-h` prints, or all of it for `--help`."""
    return whole.partition(OPTIONS_BEGIN)[0] + BRIEF if word == "-h" else whole
