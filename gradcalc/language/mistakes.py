"""Texts that are not in the language, and what each mistake is called.

`MISTAKES` is the table: what stood before, what comes, what to say and what to write instead.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import accumulate

from gradcalc.record import dataclass

from .errors import SEE_FUNCTIONS, FormulaSyntaxError, Span
from .foreign import STUDIES
from .functions import CONSTANTS, LARGE
from .lalr import Token
from .latex import GREEK
from .proposals import balanced, inverse_of, plain_power, unbracketed
from .reading import (
    BUILT_IN,
    DEGREES,
    GROUP,
    OPERAND,
    POSTFIX,
    POWERS,
    SUPER,
    SUPERSCRIPTS,
    VALUE_BEHIND,
    WORD,
    Reading,
    either,
    short,
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A text that cannot go on: what stood before (a pattern of token types), what comes (a pattern), what to say.

    {here} is what comes, and what has a name in its pattern goes by that; {before}, {first} and {second} are the tokens
    before it, from right to left. The caret starts `back` tokens before what comes. A NAME that is a known function
    counts as FUNCTION. `reads` is a pattern for the text of {before}; `apart`, a space is before it.
    """

    after: str
    here: str
    message: str
    help: str
    back: int = 0
    reads: str = ""
    apart: bool = False


_OPERATOR = "(PLUS|MINUS|STAR|SLASH|CARET|COMPARE|OR|AND|NOT|EQUAL|ROOT|UPDATE|DOTS|COLON)"
_NOTHING = "(^|SEPARATOR|LPAR|COMMA)"
_FRACTION = r"[¼-¾⅐-⅞↉]"
_RAISED = "[ªºʰ-ʸˠ-ˤᴬ-ᵡᵸᶛ-ᶿⱽⁿⁱ]"
_SIGN = r"\*\*|[*/^×·⋅÷]|[<>=!]=|[<>=≤≥≠]|(or|and)\b|[⁺⁻]?[⁰¹²³⁴-⁹]+"

_ASKING = "(?i:what|whats|which|how|find|calculate|compute|determine|evaluate|tell|show|give|please|can|is|the)"
_FUNCTIONS = "|".join(sorted(filter(str.isalpha, BUILT_IN), key=len, reverse=True))
_KNOWN = "|".join(sorted(filter(str.isalpha, GREEK | BUILT_IN.keys() | {*CONSTANTS})))
_TYPESET = "[dtc]?frac|sqrt|text|math[a-z]+|operatorname|begin|end|left|right"  # that can be read elsewhere

