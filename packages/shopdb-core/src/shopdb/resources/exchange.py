"""Import and export of a resource as a sheet. What one writes, the other reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from shopdb.errors import InvalidError, NotFoundError, RequestError
from shopdb.resources.change import plain_json
from shopdb.resources.compiled import CompiledResource, Field
from shopdb.resources.declare import Actor
from shopdb.resources.names import Names
from shopdb.resources.parameters import Query
from shopdb.resources.query import get_item, iterate
from shopdb.resources.registry import registry_of
from shopdb.resources.rows import Item
from shopdb.resources.sheet import Sheet, write_csv
from shopdb.resources.turn import take_turn
from shopdb.resources.values import MAX_ID, find_key, normal_form, parse_integer, parse_text
from shopdb.resources.write import create_item, update_item

MAX_ERRORS = 1000
_IGNORED = ("version", "created_at", "updated_at")


@dataclass
class Report:
    """What an import did. ``rows`` is the sum of the four counts; ``row`` counts data rows from 1."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)
    dry_run: bool = False

    def asdict(self) -> dict[str, Any]:
        """As JSON."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def import_sheet(
    session: Session,
    name: str,
    sheet: Sheet,
    *,
    actor: Actor,
    update: bool = False,
    dry_run: bool = False,
    skip_unknown: bool = False,
) -> Report:
    """Create, and with ``update`` also change, an item for each row; a wrong row is left out and told.

    All accepted rows are in the caller's one transaction. An empty cell says nothing: a new item gets the
    default, an existing one keeps what it has.

    Args:
        update: Change the item that a row's id, tag, serial number or name belongs to; without it such a
            row is rejected.
        dry_run: Do everything, count, and undo.
        skip_unknown: Pass over columns that the resource doesn't have, instead of refusing the sheet.

    Raises:
        InvalidError: the resource takes no sheets, or the sheet has a column that the resource doesn't have.
    """
    declared = registry_of(session).get(name).declared
    if not declared.writable:  # its rows have a way in of their own, with rules that a sheet would pass by
        raise InvalidError(f"{declared.title} are not imported from sheets.")
    run = _Import(session, name, sheet, actor=actor, update=update, skip_unknown=skip_unknown)
    take_turn(session.connection(), run.compiled.turn)
    whole = session.begin_nested()
    try:
        for number, cells in enumerate(sheet.rows, 1):
            run.take(number, cells)
    finally:
        if dry_run:
            whole.rollback()
    if not dry_run:
        whole.commit()
    run.report.dry_run = dry_run
    return run.report


class _RowError(Exception):
    def __init__(self, column: str | None, message: str):
        super().__init__(message)
        self.column = column


class _Import:
    def __init__(
        self, session: Session, name: str, sheet: Sheet, *, actor: Actor, update: bool, skip_unknown: bool
    ):
        self.session = session
        self.name = name
        self.sheet = sheet
        self.actor = actor
        self.update = update
        self.registry = registry_of(session)
        self.compiled: CompiledResource = self.registry.get(name)
        self.names = Names(session, self.registry)
        self.report = Report()
        self.columns = self._columns(skip_unknown)

    def _columns(self, skip_unknown: bool) -> list[tuple[int, str, Field | None]]:
        """Position, heading and field of each column that is read; the field of ``id`` is None.

        A label names its field only where no column bears the field's name: in an export, ``version`` is the
        item's, and none of a computer's ``os_version``, which is labelled so.
        """
        by_heading = {_plain(f.name): f for f in self.compiled.fields}
        named = by_heading.keys() & {_plain(heading) for heading in self.sheet.header}
        labelled = [f for f in self.compiled.fields if _plain(f.name) not in named]
        by_heading |= {_plain(f.label): f for f in labelled if _plain(f.label) not in by_heading}
        derived = {_plain(f"{f.name}_set") for f in self.compiled.fields if f.secret}
        extra = self.compiled.declared.extra
        derived |= {_plain(key) for key in (extra.schema if extra is not None else ())}
        found: list[tuple[int, str, Field | None]] = []
        unknown: dict[str, list[str]] = {}
        for at, heading in enumerate(self.sheet.header):
            plain = _plain(heading)
            known = by_heading.get(plain)
            if plain == "id":
                found.append((at, heading, None))
            elif known is not None and (known.writable or known.name == "asset_type"):
                found.append((at, heading, known))
            elif known is not None or plain in _IGNORED or plain in derived or skip_unknown:
                self.report.ignored_columns.append(heading)
            else:
                unknown[heading[:80]] = [f"is not a column of {self.name}."]
        if unknown:
            known_names = ", ".join(f.name for f in self.compiled.fields if f.writable)
            raise InvalidError(
                f"{self.name} has no column {next(iter(unknown))!r}. It has: {known_names}. Rename the column, "
                "or have unknown columns skipped.",
                errors=unknown,
            )
        return found

    def take(self, number: int, cells: tuple[Any, ...]) -> None:
        """Do one row, or tell why not."""
        report = self.report
        report.rows += 1
        guard = self.session.begin_nested()
        try:
            outcome = self._row(cells)
        except (RequestError, _RowError) as error:
            guard.rollback()
            report.rejected += 1
            if len(report.errors) < MAX_ERRORS:
                report.errors += self._told(number, error)
        else:
            guard.commit()
            setattr(report, outcome, getattr(report, outcome) + 1)

    def _row(self, cells: tuple[Any, ...]) -> str:
        values: dict[str, Any] = {}
        number: int | None = None
        for at, heading, each in self.columns:
            cell = cells[at]
            if cell is None or (isinstance(cell, str) and not cell.strip()):
                continue
            try:
                if each is None:
                    number = parse_integer(str(cell).strip())
                else:
                    values[each.name] = self._value(each, cell)
            except ValueError as error:
                raise _RowError(heading, str(error)) from None
        self._check_type(values)
        existing = self._existing(number, values)
        if existing is None:
            create_item(self.session, self.name, values, actor=self.actor)
            self.names.forget()
            return "created"
        if not self.update:
            raise _RowError(
                "id" if number is not None else None,
                f"Item {existing} is there already: import with update to change it.",
            )
        before = get_item(self.session, self.name, existing, with_extra=False)
        after = update_item(self.session, self.name, existing, values, actor=self.actor)
        return "unchanged" if after.get("version") == before.get("version") else "updated"

    def _check_type(self, values: dict[str, Any]) -> None:
        """A sheet of a plugin's assets may name their type, as an export does; it must be the one."""
        slug = self.compiled.declared.asset_type
        if slug is None or "asset_type" not in values:
            return
        if values.pop("asset_type") != self.names.get_id("asset-types", slug):
            raise _RowError("asset_type", f"Is not {slug}: import it into assets.")

    def _value(self, each: Field, cell: Any) -> Any:
        if each.kind == "tags":
            parts = cell if isinstance(cell, list) else str(cell).replace(",", ";").split(";")
            return [self._reference("tags", part) for part in parts if str(part).strip()]
        if each.kind == "reference":
            assert each.references is not None
            return self._reference(each.references, cell)
        if not isinstance(cell, str):
            return cell
        if each.kind == "json":
            try:
                return orjson.loads(cell)
            except orjson.JSONDecodeError:
                raise ValueError(f"{cell[:60]!r} is not a JSON object.") from None
        if each.kind in ("string", "text"):
            return cell
        if each.kind == "choice":
            return self._choice(each, cell.strip())
        return parse_text(each, cell.strip())

    @staticmethod
    def _choice(each: Field, text: str) -> str:
        by_label = {_plain(label): value for value, label in (each.choices or {}).items()}
        return by_label.get(_plain(text), text)

    def _reference(self, resource: str, cell: Any) -> int:
        if isinstance(cell, Mapping):
            cell = cell.get("id")
        if isinstance(cell, int) and not isinstance(cell, bool):
            return cell
        if not isinstance(cell, str):
            raise ValueError(f"{str(cell)[:60]!r} is neither an id nor a name.")
        return self.names.get_id(resource, cell)

    def _existing(self, number: int | None, values: Mapping[str, Any]) -> int | None:
        if number is not None:
            try:
                get_item(self.session, self.name, max(0, min(number, MAX_ID)), with_extra=False)
            except NotFoundError as error:
                if self.update:
                    raise _RowError("id", str(error)) from None
            else:
                return number
        if not self.update:  # without it, a taken tag or name is the writer's to refuse
            return None
        for key in self.compiled.declared.keys:
            parts = (key,) if isinstance(key, str) else key
            if all(values.get(part) is not None for part in parts):
                found = self._by_key(parts, values)
                if found is not None:
                    return found
        return None

    def _by_key(self, parts: Iterable[str], values: Mapping[str, Any]) -> int | None:
        table = self.compiled.table
        source = table
        if self.compiled.own is not None:
            source = table.outerjoin(self.compiled.own, self.compiled.own.c.asset_id == table.c.id)  # type: ignore[assignment]  # a join, read like the table
        statement = select(table.c.id).select_from(source)
        for part in parts:
            each = self.compiled.by_name[part]
            assert each.column is not None
            if each.key is None:
                statement = statement.where(each.column == normal_form(each, values[part]))
            elif (key := find_key(each.key, values[part])) is not None:
                statement = statement.where(each.key == key)
            else:
                return None
        found = self.session.connection().execute(statement.limit(2)).scalars().all()
        if len(found) > 1:
            raise _RowError(", ".join(parts), "Names several items: give the id.")
        return found[0] if found else None

    def _told(self, number: int, error: Exception) -> list[dict[str, Any]]:
        headings = {each.name: heading for _, heading, each in self.columns if each is not None}
        if isinstance(error, _RowError):
            return [{"row": number, "column": error.column, "message": str(error)}]
        errors = getattr(error, "errors", None)
        if isinstance(errors, Mapping) and errors:
            return [
                {"row": number, "column": headings.get(name, name), "message": text}
                for name, texts in errors.items()
                for text in texts
            ]
        return [{"row": number, "column": None, "message": str(error)}]


