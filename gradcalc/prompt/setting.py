"""`:set`: the settings of a session that goes on."""

from __future__ import annotations

from typing import Any

from gradcalc import settings
from gradcalc.language.errors import LIMITS, FormulaError, LimitError
from gradcalc.language.matching import meant
from gradcalc.record import fields, replace
from gradcalc.settings import Setting
from gradcalc.show import columns

from .console import Console, Texts
from .records import Run, command

SETTINGS = {name: setting for name, setting in settings.SETTINGS.items() if setting.prompt}
_OF_CONSOLE = {field.name for field in fields(Console)}  # the other settings are options of the session


def now(console: Console, setting: Setting) -> str:
    """The present value as it is written."""
    holder: Any = console if setting.field in _OF_CONSOLE else console.session.options
    return setting.write(getattr(holder, setting.field))


def _put(console: Console, setting: Setting, text: str) -> None:
    try:
        value = setting.read(text)
    except ValueError as error:
        raise FormulaError(f"{setting.name}: {error}", help=f"write :set {setting.name} {setting.values}") from None
    if setting.name in ("precision", "samples") and value > (most := getattr(LIMITS, setting.name)):
        raise LimitError(setting.name, f"{value:,} is more than {most:,}")
    if setting.field in _OF_CONSOLE:
        setattr(console, setting.field, value)
    else:
        console.session.options = replace(console.session.options, **{setting.field: value})


@command("set", "[NAME [VALUE]]", "settings, and changing one", ":set symbolic off", "setting")
def _set(console: Console, argument: str) -> Texts:
    name, _, value = argument.replace("=", " ", 1).strip().partition(" ")
    if not name:
        rows = [[each.name, now(console, each), f"{each.doc} ({each.values})"] for each in SETTINGS.values()]
        table = "\n".join(columns([["setting", "now", "meaning"], *rows]))
        yield console.line(table)
        return
    setting = SETTINGS.get(name)
    if setting is None:
        raise FormulaError(f"there is no setting '{name}'", help=_instead(name))
    if value.strip():
        _put(console, setting, value.strip())
    yield f"{name} = {now(console, setting)}\n"


def _instead(name: str) -> str:
    """The help for a name that is no setting of the prompt: a part of one, one mistyped, or one for the whole run."""
    parts = [known for known in SETTINGS if name in known.split("-") or known.startswith(name)]
    near = meant(name, settings.SETTINGS) if len(parts) != 1 else f"did you mean '{parts[0]}'?"
    if (run := settings.SETTINGS.get(name)) and name not in SETTINGS:
        return f"{name} is set where gradcalc starts: --{name} {run.metavar}, {run.variable} or config.toml"
    return near or f"the settings are {', '.join(SETTINGS)}"


def _setting(name: str) -> Run:
    return lambda console, argument: _set(console, f"{name} {argument}")


@command("correlation", "[X,Y=R; ...|off]", "of values with uncertainties", ":correlation x,y=0.3")
def _correlation(console: Console, argument: str) -> Texts:
    from gradcalc.measured import read_correlations

    options = console.session.options
    if argument:
        known = {} if argument == "off" else read_correlations([argument])
        console.session.options = options = replace(options, correlations=known)
    told = "; ".join(f"{x},{y}={float(r):g}" for (x, y), r in options.correlations.items())
    yield f"correlation = {told or 'off'}\n"


command("digits", "[N|auto]", "shown digits", ":digits 15")(_setting("digits"))
command("precision", "[BITS|off]", "compute to so many bits, show the certain digits", ":precision 200")(
    _setting("precision")
)
