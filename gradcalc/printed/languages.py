"""A record for each language that code is written in.

In patterns, `@0`, `@1` stand for the first part and the second; a pattern that ends in `)` encloses its parts, any
other needs them in parentheses where they bind less. Patterns of functions have `@name`, `@params`, `@lines` (before
them `@locals` declares their names), `@value`, `@gradient` or a line of `@stores` for each of the `@count` partial
derivatives; before the function, `@uses` is a library and `@helpers` are the functions that the language lacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from gradcalc.language.errors import FormulaError
from gradcalc.language.functions import TABLE
from gradcalc.record import dataclass, field

_WORDS = "value gradient result "  # that functions of every language use themselves


@dataclass(frozen=True)
class Language:
    """How a language writes what a function of numbers is made of.

    `functions` has the rows of the table that the language has, each as `row`, `row=name` or `row=pattern`, and `calls`
    the pattern of a plain one. `patterns` are those of rows that are operators elsewhere; one for `^` with a whole
    number is `whole`. `keywords` cannot be names, nor can the functions' names.
    """

    name: str
    comment: str
    functions: str
    function: str
    helper: str  # a function that the language lacks
    let: str
    let_condition: str = ""
    parameter: str = "@0"
    store: str = ""  # a line for each partial derivative, its number and its value; else they are a list, `@gradient`
    first: int = 0  # the number of the first partial derivative
    calls: str = "@0"
    number: str = "@0"
    integers: bool = False  # whether `2` is as good as `2.0`
    patterns: Mapping[str, str] = field(default_factory=dict)
    whole: str = ""
    stops: bool = False  # where a function has no value
    nan: str = "nan"
    keywords: str = ""
    suffixes: tuple[str, ...] = ()  # of files
    library: tuple[str, str] = ("", "")  # words of its functions, and the line at `@uses` that they need
    local: tuple[str, str] = ("", "")  # how numbers and conditions are declared
    same_case: bool = False  # whether `A` and `a` are one name
    width: int = 0  # beyond which lines are broken, with `continued` at the end of one and the beginning of the next
    continued: str = ""

    @cached_property
    def known(self) -> dict[str, str]:
        """The pattern of every row that the language has, by the row's name."""
        found = dict(self.patterns)
        for word in self.functions.split():
            row, _, name = word.partition("=")
            pattern = name or self.calls.replace("@0", row)
            count = 2 if TABLE[row].variadic else len(TABLE[row].params)
            parts = ", ".join(f"@{i}" for i in range(count))
            found.setdefault(row, pattern if "@" in pattern else f"{pattern}({parts})")
        return found

    @cached_property
    def reserved(self) -> frozenset[str]:
        """The words that cannot be names."""
        names = [pattern.partition("(")[0] for pattern in self.known.values()]
        return frozenset((_WORDS + self.keywords).split()) | {name for name in names if name.isidentifier()}


def _inline(condition: str) -> dict[str, str]:
    return {"if": condition, "and": "@0 && @1", "or": "@0 || @1", "not": "!@0"}


_TRIGONOMETRY = "sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh "
_PYTHON_WORDS = (
    "False None True and as assert async await break class continue def del elif else except finally for from global "
    "if import in is lambda nonlocal not or pass raise return try while with yield math np special float each "
)

