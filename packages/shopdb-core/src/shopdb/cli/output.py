"""What commands write: one JSON value, or text for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click
import orjson

json_option = click.option("--json", "as_json", is_flag=True, help="Write one JSON value and nothing else.")

Column = tuple[str, str | Callable[[Mapping[str, Any]], Any]]
"""A heading, and a key of the row or a function of it."""


def emit(
    value: Any,
    as_json: bool,
    *,
    table: Sequence[Column] | Callable[[Any], str] | None = None,
    empty: str = "None.",
) -> None:
    """Write what a command found to standard output.

    Args:
        value: JSON values; datetimes are written in UTC.
        as_json: The value as it is.
        table: For people: the columns of a list of dicts, or a function that makes the text. Without it,
            a dict is written as ``key  value`` lines and anything else as ``str``.
        empty: What stands for an empty list.
    """
    if as_json:
        click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z, default=str))
    elif callable(table):
        click.echo(table(value))
    elif table is not None:
        click.echo(_as_table(value, table) if value else empty)
    elif isinstance(value, Mapping):
        click.echo(_aligned([[f"{key}:", _as_text(item)] for key, item in value.items()]))
    else:
        click.echo(_as_text(value))


def _as_table(rows: Iterable[Mapping[str, Any]], columns: Sequence[Column]) -> str:
    lines = [[heading.upper() for heading, _ in columns]]
    for row in rows:
        lines.append([_as_text(get(row) if callable(get) else row.get(get)) for _, get in columns])
    return _aligned(lines)


def _aligned(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))] if lines else []
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _as_text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(_as_text(item) for item in value) or "-"
    return " ".join(str(value).split())
