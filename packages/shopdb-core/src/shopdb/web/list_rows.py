"""The rows of a list, by a template written for the resource and its columns.

Walking the columns of each row in a general template costs several times more than this: the template is
written once for each choice of columns, takes rows as tuples, and names each cell.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask
from jinja2 import Template
from markupsafe import Markup, escape

from shopdb.resources.compiled import CompiledResource
from shopdb.web.columns import ListColumn
from shopdb.web.here import may_see, page_url, registry
from shopdb.web.icons import icon
from shopdb.web.known import Known

KEPT = 128
_CELLS = {
    "string": "{{ CELL }}",
    "text": "{{ CELL|truncate(120, false, '…', 0) }}",
    "integer": "{{ CELL }}",
    "number": "{{ '%g'|format(CELL) }}",
    "boolean": "{% if CELL %}ICON_YES Yes{% else %}No{% endif %}",
    "date": "{{ CELL }}",
    "datetime": "{{ short_moment(CELL) }}",
    "tags": "{% for tag in CELL %}<span class=\"tag-chip\">{{ tag['name'] }}</span>{% endfor %}",
    "reading": "{{ show_reading(CELL, badges.get('NAME')) }}",
}
_MONO = frozenset({"asset_tag", "serial_number", "host", "slug", "part_number"})
_NUMERIC = frozenset({"integer", "number"})


@dataclass(frozen=True, slots=True)
class Rights:
    """What the person may do with the rows."""

    change: bool
    delete: bool
    many: bool = True
    """Whether several rows can be changed at once."""

    @property
    def ticks(self) -> bool:
        """Whether rows can be ticked for something."""
        return self.many and (self.change or self.delete)


class RowTemplates:
    """The templates that were written, the most recently used kept."""

    def __init__(self, app: Flask):
        self.environment = app.jinja_env
        self.kept: OrderedDict[tuple[Any, ...], Template] = OrderedDict()

    def render(
        self,
        compiled: CompiledResource,
        columns: Sequence[ListColumn],
        items: Sequence[Mapping[str, Any]],
        rights: Rights,
        known: Known,
    ) -> Markup:
        """The ``<tr>`` elements of the items."""
        columns = [c if _is_led_to(c) else replace(c, references=None) for c in columns]
        key = (compiled.name, tuple((c.name, c.references) for c in columns), rights)
        template = self.kept.get(key)
        if template is None:
            template = self.kept[key] = self.environment.from_string(_source(compiled, columns, rights))
            while len(self.kept) > KEPT:
                self.kept.popitem(last=False)
        loaded = {p for p in (c.declared.plugin for c in registry())}
        orphaned = {id_ for id_, t in known.types.items() if t.plugin and t.plugin not in loaded}
        row = _row_of(compiled, columns)
        extra = compiled.declared.extra
        badges = extra.badges if extra is not None else {}
        text = template.render(
            rows=[row(item) for item in items], tone=known.tone, orphaned=orphaned, badges=badges
        )
        return Markup(text)


def item_label(compiled: CompiledResource, item: Mapping[str, Any]) -> str:
    """What names the item: its label, else its tag, else its number."""
    named = item.get(compiled.declared.label) or item.get("asset_tag")
    if isinstance(named, Mapping):
        named = named.get("name")
    return str(named) if named else f"{compiled.declared.title_one} {item['id']}"


def _row_of(
    compiled: CompiledResource, columns: Sequence[ListColumn]
) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    names = [c.name for c in columns[1:]]

    def row(item: Mapping[str, Any]) -> tuple[Any, ...]:
        version = item.get("version", 0)
        return (item["id"], version, item_label(compiled, item), *(item.get(name) for name in names))

    return row


def _source(compiled: CompiledResource, columns: Sequence[ListColumn], rights: Rights) -> str:
    url = page_url(compiled.name)
    names = ", ".join(f"c{at}" for at in range(1, len(columns)))
    extra = compiled.declared.extra
    told = frozenset(extra.badges if extra is not None else ())
    kept = _on_phones(columns[1:], told)
    cells = "".join(
        _cell(_told(column, told), f"c{at}", _classes(column, told, kept))
        for at, column in enumerate(columns)
        if at
    )
    tick = (
        '<td class="tick"><label><input type="checkbox" class="tick-box" name="item" form="bulk" '
        'value="{{ id }}:{{ version }}" aria-label="Select {{ label }}"></label></td>'
    )
    return (
        "{% for id, version, label" + (f", {names}" if names else "") + " in rows %}"
        f'<tr data-href="{url}/{{{{ id }}}}">'
        + (tick if rights.ticks else "")
        + f'<th scope="row"><a href="{url}/{{{{ id }}}}">{{{{ label }}}}</a></th>'
        + cells
        + _menu(url, rights)
        + "</tr>\n{% endfor %}"
    )


def _is_led_to(column: ListColumn) -> bool:
    """Whether the person may open what the column refers to; a status shows its badge to everyone."""
    return column.references == "statuses" or may_see(column.references)


def _told(column: ListColumn, badges: frozenset[str]) -> ListColumn:
    """A choice whose values have badges is drawn as a reading is."""
    return replace(column, kind="reading") if column.kind == "choice" and column.name in badges else column


def _on_phones(columns: Sequence[ListColumn], badges: frozenset[str]) -> frozenset[str]:
    """What a phone shows below the name: the first badge, and the first two of the rest but for serial numbers."""
    told = [c.name for c in columns if c.references == "statuses" or c.name in badges][:1]
    rest = [c.name for c in columns if c.name not in (*told, "serial_number")]
    return frozenset([*told, *rest[:2]])


def _menu(url: str, rights: Rights) -> str:
    entries = [("", "eye", "Open", "")]
    if rights.change:
        entries.append(("/edit", "pencil", "Edit", ""))
    entries.append(("/history", "history", "History", ""))
    if rights.delete:
        entries.append(("/delete", "trash", "Delete…", " is-danger"))
    links = "".join(
        f'<a class="menu-item{tone}" href="{url}/{{{{ id }}}}{tail}">{icon(image)}{text}</a>'
        for tail, image, text, tone in entries
    )
    return (
        '<td class="act"><details class="menu" data-place><summary class="icon-button" '
        f'aria-label="Actions for {{{{ label }}}}">{icon("dots")}</summary>'
        f'<div class="menu-panel menu-right">{links}</div></details></td>'
    )


def _classes(column: ListColumn, badges: frozenset[str], on_phones: frozenset[str]) -> str:
    """How a cell looks; ``speaks`` where a value is understood without the heading of its column."""
    is_mono = column.name in _MONO
    speaks = is_mono or column.name in badges or column.kind in ("reference", "tags")
    said = {
        "num": column.kind in _NUMERIC,
        "mono": is_mono,
        "speaks": speaks,
        "desk-only": column.name not in on_phones,
    }
    return " ".join(name for name, is_so in said.items() if is_so)


def _cell(column: ListColumn, name: str, classes: str) -> str:
    label = escape(column.label)
    shown = _shown(column, name)
    said = f' class="{classes}"' if classes else ""
    return (
        f"{{% if {name} is none or {name} == '' or {name} == [] %}}"
        f'<td class="none is-none" data-label="{label}">–</td>{{% else %}}'
        f'<td{said} data-label="{label}">{shown}</td>{{% endif %}}'
    )


def _shown(column: ListColumn, name: str) -> str:
    if column.references == "statuses":
        return f"{{{{ badge({name}['name'], *tone({name}['id'])) }}}}"
    if column.kind == "reference":
        return _reference(column, name)
    if column.kind == "choice":
        pairs = ", ".join(f"{str(k)!r}: {str(v)!r}" for k, v in (column.choices or {}).items())
        return f"{{{{ {{{pairs}}}.get({name}, {name}) }}}}"
    return (
        _CELLS.get(column.kind, "{{ CELL }}")
        .replace("CELL", name)
        .replace("ICON_YES", icon("check"))
        .replace("NAME", column.name)
    )


def _reference(column: ListColumn, name: str) -> str:
    text = f"{{{{ {name}['name'] or 'No. %d'|format({name}['id']) }}}}"
    if column.references is None:
        return text
    link = f"<a href=\"{page_url(column.references)}/{{{{ {name}['id'] }}}}\">{text}</a>"
    if column.references != "asset-types":
        return link
    mark = icon("plug-connected-x", "Its plugin is not loaded")
    return f"{link}{{% if {name}['id'] in orphaned %}} {mark}{{% endif %}}"