MISTAKES = (
    # ---- what other languages write
    Mistake("", r"&&?|∧", "'{here}' is not an operator", "write and, as in a > 0 and b > 0"),
    Mistake(f"{_NOTHING}|{_OPERATOR}", r"\|(?P<inside>[^|;]*[^|;\s])\s*\|", "bars are not parentheses",
            "write abs({inside})"),
    Mistake("", "‖", "bars are not parentheses", "write abs(x), or hypot(x, y)"),
    Mistake(OPERAND, r"\|\||∨", "'{here}' is not an operator", "write or, as in a > 0 or b > 0"),
    Mistake("", r"[~¬]", "'{here}' is not an operator", "write not, as in not a > 0"),
    Mistake("", r"\|", "bars are not parentheses", "write abs(x) for an absolute value"),
    Mistake("EQUAL NUMBER PLUSMINUS NUMBER", r"%", "an uncertainty is a number, no percentage",
            "write {second}{first}{share} for {before}%"),
    Mistake("PLUSMINUS NUMBER", r"%", "an uncertainty is a number, no percentage", "write for example x=2±0.1 for 5%"),
    Mistake("", r"%", "'%' is not an operator", "write mod(a, b) for a remainder, a/100 for a percentage"),
    Mistake("SLASH", r"/", "'//' is not an operator", "write floor(a/b) for a whole quotient", 1),
    Mistake("LBRACKET", r"\]", "there is nothing between the brackets", "write numbers, as in x=[1, 2]", 1),
    Mistake("RBRACKET", r"\]", "']' closes nothing", "remove it, or add '[' where the numbers begin"),
    Mistake("EQUAL", r"\[", "a name has one number here", "arrays are for points of --check-gradient FILE.py:NAME"),
    Mistake("NAME", r"\[\s*(?P<index>\d+)\s*\]", "names have no indices here", "write {before}_{index}", 1),
    Mistake("FUNCTION", r"\[(?P<low>[^][]*)\]\((?P<inside>[^()]*)\)", "only round parentheses are read",
             "write {indexed}", 1),
    Mistake("FUNCTION", r"\[(?P<inside>[^][]*)\]|\{(?P<within>[^{}]*)\}", "only round parentheses are read",
             "write {before}({inside}{within})", 1),
    Mistake("COMMA", r"\{\s*(?P<index>[^\W\d]\w*)\s*,\s*(?P<low>[^,{}]+),\s*(?P<high>[^,{}]+)\}",
            "an index has its range behind a comma", "write for example sum(formula, {index}={low}..{high})"),
    Mistake(OPERAND, "@", "'@' is not an operator", "every name is one number: write *, and sums of products"),
    Mistake("", r"[][{}]", "only round parentheses are read", "write ( and )"),
    Mistake("", r"[‐‑–—‒―]", "'{here}' is a dash, not a minus", "write -"),
    Mistake("", r"[∕⁄]", "'{here}' is not read as a division", "write /"),
    Mistake("", r"[∗•∙]", "'{here}' is not read as a product", "write *"),
    Mistake("", r"°\s*[CFK]\b|[℃℉]", "'{here}' is not read", "there are no units: write the numbers alone"),
    Mistake("NUMBER|NAME", r"°", "angles are in radians", "write rad({before})", 1),
    Mistake("", r"°", "angles are in radians", "write rad(90) for 90 degrees"),
    Mistake("", r"⌊(?P<inside>[^⌊⌋⌈⌉;]+)⌋", "'⌊' is not read", "write floor({inside})"),
    Mistake("", r"⌈(?P<inside>[^⌊⌋⌈⌉;]+)⌉", "'⌈' is not read", "write ceil({inside})"),
    Mistake("", r"[⌊⌋⌈⌉]", "'{here}' is not read", "write floor(x) or ceil(x)"),
    Mistake("", rf"∛\s*(?P<inside>{WORD}|{GROUP})", "'∛' is not read", "write cbrt({radicand})"),
    Mistake("", r"∛", "'{here}' is not read", "write cbrt(x)"),
    Mistake("", r"∜", "'{here}' is not read", "write root(x, 4)"),
    Mistake(f"{_NOTHING}|{_OPERATOR}", rf"(?P<power>{SUPER})√(?P<inside>{WORD}|{GROUP})?",
             "'{here}' is not read", "write root({radicand}, {degree})"),
    Mistake("", r"∞|\\infty(?![a-zA-Z])", "infinity is not a number", LARGE),
    Mistake("PLUSMINUS", r"\Z|[;),]", "'{before}' has nothing on its right", "write the uncertainty, as in x=2±0.1"),
    Mistake("", r"±|\+/[-−]|\\pm(?![a-zA-Z])", "'{here}' belongs to the value of a variable",
             "write for example x=2±0.1 beside the formula"),
    Mistake("^", r"\?\s*(?P<name>\w+)", "'?' stands behind what is asked about, at the prompt", "write {name}?"),
    Mistake(f"^|{OPERAND}", r"\?\s*\Z", "'?' asks for help, at the prompt", SEE_FUNCTIONS),
    Mistake("", r"\?", "'?' does not choose", "write if(condition, a, b)"),
    Mistake(OPERAND, r"for\s+(?P<index>\w+)\s+in\b", "an index has its range behind a comma",
            "write for example sum(formula, {index}=1..10)"),
    Mistake(OPERAND, r"if\b", "a choice is written as a function", "write if(condition, a, b)"),
    Mistake("", r"[∫∬∭∮]|\\i{1,3}nt(?![a-zA-Z])", "integrals are not for this tool", "it gives values and derivatives"),
    Mistake("", r"\\lim(?![a-zA-Z])", "limits are not for this tool", "it gives values and derivatives"),
    Mistake("", r"\\(nabla|partial)(?![a-zA-Z])", "LaTeX is not read", "write diff(formula, x) for a derivative"),
    Mistake("", r"∑|\\sum(?![a-zA-Z])", "'∑' is not read", "write sum(formula, k=1..10)"),
    Mistake("", r"∏|\\prod(?![a-zA-Z])", "'∏' is not read", "write prod(formula, k=1..10)"),
    Mistake("", r"∂[²³]?\s*/\s*∂\s*(?P<bottom>[^\W\d][^\W\d⁰-⁹²³]*)", "'{here}' is not read",
             "write diff(formula, {bottom})"),
    Mistake("", r"∂(?P<top>\w+)\s*/\s*∂(?P<bottom>\w+)", "'{here}' is not read", "write diff({top}, {bottom})"),
    Mistake("", r"[∂∇]", "'{here}' is not read", "write diff(formula, x) for a derivative"),
    Mistake("NAME", r"\$\s*(?P<order>\d+)", "'$' counts no derivatives here",
            "write diff(formula, {before}, {order})", 1),
    Mistake("", r"\$+(?=[^$\n]*\w)(?=(?P<inside>[^$\n]*[^$\s]))", "dollar signs are not part of a formula",
            "write {inside}"),
    Mistake("", r"\$", "'$' is not part of a formula", "remove it"),
    Mistake("", r"\\[dt]?frac\s*\{\s*d[^{}]*\}\s*\{\s*d\s*(?P<name>[^\W\d]\w*)\s*\}", "LaTeX is not read",
            "write diff(formula, {name})"),
    Mistake("", r"\\[dt]?frac\s*\{\s*(d|\\partial\b)[^{}]*(\{\d+\})?\}\s*\{\s*(d|\\partial\b)", "LaTeX is not read",
            "write diff(formula, x), or diff(formula, x, 2)"),
    Mistake("", r"\\[dt]?frac\s*\{(?P<top>\w+)\}\s*\{(?P<bottom>\w+)\}", "LaTeX is not read", "write {top}/{bottom}"),
    Mistake("", r"\\[dt]?frac\s*\{(?P<top>[^{}]*)\}\s*\{(?P<bottom>[^{}]*)\}", "LaTeX is not read",
             "write ({top})/({bottom})"),
    Mistake("", r"\\sqrt\s*\{(?P<inside>[^{}]*)\}", "LaTeX is not read", "write sqrt({inside})"),
    Mistake("", r"\\(cdot|times)\b", "LaTeX is not read", "write *"),
    Mistake("", r"\\(left|right)\b", "LaTeX is not read", "write ( and ) alone"),
    Mistake("", rf"\\(?P<word>{_KNOWN})\b(?!\s*[\[{{])", "LaTeX is not read", "write {word} without the backslash"),
    Mistake("", r"(\\left\s*)?\\[lr](?P<word>floor|ceil)(?![a-zA-Z])", "LaTeX is not read", "write {word}(x)"),
    Mistake("", r"\\[dt]?binom(?![a-zA-Z])|\\choose(?![a-zA-Z])", "LaTeX is not read", "write binomial(n, k)"),
    Mistake("", r"\\(begin\s*\{)?[dr]?cases(?![a-zA-Z])", "LaTeX is not read", "write if(condition, a, b)"),
    Mistake("", r"\\(in|mathbb)(?![a-zA-Z])", "LaTeX is not read", "every name is a real number: leave it out"),
    Mistake("", r"\\(hat|bar|tilde|vec|overline|dot|ddot)\s*(\{\s*(?P<name>[a-zA-Z])\s*\}|(?P<alone>[a-zA-Z])\b)",
            "LaTeX is not read", "choose a name of letters, digits and _"),
    Mistake("", r"\\(to|mapsto)(?![a-zA-Z])", "'{here}' makes no function here", "write f(x) = formula"),
    Mistake("", r"\\[bp]mod(?![a-zA-Z])", "LaTeX is not read", "write mod(a, b)"),
    Mistake("", rf"\\(?!({_KNOWN}|{_TYPESET})(?![a-zA-Z]))[a-zA-Z]+", "LaTeX is not read: '{here}' is not known",
            SEE_FUNCTIONS),
    Mistake("", r"\\", "LaTeX is not read", "write for example a/b, sqrt(x), sin(x)"),
    Mistake("NUMBER", _FRACTION, "'{before}{here}' is not read", "write ({before} + {normal})", 1),
    Mistake("NAME", _FRACTION, "'{before}{here}' is not read", "write {before}*({normal})", 1),
    Mistake("RPAR", _FRACTION, "'{here}' is not read", "put '*' before it: *({normal})"),
    Mistake("", rf"{_FRACTION}(?=(?P<run>(\s*(\w+|{SUPER}))*))", "'{here}' is not read", "write ({normal}){starred}"),
    Mistake("SUPERSCRIPT", _RAISED, "a superscript letter is not read", "write ^ and parentheses, as in a^(2*x)", 1),
    Mistake("", rf"{_RAISED}(?![⁰-⁻¹²³])", "a superscript letter is not read", "write ^{normal}"),
    Mistake("", rf"⁻?{_RAISED}[⁰-⁻¹²³]*", "a superscript letter is not read", "write ^({normal})"),
    Mistake("", r":=", "':=' is not read here", "write name = formula"),
    Mistake("", r"[-+*/]=(?!=)", "'{here}' is only read at the prompt and in scripts", "write name = formula"),
    Mistake("", r"\.\.+", "'..' only stands in ranges", "write for example --plot x=-3..3"),
    Mistake("", r"[→↦⇒]", "'{here}' makes no function here", "write f(x) = formula"),
    Mistake("MINUS", r">", "'->' makes no function here", "write f(x) = formula", 1),
    Mistake("EQUAL", r">", "'=>' is not an operator", "write >= for a comparison, f(x) = formula for a function", 1),
    Mistake("EQUAL", r"<", "'=<' is not a comparison", "write <=", 1),
    Mistake("COMPARE", r"[=>]", "'{before}{here}' is not a comparison", "write ==, !=, <= or >=", 1),
    # ---- quotation marks and primes
    Mistake("NUMBER", r"(’\d{3})+(?!\d)(\.\d+)?", "digits cannot be grouped with '{mark}'", "write {plain}", 1,
            r"\d{1,3}"),
    Mistake("", r"[\"“”„«»‘’`]", "quotation marks are not needed", "write the formula alone"),
    Mistake(f"{_NOTHING}|{_OPERATOR}", r"['′]", "quotation marks are not needed", "write the formula alone"),
    Mistake("NUMBER", r"(['′’]\d{3})+(?!\d)(\.\d+)?", "digits cannot be grouped with '{mark}'", "write {plain}", 1,
            r"\d{1,3}"),
    Mistake(OPERAND, r"['′]", "only the name of a function can have a prime", "write diff(formula, x)"),
    Mistake("NAME PRIME", r"(?!\()", "only the name of a function can have a prime", "write diff({first}, x)", 2,
            "['′]"),
    Mistake("NAME PRIME", r"(?!\()", "only the name of a function can have a prime", "write diff(formula, x, 2)", 2),
    Mistake("PRIME", r"(?!\()", "{first}{before} needs an argument", "write {first}{before}(x)", 2),
    # ---- words of the language, and '='
    Mistake("NOT|AND|OR", r"=", "'{before}' is a word of the language, not a name", "choose another name", 1),
    Mistake("", r"(and|or)\b(?=\s*=(?!=))", "'{here}' is a word of the language, not a name", "choose another name"),
    Mistake("(^|SEPARATOR)", r"=(?!=)", "'=' has nothing on its left", "write name = formula, or the formula alone"),
    Mistake("NAME SLASH NAME", r"=", "'=' only gives a formula its name, as in y = x^2",
            "--check, or :check at the prompt, judges a derivative", reads=r"d\w"),
    Mistake("EQUAL NUMBER NAME", r"=(?!=)", "a name gets its value in a statement of its own",
            "write ';' before {before}", 1, apart=True),
    Mistake(OPERAND, r"=<", "'=<' is not a comparison", "write <="),
    Mistake(OPERAND, r"=>", "'=>' is not an operator", "write >= for a comparison, f(x) = formula for a function"),
    Mistake(OPERAND, r"=", "'=' only gives a formula its name, as in y = x^2",
            "to compare two numbers, write ==; equations are not solved here"),
    # ---- parentheses and commas
    Mistake("FUNCTION LPAR", r"\)", "{first} has no argument", "write {signature}", 2),
    Mistake("PRIME LPAR", r"\)", "the argument is missing", "write for example {second}{first}(x)", 3),
    Mistake("LPAR", r"\)", "there is nothing between the parentheses", "put a formula there, or remove them", 1),
    Mistake("LPAR|COMMA", r",", "an argument is missing before ','", "write it, or remove the comma"),
    Mistake("COMMA", r"\)", "an argument is missing after ','", "write it, or remove the comma", 1),
    Mistake("NUMBER", r",\d*(?![\d.])", "'{before}{here}' is a number with a decimal comma", "write {pointed}", 1,
            r"\d{1,3}(\.\d{3})+"),
    Mistake("NUMBER", r"(\.\d{3})+(,\d*)?(?![\w.])", "digits cannot be grouped with '.'", "write {pointed}", 1,
            r"\d{1,3}(\.\d{3})+"),
    Mistake("NUMBER", r"(,\d{3}){2,}(\.\d*)?|,\d{3}\.\d*", "digits cannot be grouped with ','", "write {together}", 1),
    Mistake("NUMBER", r",\d{3}(?![\d.])", "'{before}{here}' can be read in two ways",
             "write  {together}  or  {decimal}", 1, r"[1-9]\d{0,2}"),
    Mistake("EQUAL LPAR NUMBER", r",[^();]*", "a name has one value here",
            "write it alone, with a decimal point; arrays are for points of --check-gradient FILE.py:NAME", 1),
    Mistake("NUMBER", r",\d+", "',' is not a decimal point", "write {decimal}", 1, r"\d+"),
    Mistake("COMMA LPAR NAME", r",\s*(?P<low>[^,()]+),\s*(?P<high>[^,()]+)\)",
            "an index has its range behind a comma", "write for example sum(formula, {before}={low}..{high})", 2),
    Mistake(OPERAND, r",", "a comma only separates the arguments of a function", "{apart}"),
    # ---- missing operands
    Mistake("ROOT", r"[-+−]", "a sign under '√' needs parentheses", "write √(-x)"),
    Mistake(f"{_NOTHING}|{_OPERATOR}", r"!(?!=)", "'!' stands after its operand, as in n!",
             "for the opposite of a condition, write not"),
    Mistake(_OPERATOR, r"\Z|[;),]", "'{before}' has nothing on its right", "write what comes after it"),
    Mistake(_OPERATOR, _SIGN, "'{before}' cannot be followed by '{here}'",
             "write a number, a name or a group between them", 1),
    Mistake(_NOTHING, _SIGN, "'{here}' has nothing on its left", "write what comes before it"),
    # ---- operands side by side
    *(Mistake(OPERAND, rf"{word}\b", "'{here}' is not an operator", f"write {instead}")
      for word, instead in POSTFIX.items()),
    Mistake("NUMBER|NAME", rf"{DEGREES}\b", "angles are in radians", "write rad({before})", 1),
    Mistake(OPERAND, rf"{DEGREES}\b", "angles are in radians", "write rad(90) for 90 degrees"),
    Mistake("FUNCTION SUPERSCRIPT", r"\([^()]*\)", "the power of {first} is written after its argument",
             "write {first}{here}{power}{inverse}", 2),
    Mistake("FUNCTION SUPERSCRIPT", r"[\w(]", "the power of {first} is written after its argument",
             "write {first}(x){power}{inverse}", 2),
    Mistake("FUNCTION", rf"of\s+(?P<inside>{WORD}|{GROUP})", "{before} is a function and needs parentheses",
            "write {before}({radicand})", 1),
    Mistake("FUNCTION", rf"(?P<inside>[\d.]+)\s*{DEGREES}\b", "{before} is a function and needs parentheses",
             "write {before}(rad({inside}))", 1),
    Mistake("FUNCTION", r"(?P<number>[\d.]+)\s+(?P<inside>[^\W\d]\w*)\b(?!\()",
             "{before} is a function and needs parentheses", "write {before}({number}*{inside})", 1),
    Mistake("FUNCTION", rf"(?P<base>{WORD}?)(?P<power>{POWERS}|\s*[/*]\s*{WORD}\b(?!\())",
             "{before} is a function and needs parentheses", "write {calls}", 1),
    Mistake("FUNCTION", WORD, "{before} is a function and needs parentheses", "write {call}", 1),
    Mistake("NUMBER", r"(?<=\d|\.)\.\d[\d.]*", "a number has one decimal point", "remove the others", 1),
    Mistake("NUMBER", r"\.+(?!\d)", "a number has one decimal point", "remove the others", 1),
    Mistake("NUMBER", r"\d{3}([ \u00a0\u202f]\d{3})+(?![\d.])(\.\d+)?", "digits cannot be grouped with spaces",
            "write {plain}", 1, r"\d{1,3}"),
    Mistake("NUMBER", r"(?P<part>(?!0|\d{3}\b)\d+\s*/\s*\d+)(?![\d.])", "'{before} {here}' can be read in two ways",
             "write  {before} + {part}  or  {before}*{part}", 1, r"\d+"),
    Mistake("NUMBER", r"[\d.]+", "two numbers stand side by side",
             "write {before}{here} for one number, {before}*{here} for a product", 1),
    Mistake("NAME", rf"{WORD}(?=\s*=(?!=))", "'at' stands behind a whole formula, at the prompt and in scripts",
            "give the value beside the formula: 'x^2' x=2", 1, "at"),
    Mistake("NAME", rf"{WORD}(?=\s*=(?!=))", "values come after 'at', not after '{before}'",
             "write at {here}=..., or the value beside the formula: 'x^2' x=2", 1, "for|where|when|with|if|given|and"),
    Mistake("(^|SEPARATOR )NAME", rf"{WORD}(?=\s*=\s*[-+−]?[\d.]+\s*($|[;,\n#]|\w+\s*=))", *VALUE_BEHIND),
    Mistake("(^|SEPARATOR )NAME", rf"{WORD}(?=\s*=(?!=))", "a function has its argument in parentheses",
            "write {before}({here}) = formula", 1),
    Mistake("NAME", rf"{WORD}(?=\s*=(?!=))", "what goes over an index is a function",
            "write {before}(formula, {here}=1..10)", 1, "sum|prod"),
    Mistake("NAME", WORD, "what goes over an index is a function", "write {before}(formula, k=1..10)", 1, "sum|prod"),
    Mistake(OPERAND, rf"{WORD}(?=\s*=(?!=))", *VALUE_BEHIND),
    Mistake("EQUAL NUMBER NAME", rf"(?!at\b){WORD}", "the ends of a range have '..' between them",
             "write {first}..{here}", 2, "to|until|through"),
    Mistake("EQUAL NAME", rf"(to|until|through)\s+(?P<high>{WORD})",
            "the ends of a range have '..' between them", "write {before}..{high}", 1),
    Mistake(OPERAND, r"to\s+the(\s+power)?\b(\s+of\b)?", "'{here}' is not an operator", "write ^"),
    Mistake("NAME", r"(in|to|per|as)\b", "'{here}' is not an operator", "there are no units: write the numbers alone"),
    Mistake("(NUMBER|NAME) (SLASH|CARET) (NUMBER|NAME)", WORD,
             "'{second}{first}{before} {here}' can be read in two ways",
             "write  {second}{first}({before}*{here})  or  {second}{first}{before}*{here}", 3),
    Mistake("(SLASH|CARET) (NUMBER|NAME)", WORD, "this can be read in two ways", "add '*' and parentheses", 2),
    Mistake("NAME", r"\d[\d.]*", "after 'at' a name gets a value", "write for example at x={here}", 1, "at"),
    Mistake("NAME", WORD, "after 'at' a name gets a value", "write at {here}=..., as in x^2 at x=2", 1, "at"),
    Mistake(OPERAND, r"at\s*\Z", "after 'at' a name gets a value", "write for example at x=2"),
    Mistake("NAME", rf"√({GROUP}|[\w.]+)", "'{before}' and '{here}' stand side by side", "write {before}*{here}", 1),
    Mistake("NAME", r"xor\b", "'xor' is not an operator", "write (a or b) and not (a and b)"),
    *(Mistake("NAME", rf"root\b(\s+of)?(\s+(?P<inside>{WORD}|{GROUP}))?", "'{before} {here}' is not read",
              f"write {root}", 1, word)
      for word, root in (("square", "sqrt({radicand})"), ("cube|cubic", "cbrt({radicand})"))),
    Mistake("NAME", WORD, "limits are not for this tool", "it gives values and derivatives", 1, "lim|limit"),
    Mistake("NAME", WORD, "'{before}' is a name here",
             "write sum(formula, k=1..10) for a sum, {before}*{here} for a product", 1, "Σ"),
    Mistake("NAME SUPERSCRIPT", WORD, "'{first}{before}' and '{here}' stand side by side",
             "write {first}{before}*{here} for a product", 2),
    Mistake("NAME", rf"(?!at\b){WORD}", "'{before}' is not for this tool", "it gives values and derivatives", 1,
            "(?i:solve|integrate|integral|int|expand|simplify|factor|series|taylor|minimi[sz]e|maximi[sz]e)"),
    Mistake("NAME", rf"(?!at\b){WORD}", "a tangent is part of a curve",
            "write :plot formula at x=1 x=0..2, or --plot x=0..2 x=1 beside the formula", 1, "(?i:tangent)"),
    Mistake("NAME", rf"(?!at\b){WORD}", "a derivative is written diff(formula, x)",
            "a formula alone is answered with all its derivatives: leave '{phrase}' out", 1,
            "(?i:derivative|derive|differentiate|gradient|grad|slope|partial)"),
    Mistake("(^|SEPARATOR )NAME", rf"(?!at\b){WORD}", "a command begins with ':'",
            "write :{before}, at the prompt and in scripts, or the option --{before}", 1,
            "check|explain|steps|graph|plot|table|hessian"),
    Mistake("(^|SEPARATOR )NAME", rf"(?!at\b){WORD}", "a question in words is not read",
            "write the formula alone: it is answered with its value and all its derivatives", 1, _ASKING),
    Mistake("NAME", rf"(?P<name>{_FUNCTIONS})\s*\Z", "'{before}' and '{name}' stand side by side",
             "write {before}*{name}(x) for a product", 1),
    Mistake("NAME", rf"(?P<name>{_FUNCTIONS})\s+(?P<inside>{WORD})", "'{before}' and '{name}' stand side by side",
             "write {before}*{name}({inside}) for a product", 1),
    Mistake("NAME", rf"{WORD}({GROUP})?", "'{before}' and '{here}' stand side by side",
             "write {before}*{here} for a product", 1),
    Mistake("RPAR", r"[\d.]+", "a number cannot follow ')'", "put '*' between them for a product, '^' for a power"),
    Mistake(OPERAND, rf"at\s+{WORD}(?=\s*=(?!=))", "'at' stands behind a whole formula, at the prompt and in scripts",
             "give the value beside the formula: 'x^2' x=2"),
    Mistake(OPERAND, rf"(?P<word>for|where|when|with|given)\s+(?P<name>{WORD})(?=\s*=(?!=))",
             "values come after 'at', not after '{word}'",
             "write at {name}=..., or the value beside the formula: 'x^2' x=2"),
    Mistake(OPERAND, rf"{WORD}|[√(]", "a product needs '*' here", "put '*' between '{before}' and '{here}'"),
    # ---- the rest
    Mistake("(^|SEPARATOR)", r":[a-z]+", "{here} is no command here",
            "a command has a line of its own, at the prompt, which gradcalc without a formula opens"),
    Mistake("", r"\)", "')' closes nothing", "remove it, or add '(' where the group begins"),
    Mistake("", r";", "';' stands between statements alone", "between arguments, write ','"),
    Mistake("", r"not\b", "'not' cannot stand here", "put the condition in parentheses: (not a > 0)"),
    Mistake(OPERAND, r"\.(?P<sign>\*\*|[*/^])", "'{here}' is not an operator", "write {sign}"),
    Mistake("", r"\.", "'.' only stands in numbers", "in names, write letters, digits and _"),
    Mistake(OPERAND, ":(?!=)", "':' is not part of the language here", "write name = value, or f(x) = formula"),
    Mistake("", r"[ -~]", "'{here}' is not part of the language here", ""),
)  # fmt: skip


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], Mistake], ...]:
    return tuple(
        (re.compile(f"({mistake.after})$"), re.compile(mistake.here), re.compile(mistake.reads or ".*", re.S), mistake)
        for mistake in MISTAKES
    )