def _plain(heading: str) -> str:
    return heading.strip().lower().replace(" ", "_").replace("-", "_")


def export_csv(session: Session, name: str, query: Query) -> Iterator[str]:
    """CSV text of every item that the query leaves, piece by piece, references by name."""
    registry = registry_of(session)
    compiled = registry.get(name)
    shown = [f for f in compiled.fields if not f.secret]
    header = ["id", *(f.name for f in shown), *(f.name for f in compiled.bookkeeping)]
    names = Names(session, registry)

    def rows() -> Iterator[list[Any]]:
        for batch in _batches(iterate(session, name, query, with_extra=False), 500):
            for each in shown:
                if each.kind == "reference" and each.references is not None:
                    ids = [item[each.name]["id"] for item in batch if item[each.name] is not None]
                    names.remember_texts(each.references, ids)
            for item in batch:
                yield [_cell(item, column, compiled, names) for column in header]

    return write_csv(header, rows())


def export_json(session: Session, name: str, query: Query) -> Iterator[str]:
    """A JSON list of every item that the query leaves, piece by piece, as the API shows them."""
    first = True
    for batch in _batches(iterate(session, name, query, with_extra=False), 500):
        text = orjson.dumps(batch, option=orjson.OPT_UTC_Z).decode()
        yield ("[" if first else ",\n") + text[1:-1]
        first = False
    yield "[]\n" if first else "]\n"


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    batch: list[Item] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _cell(item: Item, column: str, compiled: CompiledResource, names: Names) -> Any:
    value = item[column]
    each = compiled.by_name.get(column)
    if value is None:
        return ""
    if each is not None and each.kind == "reference" and each.references is not None:
        return names.text_of(each.references, value["id"])
    if each is not None and each.kind == "tags":
        plain = all(";" not in t["name"] and "," not in t["name"] and not t["name"].isdigit() for t in value)
        return "; ".join(t["name"] if plain else str(t["id"]) for t in value)
    if each is not None and each.kind == "json":
        return orjson.dumps(value).decode() if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return value
    return plain_json({"v": value})["v"]