PYTHON = Language(
    "python", "# ",
    _TRIGONOMETRY + "exp log log2 log10 log1p expm1 sqrt cbrt abs=abs floor ceil trunc min=min max=max "
    "atan2=math.atan2(@0+0.0,@1) hypot erf "
    "erfc gamma lgamma",
    "import math\n\n\n@helpersdef @name(@params):\n@lines\n    return @value, [@gradient]\n",
    "def @name(@params):\n@lines\n    return @value\n\n\n", "@0 = @1", calls="math.@0",
    patterns={"if": "@1 if @0 else @2", "^": "math.pow(@0, @1)", "pi": "math.pi"}, whole="@0**@1", nan="math.nan",
    stops=True, integers=True, keywords=_PYTHON_WORDS,
    suffixes=(".py",),
)  # fmt: skip
NUMPY = Language(
    "numpy", "# ",
    "sin cos tan asin=np.arcsin acos=np.arccos atan=np.arctan sinh cosh tanh asinh=np.arcsinh acosh=np.arccosh "
    "atanh=np.arctanh atan2=np.arctan2(@0+0.0,@1) exp log log2 log10 log1p expm1 sqrt cbrt abs sign floor ceil trunc "
    "min=np.minimum max=np.maximum mod hypot logaddexp erf=special.erf erfc=special.erfc gamma=special.gamma "
    "lgamma=special.gammaln digamma=special.digamma polygamma=special.polygamma beta=special.beta "
    "lbeta=special.betaln binomial=special.binom erfi=special.erfi erfinv=special.erfinv erfcinv=special.erfcinv "
    "erfcx=special.erfcx dawson=special.dawsn lambertw=np.real(special.lambertw(@0)) Ei=special.expi "
    "Si=np.asarray(special.sici(@0)[0]) Ci=np.asarray(special.sici(@0)[1]) "
    "fresnels=np.asarray(special.fresnel(@0)[0]) fresnelc=np.asarray(special.fresnel(@0)[1]) besselj=special.jv "
    "bessely=special.yv besseli=special.iv besselk=special.kv airyai=np.asarray(special.airy(@0)[0]) "
    "airyaiprime=np.asarray(special.airy(@0)[1]) airybi=np.asarray(special.airy(@0)[2]) "
    "airybiprime=np.asarray(special.airy(@0)[3]) ellipk=special.ellipk ellipe=special.ellipe "
    "gammainc=special.gammainc gammaincc=special.gammaincc normcdf=special.ndtr normcdfinv=special.ndtri",
    'import numpy as np\n@uses\n\n@helpers@np.errstate(all="ignore")\ndef @name(@params):\n'
    "    @params, = (np.asarray(each, float) for each in (@params,))\n@lines\n"
    "    value, *gradient = np.broadcast_arrays(@value, @gradient)\n    return value, gradient\n",
    "def @name(@params):\n@lines\n    return @value\n\n\n", "@0 = @1", calls="np.@0",
    patterns={"if": "np.where(@0, @1, @2)", "and": "np.logical_and(@0, @1)", "or": "np.logical_or(@0, @1)",
              "not": "np.logical_not(@0)", "^": "np.power(@0, @1)", "pi": "np.pi"},
    whole="@0**@1", nan="np.nan", keywords=_PYTHON_WORDS,
    library=("special.", "from scipy import special"),
    suffixes=(".py",),
)  # fmt: skip
C = Language(
    "c", "// ",
    _TRIGONOMETRY + "exp log log2 log10 log1p expm1 sqrt cbrt abs=fabs floor ceil trunc round min=fmin max=fmax "
    "atan2=atan2(@0+0.0,@1) "
    "hypot erf erfc gamma=tgamma lgamma",
    "#include <math.h>\n\n@helpersdouble @name(@params, double gradient[@count])\n{\n@lines\n@stores\n"
    "    return @value;\n}\n",
    "static double @name(@params)\n{\n@lines\n    return @value;\n}\n\n",
    "const double @0 = @1;", let_condition="const int @0 = @1;", parameter="double @0", store="gradient[@0] = @1;",
    patterns={**_inline("@0 ? @1 : @2"), "^": "pow(@0, @1)"}, nan="NAN",
    keywords="export friend mutable explicit typeid xor bitor bitand compl decltype noexcept wchar_t concept requires "
    "sinpi cospi NULL errno linux unix i386 signgam math_errhandling MATH_ERRNO MATH_ERREXCEPT FLT_EVAL_METHOD "
    "HUGE_VALF HUGE_VALL FP_NAN FP_INFINITE FP_ZERO FP_SUBNORMAL FP_NORMAL FP_ILOGB0 FP_ILOGBNAN M_E M_LOG2E M_LOG10E "
    "M_LN2 M_LN10 M_PI M_PI_2 M_PI_4 M_1_PI M_2_PI M_2_SQRTPI M_SQRT2 M_SQRT1_2 MAXFLOAT HUGE DOMAIN SING OVERFLOW "
    "UNDERFLOW TLOSS PLOSS auto break case char const continue default do double else enum extern float for goto if "
    "inline int long register restrict return short signed sizeof static struct switch typedef union unsigned void "
    "volatile while bool true false nullptr main NAN INFINITY HUGE_VAL alignas alignof constexpr thread_local typeof "
    "static_assert and or not asm class new delete this template try catch throw using namespace operator private "
    "public protected virtual",
    suffixes=(".c", ".cpp"),  # it is C++ as well
)  # fmt: skip
JAVASCRIPT = Language(
    "javascript", "// ",
    _TRIGONOMETRY + "exp log log2 log10 log1p expm1 sqrt cbrt abs sign floor ceil trunc min max "
    "atan2=Math.atan2(@0+0,@1) hypot",
    "@helpersfunction @name(@params) {\n@lines\n    return { value: @value, gradient: [@gradient] };\n}\n",
    "function @name(@params) {\n@lines\n    return @value;\n}\n\n",
    "const @0 = @1;", calls="Math.@0", patterns={**_inline("@0 ? @1 : @2"), "^": "Math.pow(@0, @1)", "pi": "Math.PI"},
    nan="NaN", integers=True,
    keywords="arguments async await break case catch class const continue debugger default delete do else enum eval "
    "export extends false finally for function if implements import in instanceof interface let new null package "
    "private protected public return static super switch this throw true try typeof var void while with yield "
    "undefined NaN Infinity Math",
    suffixes=(".js", ".mjs"),
)  # fmt: skip
JULIA = Language(
    "julia", "# ",
    _TRIGONOMETRY + "exp log log2 log10 log1p expm1 sqrt cbrt abs sign floor ceil trunc min max atan2=atan(@0+0.0,@1) "
    "hypot sec csc cot sech csch coth asec acsc sinpi cospi mod deg=rad2deg rad=deg2rad erf erfc erfi erfinv erfcinv "
    "erfcx dawson gamma lgamma=first(logabsgamma(@0)) digamma polygamma=polygamma(Int(@0),@1) beta lbeta=logbeta "
    "Ei=expinti Si=sinint Ci=cosint besselj bessely besseli besselk airyai airyaiprime airybi airybiprime ellipk "
    "ellipe gammainc=first(gamma_inc(@0,@1)) gammaincc=last(gamma_inc(@0,@1))",
    "@uses@helpersfunction @name(@params)\n@lines\n    return @value, [@gradient]\nend\n",
    "function @name(@params)\n@lines\n    return @value\nend\n\n", "@0 = @1",
    patterns={**_inline("@0 ? @1 : @2"), "^": "@0^@1", "pi": "pi"}, whole="@0^@1", nan="NaN", stops=True,
    keywords="baremodule begin break catch const continue do else elseif end export false finally for function global "
    "if import let local macro module quote return struct true try using while where in isa pi im NaN Inf first last "
    "Int",
    library=(
        "erf erfc erfi erfinv erfcinv erfcx dawson gamma logabsgamma digamma polygamma beta logbeta expinti sinint "
        "cosint besselj bessely besseli besselk airyai airyaiprime airybi airybiprime ellipk ellipe gamma_inc",
        "using SpecialFunctions",
    ),
    suffixes=(".jl",),
)  # fmt: skip
FORTRAN = Language(
    "fortran", "! ",
    _TRIGONOMETRY + "exp log log10 sqrt abs floor=real(floor(@0,int64),real64) ceil=real(ceiling(@0,int64),real64) "
    "trunc=aint round=anint min max atan2=atan2(@0+0.0_real64,@1) hypot mod=modulo erf erfc erfcx=erfc_scaled gamma "
    "lgamma=log_gamma",
    "module @name_module\nuse, intrinsic :: iso_fortran_env, only: int64, real64\n"
    "use, intrinsic :: ieee_arithmetic, only: ieee_value, ieee_quiet_nan\nimplicit none\ncontains\n\n"
    "@helperspure subroutine @name(@params, value, gradient)\n    real(real64), intent(in) :: @params\n"
    "    real(real64), intent(out) :: value, gradient(@count)\n@locals\n@lines\n@stores\n"
    "    value = @value\nend subroutine\n\nend module\n",
    "pure recursive function @name(@params) result(result)\n    real(real64), intent(in) :: @params\n"
    "    real(real64) :: result\n@locals\n@lines\n    result = @value\nend function\n\n",
    "@0 = @1", store="gradient(@0) = @1", first=1, number="@0_real64",
    patterns={"if": "merge(@1, @2, @0)", "and": "@0 .and. @1", "or": "@0 .or. @1", "not": ".not. @0", "!=": "@0 /= @1",
              "^": "@0**@1"},
    whole="@0**@1", nan="ieee_value(0.0_real64, ieee_quiet_nan)",
    keywords="int64 real64 ieee_value ieee_quiet_nan merge real floor ceiling if then else end do function subroutine "
    "module use implicit none contains",
    local=("real(real64) :: @0", "logical :: @0"), same_case=True, width=120, continued="&",
    suffixes=(".f90",),
)  # fmt: skip
RUST = Language(
    "rust", "// ",
    _TRIGONOMETRY + "exp log=f64::ln log2 log10 log1p=f64::ln_1p expm1=f64::exp_m1 sqrt cbrt abs floor ceil trunc "
    "round min max atan2=f64::atan2(@0+0.0,@1) hypot",
    "@helpers#[allow(non_snake_case, unused_parens, unused_variables)]\n"
    "pub fn @name(@params) -> (f64, [f64; @count]) {\n@lines\n"
    "    (@value, [@gradient])\n}\n",
    "#[allow(non_snake_case, unused_parens, unused_variables)]\nfn @name(@params) -> f64 {\n@lines\n    @value\n}\n\n",
    "let @0 = @1;", parameter="@0: f64", calls="f64::@0",
    patterns={**_inline("if @0 { @1 } else { @2 }"), "^": "f64::powf(@0, @1)", "pi": "std::f64::consts::PI"},
    nan="f64::NAN",
    keywords="as async await break const continue crate dyn else enum extern false fn for if impl in let loop match "
    "mod move mut pub ref return self Self static struct super trait true type unsafe use where while abstract become "
    "box do final gen macro override priv try typeof unsized virtual yield f64 main Some None Ok Err",
    suffixes=(".rs",),
)  # fmt: skip
LATEX = Language(
    "latex", "% ", "", "\\begin{align*}\n@lines\n@stores\n\\end{align*}\n", "", r"@0 &= @1 \\",
    store=r"\frac{\partial @2}{\partial @0} &= @1 \\",
    suffixes=(".tex",),
)  # fmt: skip

LANGUAGES = {language.name: language for language in (PYTHON, NUMPY, C, JAVASCRIPT, JULIA, FORTRAN, RUST, LATEX)}


def language_named(name: str) -> Language:
    """The record of a language.

    Raises:
        FormulaError: there is none of this name.
    """
    if not isinstance(name, str) or name.lower() not in LANGUAGES:
        suffix = f".{str(name).lower().replace('+', 'p')}"
        near = next((f"write {each.name}; " for each in LANGUAGES.values() if suffix in each.suffixes), "")
        help = f"{near}the languages are {', '.join(LANGUAGES)}"
        raise FormulaError(f"no code is written in {name}", help=help)
    return LANGUAGES[name.lower()]


def check_suffix(languages: Sequence[str], suffix: str) -> None:
    """
    Raises:
        FormulaError: a file of the suffix holds another language than one of these.
    """
    of_file = [name for name, language in LANGUAGES.items() if suffix.lower() in language.suffixes]
    for language in languages if of_file else ():
        if (known := language_named(language)).name not in of_file:
            help = f"write -o FILE{known.suffixes[0]}, or --code {of_file[0]}"
            raise FormulaError(f"a file {suffix} does not hold {known.name}", help=help)
