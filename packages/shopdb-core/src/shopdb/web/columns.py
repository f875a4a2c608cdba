"""The columns of a list: what there is, what is shown, what the person chose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Request
from werkzeug.wrappers import Response

from shopdb.resources.compiled import CompiledResource

_YEAR_S = 31_536_000
MAX_CHOSEN = 40


@dataclass(frozen=True, slots=True)
class ListColumn:
    """One column that a list can show.

    Attributes:
        kind: As a field's; ``reading`` for one of the resource's readings.
    """

    name: str
    label: str
    kind: str
    references: str | None = None
    choices: Mapping[str, str] | None = None
    sortable: bool = True
    by_default: bool = False


def all_columns(compiled: CompiledResource) -> tuple[ListColumn, ...]:
    """Every column that a list of the resource can show: what names the item, what it is doing now, the rest."""
    label, wanted = compiled.declared.label, compiled.declared.columns
    place = {name: at for at, name in enumerate(wanted)}
    columns = [
        ListColumn(
            f.name,
            f.label,
            f.kind,
            f.references,
            f.choices,
            f.sortable,
            f.name == label or (f.name in place if wanted else f.listed),
        )
        for f in (*compiled.fields, *compiled.bookkeeping)
        if not f.secret and f.kind != "json" and f.name != "version"
    ]
    extra = compiled.declared.extra
    if extra is not None:
        columns += [
            ListColumn(key, heading, "reading", sortable=False, by_default=key in place or not wanted)
            for key, heading in extra.listed.items()
        ]
    if wanted:
        return tuple(sorted(columns, key=lambda c: (c.name != label, place.get(c.name, len(place)))))
    return tuple(sorted(columns, key=lambda c: (c.name != label, c.name != "asset_tag", c.kind != "reading")))


def chosen_columns(request: Request, compiled: CompiledResource) -> tuple[ListColumn, ...]:
    """What the person chose for this list, else what the resource shows by default."""
    columns = all_columns(compiled)
    named = request.cookies.get(_cookie(compiled), "").split(".")
    chosen = [c for c in columns if c.name in named or c.name == compiled.declared.label]
    if len(chosen) > 1 or named != [""]:
        return tuple(chosen)
    return tuple(c for c in columns if c.by_default)


def remember_columns(response: Response, compiled: CompiledResource, names: Sequence[str]) -> None:
    """Keep the choice in the browser for a year; an empty choice forgets it."""
    known = {c.name for c in all_columns(compiled)}
    kept = [name for name in names if name in known][:MAX_CHOSEN]
    if kept:
        response.set_cookie(_cookie(compiled), ".".join(kept), max_age=_YEAR_S, samesite="Lax", httponly=True)
    else:
        response.delete_cookie(_cookie(compiled), samesite="Lax", httponly=True)


def _cookie(compiled: CompiledResource) -> str:
    return f"shopdb_columns_{compiled.name.replace('/', '_').replace('-', '_')}"
