"""Columns that know how they are shown, checked and filtered.

`field` and `reference` make mapped columns whose ``info["field"]`` is a `FieldInfo`; a
`shopdb.resources.Resource` reads those and needs no second declaration.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, DateTime, Dialect, ForeignKey, String, TypeDecorator
from sqlalchemy import Text as _Text
from sqlalchemy.dialects.mysql import DATETIME, LONGTEXT
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.types import TypeEngine

_MARIADB_COLLATION = "utf8mb4_nopad_bin"
"""Without "nopad", MariaDB takes "a" and "a " for the same text."""


def Str(length: int) -> String:
    """Text of at most ``length`` characters, compared byte by byte on every engine."""
    plain = String(length)
    return plain.with_variant(String(length, collation="C"), "postgresql").with_variant(
        String(length, collation=_MARIADB_COLLATION), "mariadb"
    )


def Text() -> _Text:
    """Text without a length limit of its own, compared byte by byte on every engine."""
    return (
        _Text()
        .with_variant(_Text(collation="C"), "postgresql")
        .with_variant(LONGTEXT(collation=_MARIADB_COLLATION), "mariadb")
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time with microseconds; stored without a zone, as UTC, on every engine."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """MariaDB keeps whole seconds unless it is told otherwise."""
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC, without the zone; a time without a zone is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone: use shopdb.clock.now() or an aware datetime")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware again."""
        return None if value is None else value.replace(tzinfo=UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """On SQLite straight from the stored text, in one step instead of two: lists are full of times."""
        if dialect.name == "sqlite":
            return _from_sqlite
        return super().result_processor(dialect, coltype)


def _from_sqlite(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text + "+00:00")


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldInfo:
    """What a column says of itself; see `field` for the meaning of each."""

    label: str | None = None
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
    check: Callable[[Any], Any] | None = None
    only_when: tuple[str, tuple[str, ...]] | None = None
    references: str | None = None


def field(
    type_: TypeEngine[Any] | type[TypeEngine[Any]],
    *,
    label: str | None = None,
    help: str = "",
    required: bool = False,
    default: Any = None,
    choices: Mapping[str, str] | None = None,
    secret: bool = False,
    search: bool = False,
    listed: bool = False,
    readonly: bool = False,
    folded: bool = False,
    minimum: float | None = None,
    maximum: float | None = None,
    check: Callable[[Any], Any] | None = None,
    only_when: tuple[str, tuple[str, ...]] | None = None,
    nullable: bool | None = None,
    index: bool = False,
) -> MappedColumn[Any]:
    """A column that is also a field of the API, the forms, the lists and the sheets.

    Args:
        type_: ``Str(n)``, ``Text()``, ``Integer``, ``BigInteger``, ``Float``, ``Boolean``, ``Date`` or
            ``UtcDateTime``.
        label: What people read; made from the attribute's name when absent.
        help: One sentence under the form field.
        required: A value must be given, and can't be emptied.
        default: What a new item gets when nothing is given.
        choices: Stored value -> label; any other value is refused.
        secret: Write-only: never shown, exported, logged, filtered or sorted by. The API answers
            ``<name>_set: true|false`` in its place.
        search: The ``q`` parameter looks here.
        listed: A column of the list page by default.
        readonly: Shown, never taken from a caller.
        folded: In the form's folded section.
        minimum: Smallest number that is taken.
        maximum: Largest number that is taken.
        check: Called with a value of the right type; returns it (or its normal form) or raises
            ``ValueError`` with a sentence for people.
        only_when: A field with choices, and those of its values with which this one means something:
            ``("snmp_version", ("3",))``. Forms show it with those alone; nothing is refused for it.
        nullable: Whether the column takes NULL; by default, unless required or with a default.
        index: Whether the database keeps an index.
    """
    info = FieldInfo(
        label=label,
        help=help,
        required=required,
        default=default,
        choices=choices,
        secret=secret,
        search=search,
        listed=listed,
        readonly=readonly,
        folded=folded,
        minimum=minimum,
        maximum=maximum,
        check=check,
        only_when=only_when,
    )
    may_be_null = (not required and default is None) if nullable is None else nullable
    extra: dict[str, Any] = {} if default is None else {"default": default}
    return mapped_column(type_, nullable=may_be_null, index=index, info={"field": info}, **extra)


def reference(
    resource: str,
    *,
    to: Column[Any] | Any = None,
    asset: bool = False,
    label: str | None = None,
    help: str = "",
    required: bool = False,
    listed: bool = False,
    readonly: bool = False,
    folded: bool = False,
    on_delete: str = "RESTRICT",
    index: bool = True,
) -> MappedColumn[Any]:
    """A foreign key that the API shows as ``{"id", "name"}`` and takes as an id.

    Name the attribute ``<field>_id``; the field is called ``<field>``.

    Args:
        resource: The resource it points at, such as ``"people"`` or ``"usb/devices"``.
        to: The column it points at, or ``"table.column"`` within the same base; needed for tables that
            are not core's.
        asset: The resource's items are assets, such as ``usb/devices``: it points at the asset.
        on_delete: ``RESTRICT`` (the target can't go while it is named), ``CASCADE`` or ``SET NULL``.
    """
    target = _key_of_core("assets" if asset else resource) if to is None else to
    if not isinstance(target, str | Column):  # a mapped attribute
        target = target.property.columns[0]
    info = FieldInfo(
        label=label,
        help=help,
        required=required,
        listed=listed,
        readonly=readonly,
        folded=folded,
        references=resource,
    )
    return mapped_column(
        ForeignKey(target, ondelete=on_delete),
        nullable=not required,
        index=index,
        info={"field": info},
    )


def _key_of_core(resource: str) -> Column[Any]:
    from shopdb.models import CoreBase

    table = CoreBase.metadata.tables.get(resource.replace("-", "_"))
    if table is None:
        raise ValueError(
            f"{resource!r} is not a resource of core: pass its key, as in to=Shelf.id, or asset=True"
        )
    return table.c["id"]


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyForm:
    """A form of a field's values of its own, as texts of one width whose order is the values' order.

    Lists sort by it, and ``lt``, ``lte``, ``gt`` and ``gte`` compare by it.

    Args:
        width: Characters of a key.
        write: The key of a text; raises ``ValueError`` with a sentence for people.
        span: The first and the last key that lie within what a text names; with it, lists can be filtered by
            ``<field>__within``.
    """

    width: int
    write: Callable[[str], str]
    span: Callable[[str], tuple[str, str]] | None = None


def unique_key(
    of: str, length: int = 255, *, within: str | None = None, form: KeyForm | None = None
) -> MappedColumn[Any]:
    """A column that keeps `key_of` the field ``of`` and makes it unique. Kept by the write service.

    Name the attribute ``<of>_key``.

    Args:
        length: Characters of the field at most.
        within: A reference's attribute, such as ``parent_id``: unique among the items that share it. The
            model then adds ``UniqueConstraint(within, "<of>_key")``.
        form: What is kept in place of `key_of`.
    """
    info = {"key_of": of, "within": within, "form": form}
    width = length * 3 if form is None else form.width
    return mapped_column(Str(width), nullable=True, unique=within is None, info=info)


def stored_key(column: Column[Any], value: str | None) -> str | None:
    """What a `unique_key` column keeps of its field's value.

    Raises:
        ValueError: it is no value of the field.
    """
    form: KeyForm | None = column.info["form"]
    if form is None:
        return key_of(value)
    return None if value is None else form.write(value)


def key_of(value: str | None) -> str | None:
    """The form in which two tags, serials or names are the same: NFC, casefolded, outer space gone."""
    if value is None:
        return None
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", value.strip()).casefold())
    return folded or None
