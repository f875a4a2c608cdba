"""A declared resource, worked out once at start: its fields, its tables, the statements to read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON as SaJson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    Numeric,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy import Text as SaText
from sqlalchemy.types import TypeEngine

from shopdb.columns import FieldInfo, KeyForm, UtcDateTime
from shopdb.models import Asset
from shopdb.resources.declare import Resource

ASSETS: Table = Asset.__table__  # type: ignore[assignment]  # FromClause to SQLAlchemy
TEXT_LIMIT = 100_000
"""Characters that a field without a length of its own takes."""

Kind = str
"""string, text, integer, number, boolean, date, datetime, choice, reference, tags or json."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of a resource.

    ``name`` is what callers write (``location``), ``column`` where it is kept (``location_id``), ``is_big``
    whether that holds 64 bits, ``key`` the column beside it that makes it unique.
    """

    name: str
    kind: Kind
    label: str
    column: Column[Any] | None
    help: str = ""
    required: bool = False
    default: Any = None
    choices: Mapping[str, str] | None = None
    secret: bool = False
    search: bool = False
    listed: bool = False
    readonly: bool = False
    folded: bool = False
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    check: Callable[[Any], Any] | None = None
    only_when: tuple[str, tuple[str, ...]] | None = None
    references: str | None = None
    is_big: bool = False
    key: Column[Any] | None = None

    @property
    def form(self) -> KeyForm | None:
        """How its values are put in order, where not by themselves."""
        return None if self.key is None else self.key.info["form"]

    @property
    def order(self) -> Column[Any] | None:
        """The column that its values are sorted and compared by."""
        return self.column if self.form is None else self.key

    @property
    def sortable(self) -> bool:
        """Whether lists can be sorted and filtered by it."""
        return self.column is not None and not self.secret and self.kind not in ("json", "tags")

    @property
    def writable(self) -> bool:
        """Whether a caller may give it."""
        return not self.readonly


_KINDS: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
    (UtcDateTime, "datetime"),
    (SaText, "text"),
    (String, "string"),
    (Boolean, "boolean"),
    (Integer, "integer"),
    (Float, "number"),
    (Numeric, "number"),
    (DateTime, "datetime"),
    (Date, "date"),
    (SaJson, "json"),
)


def _kind_of(column: Column[Any], info: FieldInfo) -> Kind:
    if info.references:
        return "reference"
    if info.choices is not None:
        return "choice"
    for type_, kind in _KINDS:
        if isinstance(column.type, type_):
            return kind
    raise TypeError(
        f"Column {column.table.name}.{column.name} is a {column.type!r}: a field is Str(n), Text(), Integer, "
        "BigInteger, Float, Boolean, Date or UtcDateTime"
    )


def _field_of(column: Column[Any], info: FieldInfo, key: Column[Any] | None) -> Field:
    kind = _kind_of(column, info)
    name = column.name.removesuffix("_id") if info.references else column.name
    length = getattr(column.type, "length", None)
    if kind == "text":
        length = TEXT_LIMIT
    words = name.replace("_", " ")
    return Field(
        name=name,
        kind=kind,
        label=info.label or words[:1].upper() + words[1:],
        column=column,
        help=info.help,
        required=info.required,
        default=info.default,
        choices=info.choices,
        secret=info.secret,
        search=info.search,
        listed=info.listed,
        readonly=info.readonly,
        folded=info.folded,
        minimum=info.minimum,
        maximum=info.maximum,
        max_length=length if kind in ("string", "text") else None,
        check=info.check,
        only_when=info.only_when,
        references=info.references,
        is_big=isinstance(column.type, BigInteger),
        key=key,
    )


def column_of(field: Field) -> Column[Any]:
    """The column of a field that has one."""
    assert field.column is not None
    return field.column


def fields_of(table: Table) -> list[Field]:
    """The fields that a table's columns declare, in their order."""
    keys = keys_of(table)
    return [_field_of(c, c.info["field"], keys.get(c.name)) for c in table.columns if "field" in c.info]


def keys_of(table: Table) -> dict[str, Column[Any]]:
    """Field name -> column that keeps its unique key."""
    return {c.info["key_of"]: c for c in table.columns if "key_of" in c.info}


_ASSET_LAST = (
    Field(
        name="custom_fields",
        kind="json",
        label="Custom fields",
        column=ASSETS.c.custom_fields,
        folded=True,
    ),
    Field(name="tags", kind="tags", label="Tags", column=None, references="tags"),
)