def mistake_at(now: Reading, position: int | None) -> FormulaSyntaxError:
    """The error at `position`, None for the end, where what was read so far cannot go on."""
    source, before = now.source, list(now.recent)
    if before and before[-1].start_pos == position:
        del before[-1]  # what comes, not what stood before
    reached = before[-1].end_pos if before else 0
    if now.open:
        mark, rest = now.open[-1], "" if position is None else source[position:]
        end = {"(": ")", "[": "]"}[mark]
        closed = -1 in accumulate((each == mark) - (each == end) for each in rest)
        if not rest or "\n" in source[reached:position] or (rest[0] == ";" and not closed):
            return FormulaSyntaxError(f"'{mark}' is never closed", now.span(mark), f"add '{end}' where the group ends")
    if position is None or source[position] == "\n":
        source, position = source[:reached], reached  # a mistake at the end stands right after the text
    for study in STUDIES:
        if found := study(now, position):
            return found
    types = " ".join("FUNCTION" if t.type == "NAME" and t in now.functions else t.type for t in before)
    last = before[-1] if before else ""
    joined = len(before) > 1 and before[-2].end_pos == before[-1].start_pos
    for after, here, reads, mistake in _patterns():
        comes = here.match(source, position)
        fits = comes and after.search(types) and reads.fullmatch(last) and not (mistake.apart and joined)
        if comes and fits and all(map(balanced, comes.groups(""))):
            texts = _texts(now, before, comes)
            span = Span(now.source, before[-mistake.back].start_pos if mistake.back else position, comes.end())
            return FormulaSyntaxError(mistake.message.format_map(texts), span, mistake.help.format_map(texts))
    return _foreign(Span(now.source, position, min(position + 1, len(now.source))))


