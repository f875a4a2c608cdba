"""The filters of a list: how they stand in the address, as chips, and in the filter menu."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from shopdb.resources.compiled import CompiledResource, Field
from shopdb.resources.parameters import Query
from shopdb.resources.registry import Registry, label_of

PAGE_ONLY = frozenset({"at"})
"""Parameters of a list page that the API doesn't have."""

_WORDS = {
    "eq": "is",
    "in": "is",
    "lt": "before",
    "lte": "up to",
    "gt": "after",
    "gte": "from",
    "contains": "contains",
    "startswith": "begins with",
    "within": "within",
}
_NUMBER_WORDS = {"lt": "below", "lte": "at most", "gt": "above", "gte": "at least"}


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in words, with the address of the list without it."""

    text: str
    remove_url: str


@dataclass(frozen=True, slots=True)
class FilterField:
    """One field in the filter menu.

    Attributes:
        control: ``text``, ``range``, ``ticks`` or ``lookup``.
        values: Parameter name -> what the address holds now.
        options: Value, label and whether it is ticked; for ``ticks``.
        hint: What the text is for the field: ``contains``, ``within``.
    """

    name: str
    label: str
    control: str
    input_type: str = "text"
    values: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[tuple[str, str, bool]] = ()
    references: str | None = None
    hint: str = "contains"

    @property
    def is_used(self) -> bool:
        """Whether the address filters by it now."""
        return any(self.values.values())


def canonical(args: MultiDict[str, str], compiled: CompiledResource) -> dict[str, str]:
    """The address' parameters as the list's parser takes them.

    A form sends empty inputs and one pair for each tick; a day stands for its first or last moment.
    """
    found: dict[str, str] = {}
    for name in args:
        values = [value.strip() for value in args.getlist(name) if value.strip()]
        if not values:
            continue
        if name.endswith("__in"):
            values = list(dict.fromkeys(part for value in values for part in value.split(",") if part))
        known = compiled.sortable.get(name.partition("__")[0])
        found[name] = _whole_day(known, name, ",".join(values) if name.endswith("__in") else values[0])
    return found


def _whole_day(known: Field | None, name: str, value: str) -> str:
    if known is None or known.kind != "datetime" or len(value) != 10:
        return value
    return f"{value}T23:59:59.999999Z" if name.endswith(("__lte", "__gt")) else f"{value}T00:00:00Z"


def address(base: str, parameters: Mapping[str, str | None]) -> str:
    """The base with the parameters that have a value."""
    text = urlencode({name: value for name, value in parameters.items() if value})
    return f"{base}?{text}" if text else base


def chips_of(
    session: Session,
    registry: Registry,
    compiled: CompiledResource,
    query: Query,
    *,
    parameters: Mapping[str, str],
    base: str,
) -> list[Chip]:
    """The filters in words."""
    kept = {n: v for n, v in parameters.items() if n not in ("cursor", "at")}
    chips = []
    if "q" in kept:
        chips.append(Chip(f"“{kept['q']}”", address(base, {**kept, "q": None})))
    for each in query.filters:
        name = each.field if each.op == "eq" else f"{each.field}__{each.op}"
        known = compiled.by_name.get(each.field) or compiled.readings.get(each.field)
        known = known or compiled.sortable[each.field]
        text = _chip_text(session, registry, known, op=each.op, value=each.value)
        chips.append(Chip(text, address(base, {**kept, name: None})))
    return chips


def _chip_text(session: Session, registry: Registry, known: Field, *, op: str, value: Any) -> str:
    if op == "isnull":
        return f"{known.label}: {'empty' if value else 'not empty'}"
    values = list(value) if isinstance(value, tuple) else [value]
    if known.references is not None:
        texts = _names(session, registry, known.references, values)
    elif known.choices:
        texts = [known.choices.get(str(v), str(v)) for v in values]
    else:
        texts = [_value_text(v) for v in values]
    shown = ", ".join(texts[:3]) + (f" and {len(texts) - 3} more" if len(texts) > 3 else "")
    words = _WORDS if known.kind not in ("integer", "number") else _WORDS | _NUMBER_WORDS
    return f"{known.label} {words[op]} {shown}" if op not in ("eq", "in") else f"{known.label}: {shown}"


def _value_text(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return f"{value:%Y-%m-%d %H:%M} UTC" if hasattr(value, "hour") else str(value)


def _names(session: Session, registry: Registry, resource: str, ids: Sequence[int]) -> list[str]:
    target = registry.find(resource)
    if target is None:
        return [f"No. {each}" for each in ids]
    table = target.table
    statement = select(table.c.id, label_of(target, table)).where(table.c.id.in_(ids[:3]))
    names = {id_: name for id_, name in session.connection().execute(statement)}
    return [names.get(each) or f"No. {each}" for each in ids]


def filter_fields(compiled: CompiledResource, parameters: Mapping[str, str]) -> list[FilterField]:
    """What the filter menu offers, the list's own columns first."""
    fields = [f for f in (*compiled.fields, *compiled.bookkeeping) if _is_offered(f)]
    wanted = compiled.declared.columns
    place = {name: at for at, name in enumerate(wanted)}
    fields.sort(key=lambda f: (place.get(f.name, len(place)), not f.listed))
    return [_offered(f, parameters) for f in (*compiled.readings.values(), *fields)]


def _is_offered(f: Field) -> bool:
    return f.kind == "tags" or (f.sortable and f.name != "version")


def _offered(f: Field, parameters: Mapping[str, str]) -> FilterField:
    def values(*names: str) -> dict[str, str]:
        return {name: parameters.get(name, "") for name in names}

    if f.references is not None:
        return FilterField(f.name, f.label, "lookup", values=values(f"{f.name}__in"), references=f.references)
    if f.kind == "choice":
        name = f"{f.name}__in"
        ticked = parameters.get(name, "").split(",")
        options = [(str(v), label, str(v) in ticked) for v, label in (f.choices or {}).items()]
        return FilterField(f.name, f.label, "ticks", values=values(name), options=options)
    if f.kind == "boolean":
        now = parameters.get(f.name, "")
        options = [("true", "Yes", now == "true"), ("false", "No", now == "false")]
        return FilterField(f.name, f.label, "either", values=values(f.name), options=options)
    if f.kind in ("integer", "number", "date", "datetime"):
        kind = "number" if f.kind in ("integer", "number") else "date"
        return FilterField(f.name, f.label, "range", kind, values=values(f"{f.name}__gte", f"{f.name}__lte"))
    hint = "within" if f.form is not None and f.form.span is not None else "contains"
    return FilterField(f.name, f.label, "text", values=values(f"{f.name}__{hint}"), hint=hint)
