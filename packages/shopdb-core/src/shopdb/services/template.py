"""Templates that people write, in one sandbox for all of ShopDB: data goes in, text comes out.

A template is Jinja without its teeth. It reads the values that it is given and nothing of the program
behind them, calls nothing, sets nothing, and loops at most two deep, so that its cost is bounded by its
length and its data. `Condition` is a question in the same language.

>>> TextTemplate("{{ item.name|upper }} is {{ item.status.name }}").render({"item": {"name": "mill"}})
'MILL is '
>>> Condition("item.status.name == 'Broken'").holds({"item": {"status": {"name": "Broken"}}})
True
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from shopdb.errors import InvalidError

if TYPE_CHECKING:
    from jinja2 import Environment, Template, nodes

MAX_SOURCE = 10_000
MAX_OUTPUT = 100_000
MAX_DEPTH = 2
FILTERS = (
    *("abs", "capitalize", "default", "first", "float", "int", "join", "last", "length", "lower", "round"),
    *("string", "title", "trim", "truncate", "upper"),
)
"""Jinja's filters that cost no more than what they are given; ``when`` and ``words`` are ShopDB's own."""

_LOOP = ("index", "index0", "first", "last", "length")
_ALLOWED = frozenset(
    [
        "Template",
        "Output",
        "TemplateData",
        "Name",
        "NSRef",
        "Getattr",
        "Getitem",
        "Const",
        "If",
        "For",
        "CondExpr",
        "Compare",
        "Operand",
        "And",
        "Or",
        "Not",
        "Filter",
        "Test",
        "Concat",
        "Add",
        "Sub",
        "Div",
        "FloorDiv",
        "Neg",
        "Pos",
        "List",
        "Tuple",
        "Slice",
        "Keyword",
    ]
)


class TextTemplate:
    """A text with places for values.

    Raises:
        ValueError: it is none, or does what no template may; says where.
    """

    def __init__(self, source: str):
        self.source = source
        self._template = _compile(source)

    def render(self, values: Mapping[str, Any]) -> str:
        """The text with the values in their places; what is not there is nothing.

        Args:
            values: Plain ones, as in JSON.

        Raises:
            InvalidError: a value is not what a filter takes, or the text becomes too long.
        """
        parts, length = [], 0
        try:
            for part in self._template.generate(**values):
                parts.append(part)
                length += len(part)
                if length > MAX_OUTPUT:
                    raise InvalidError(f"The text of the template is over {MAX_OUTPUT} characters long.")
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            raise InvalidError(f"The template can't be filled in: {error}") from error
        return "".join(parts)


class Condition:
    """A question about values, such as ``item.status.name == "Broken" and not item.location``.

    Raises:
        ValueError: it is none, or does what no template may; says where.
    """

    def __init__(self, source: str):
        if "%}" in source or "{%" in source:
            raise ValueError('Write the question alone, as in: item.status.name == "Broken"')
        self._template = TextTemplate("{% if " + source + " %}yes{% endif %}")

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it is so; what is not there is nothing, and nothing is false.

        Raises:
            InvalidError: values of different kinds are compared.
        """
        return self._template.render(values) == "yes"


def _compile(source: str) -> Template:
    from jinja2 import TemplateError

    if len(source) > MAX_SOURCE:
        raise ValueError(f"Is {len(source)} characters long; a template has at most {MAX_SOURCE}.")
    environment = _environment()
    try:
        for line, objection in _objections(environment.parse(source), depth=0):
            raise ValueError(f"Line {line}: {objection}")
        return environment.from_string(source)
    except TemplateError as error:
        where = getattr(error, "lineno", None)
        raise ValueError(f"Line {where}: {error.message}" if where else str(error)) from None
    except RecursionError:
        raise ValueError("It is nested too deep.") from None


def _objections(node: nodes.Node, *, depth: int) -> Iterator[tuple[int, str]]:
    """What no template may do, with its line."""
    kind = type(node).__name__
    if kind not in _ALLOWED:
        yield node.lineno, f"{_told(kind)} is not for templates here."
    if kind == "For":
        depth += 1
        if depth > MAX_DEPTH or getattr(node, "recursive", False):
            yield node.lineno, f"loops go at most {MAX_DEPTH} deep."
    for child in node.iter_child_nodes():
        yield from _objections(child, depth=depth)


def _told(kind: str) -> str:
    words = {"Call": "a call such as name()", "Assign": "{% set %}", "Mul": "*", "Mod": "%", "Pow": "**"}
    return words.get(kind, kind.lower())


@cache
def _environment() -> Environment:
    from jinja2 import ChainableUndefined
    from jinja2.runtime import LoopContext
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Sandbox(ImmutableSandboxedEnvironment):
        """Sees keys and indexes of plain values; no attribute of any object."""

        def getattr(self, obj: Any, attribute: str) -> Any:
            if isinstance(obj, LoopContext) and attribute in _LOOP:
                return getattr(obj, attribute)
            return self.getitem(obj, attribute)

        def getitem(self, obj: Any, argument: Any) -> Any:
            if isinstance(obj, Mapping) and isinstance(argument, str):
                return obj[argument] if argument in obj else self.undefined(obj=obj, name=argument)
            if isinstance(obj, Sequence) and isinstance(argument, int | slice):
                return obj[argument]
            return self.undefined(obj=obj, name=str(argument))

        def call(self, *args: Any, **kwargs: Any) -> Any:
            raise ValueError("nothing is called in a template")

    made = Sandbox(undefined=ChainableUndefined, autoescape=False, keep_trailing_newline=True)
    made.trim_blocks = made.lstrip_blocks = True
    made.finalize = _shown
    made.globals.clear()
    kept = {name: made.filters[name] for name in FILTERS}
    made.filters.clear()
    made.filters.update(kept, when=_when, words=_words)
    return made


def _shown(value: Any) -> Any:
    """Values as people read them: nothing as nothing, a reference by its name, yes and no."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping) and "name" in value:
        return value["name"]
    return value


def _when(value: Any) -> str:
    """``2026-11-25 17:00 UTC`` of a time, or nothing."""
    if not value:
        return ""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _words(value: Any) -> str:
    """``warranty_end`` as ``warranty end``."""
    return str(value or "").replace("_", " ")