_BOOKKEEPING = ("version", "created_at", "updated_at")


class CompiledResource:
    """One resource with its fields in order.

    Attributes:
        table: The table that holds ``id`` and ``version``: ``assets`` for asset resources.
        own: The plugin's own table beside it, or None.
        fields: Every field but ``id`` and the bookkeeping ones.
        unique_together: The fields of each unique constraint over several; an empty one counts as a value.
        readings: Fields of readings that lists can be filtered by; they have no column.
        takes_turns: Its rules span several rows, so that its writers go one after another.
        turn: The table in whose turn they go.
    """

    def __init__(self, declared: Resource):
        self.declared = declared
        self.name = declared.name
        model_table: Table = declared.model.__table__  # type: ignore[assignment]  # FromClause to SQLAlchemy
        self.own: Table | None = model_table if declared.is_asset else None
        self.table: Table = ASSETS if declared.is_asset else model_table
        self.fields = tuple(self._fields(model_table))
        self.by_name: dict[str, Field] = {field.name: field for field in self.fields}
        self.keys = keys_of(self.table) | (keys_of(self.own) if self.own is not None else {})
        self.unique_together = self._unique_together(model_table)
        self.takes_turns = (
            declared.on_saved is not None
            or declared.turn_of is not None
            or any(c.info["within"] for c in self.keys.values())
            or any(column_of(f).nullable for group in self.unique_together for f in group)
        )
        self.turn = self.table
        self.bookkeeping = tuple(
            Field(
                name=name,
                kind="integer" if name == "version" else "datetime",
                label=name.replace("_", " ").capitalize(),
                column=self.table.c[name],
                readonly=True,
            )
            for name in _BOOKKEEPING
            if name in self.table.c and not any(f.column is self.table.c[name] for f in self.fields)
        )
        self.id_field = Field(name="id", kind="integer", label="Id", column=self.table.c.id, readonly=True)
        self.sortable: dict[str, Field] = {
            f.name: f for f in (self.id_field, *self.fields, *self.bookkeeping) if f.sortable
        }
        self.readings = {field.name: field for field in _readings(declared)}
        self._refuse_unknown_columns()
        self.is_versioned = "version" in self.table.c and "updated_at" in self.table.c

    def _fields(self, model_table: Table) -> list[Field]:
        declared = self.declared
        if not declared.is_asset:
            fields = fields_of(model_table)
            return fields + list(_ASSET_LAST) if model_table is ASSETS else fields
        asset = [_replace_readonly(f) if f.name == "asset_type" else f for f in fields_of(ASSETS)]
        own = fields_of(model_table)
        taken = {f.name for f in (*asset, *_ASSET_LAST)} | {"id", *_BOOKKEEPING}
        for field in own:
            if field.name in taken:
                raise ValueError(
                    f"Field {field.name!r} of resource {declared.name!r} is one that every asset has: "
                    f"rename the column {field.column}"
                )
        return asset + own + list(_ASSET_LAST)

    def _refuse_unknown_columns(self) -> None:
        extra = self.declared.extra
        known = {*self.sortable, *self.by_name, *(extra.listed if extra is not None else ())}
        unknown = [name for name in self.declared.columns if name not in known]
        if unknown:
            raise ValueError(
                f"Resource {self.name!r} is to show the columns {', '.join(unknown)}, "
                "which are neither its fields nor its listed readings"
            )

    def _unique_together(self, model_table: Table) -> tuple[tuple[Field, ...], ...]:
        by_column = {field.column: field for field in self.fields}
        groups = [c.columns for c in model_table.constraints if isinstance(c, UniqueConstraint)]
        known = [g for g in groups if len(g) > 1 and all(column in by_column for column in g)]
        return tuple(tuple(by_column[column] for column in group) for group in known)

    def __repr__(self) -> str:
        return f"<CompiledResource {self.name}>"

    def key_columns(self, column: Column[Any]) -> bool:
        """Whether the column belongs to the plugin's own table."""
        return self.own is not None and column.table is self.own


def _readings(declared: Resource) -> list[Field]:
    extra = declared.extra
    if extra is None:
        return []
    return [
        Field(
            name=key,
            kind="choice",
            label=extra.listed.get(key, key.replace("_", " ").capitalize()),
            column=None,
            readonly=True,
            listed=True,
            choices={value: badge.text for value, badge in extra.badges[key].items()},
        )
        for key in extra.filters
    ]


def _replace_readonly(field: Field) -> Field:
    from dataclasses import replace

    return replace(field, readonly=True, listed=False)