def _texts(now: Reading, before: list[Token], found: re.Match[str]) -> dict[str, str]:
    """The texts that messages mention, by the names they have there."""
    second, first, last = (["", "", "", *map(str, before)])[-3:]
    rows = now.functions.get(last) or now.functions.get(first, ())
    here, named = found[0], {name: text or "" for name, text in found.groupdict().items()}
    types = [token.type for token in before[-3:]]
    base, power = named.get("base", ""), plain_power(named.get("power", ""))
    inverse = inverse_of(first, now.functions) if last == "⁻¹" else ""
    calls = f" {last}({base}{power})  or  {last}({base}){power}"
    texts = {
        **named,
        "here": here,
        "before": last,
        "first": first,
        "second": second,
        "decimal": last + here.replace(",", "."),
        "together": last + here.replace(",", ""),
        "pointed": (last + here).replace(".", "").replace(",", ".").removesuffix("."),
        "mark": here[:1],
        "share": f"{float(second) * float(last) / 100:.6g}" if types == ["NUMBER", "PLUSMINUS", "NUMBER"] else "",
        "plain": re.sub(r"[^\d.]", "", last + here),
        "power": plain_power(last),
        "apart": "leave out these parentheses" if now.open else "between formulas, write ';'",
        "inverse": f", or {inverse}{here if here[:1] == '(' else '(x)'} for the inverse" if inverse else "",
        "call": f"{last}({here})" if now.find(last, 1) else either(rows),
        "indexed": f"{last}({named.get('inside')}, {named.get('low')})" if now.find(last, 2) else either(rows),
        "calls": calls if now.find(last, 1) else either(rows),
        "signature": either(rows) or f"{first}(x)",
        "phrase": f"{last} of" if here == "of" else last,
        "degree": named.get("power", "").translate(SUPERSCRIPTS),
        "radicand": unbracketed(named.get("inside", "")) or "x",
        "normal": unicodedata.normalize("NFKC", here).replace("\u2044", "/").replace("−", "-"),
        "starred": "".join(f"*{plain_power(word)}" for word in named.get("run", "").split()),
    }
    return {name: short(text) for name, text in texts.items()}


def _foreign(span: Span) -> FormulaSyntaxError:
    """A character of no use here, by its Unicode name where it may not be seen."""
    if not (character := span.text):
        return FormulaSyntaxError("the formula ends too early", span)
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    plain = unicodedata.normalize("NFKC", character).replace("−", "-")
    shown = f"'{character}' ({name})" if character.isprintable() else name
    help = f"write {plain}" if plain != character and re.fullmatch(r"[-\w+*/^()<>=!,;]+", plain, re.A) else ""
    return FormulaSyntaxError(f"{shown} is not part of the language", span, help)
