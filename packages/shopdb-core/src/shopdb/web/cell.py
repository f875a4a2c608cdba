"""One value of an item as a page shows it."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from markupsafe import Markup, escape

from shopdb.plugins.values import Badge
from shopdb.resources.compiled import Field
from shopdb.web.here import item_url
from shopdb.web.icons import icon
from shopdb.web.known import Known
from shopdb.web.moment import day, moment, short_moment

NONE = Markup('<span class="none">–</span>')
SECRET_SET = Markup('<span class="quiet">Set, never shown</span>')


def status_badge(value: Mapping[str, Any] | None, known: Known) -> Markup:
    """The badge of an asset's status: colour, icon and text."""
    if not value:
        return NONE
    tone, image = known.tone(value["id"])
    return badge(value["name"], tone, image)


def badge(text: str, tone: str, image: str) -> Markup:
    """Text in a tone, with an icon that says the same."""
    return Markup('<span class="badge-tone tone-{}">{}{}</span>').format(tone, icon(image), text)


def show_value(field: Field, item: Mapping[str, Any], known: Known) -> Markup:
    """The field's value on a detail page."""
    if field.secret:
        return SECRET_SET if item.get(f"{field.name}_set") else Markup('<span class="none">Not set</span>')
    value = item.get(field.name)
    if value is None or value in ("", [], {}):
        return NONE
    if field.references == "statuses":
        return status_badge(value, known)
    return _SHOWN.get(field.kind, _text)(field, value)


def show_recorded(field: Field | None, value: Any) -> Markup:
    """A value out of a change record, where times and dates are texts."""
    if value is None or value in ("", [], {}):
        return Markup('<span class="none">empty</span>')
    if field is None:
        return escape(_plain(value))
    return _SHOWN.get(field.kind, _text)(field, value)


def plain_text(field: Field, value: Any) -> str:
    """A value as text, for labels and hidden inputs."""
    if value is None:
        return ""
    if field.kind == "choice" and field.choices:
        return field.choices.get(str(value), str(value))
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("name", value.get("id", "")))
    if isinstance(value, list):
        return ", ".join(_plain(each) for each in value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return str(value)


def _reference(field: Field, value: Any) -> Markup:
    if not isinstance(value, Mapping):
        return escape(value)
    name = value.get("name")
    text = name if name is not None else f"No. {value['id']}"
    url = item_url(field.references, value["id"])
    return Markup('<a href="{}">{}</a>').format(url, text) if url else escape(text)


def _boolean(field: Field, value: Any) -> Markup:
    image, text = ("check", "Yes") if value else ("x", "No")
    return Markup("{} {}").format(icon(image), text)


def _choice(field: Field, value: Any) -> Markup:
    return escape((field.choices or {}).get(str(value), str(value)))


def _moment(field: Field, value: Any) -> Markup:
    return moment(value)


def _day(field: Field, value: date | str) -> Markup:
    return day(value)


def _number(field: Field, value: Any) -> Markup:
    return escape(f"{value:g}" if isinstance(value, float) else str(value))  # a port is no quantity


def _number_text(value: float) -> Markup:
    """Digits in threes, with a thin space between."""
    text = f"{value:,}" if isinstance(value, int) else f"{value:,g}"
    return escape(text.replace(",", "\u202f"))


def _tags(field: Field, value: Any) -> Markup:
    chip = Markup('<span class="tag-chip">{}</span>')
    return Markup("").join(chip.format(_plain(each)) for each in value)


def _json(field: Field, value: Any) -> Markup:
    if not isinstance(value, Mapping):
        return escape(_plain(value))
    return Markup("<br>").join(Markup("{}: {}").format(k, _plain(v)) for k, v in value.items())


def _text(field: Field, value: Any) -> Markup:
    text = str(value)
    if field.name in _MACHINE_NAMES:
        return Markup('<span class="mono">{}</span>').format(text)
    if text.startswith(("https://", "http://")) and not any(c.isspace() for c in text):
        return Markup('<a href="{0}" rel="noreferrer noopener" target="_blank">{0}</a>').format(text)
    if field.kind == "string" and field.name.endswith("email"):
        return Markup('<a href="mailto:{0}">{0}</a>').format(text)
    return escape(text)


_WORD = re.compile(r"[a-z]+(_[a-z]+)*")
"""A machine's word for a state, such as ``warming_up``."""

_MACHINE_NAMES = frozenset({"asset_tag", "serial_number", "host", "slug", "mac", "part_number"})
_SHOWN = {
    "reference": _reference,
    "boolean": _boolean,
    "choice": _choice,
    "datetime": _moment,
    "date": _day,
    "integer": _number,
    "number": _number,
    "tags": _tags,
    "json": _json,
}


TONE_ICONS = {
    "good": "circle-check",
    "notice": "info-circle",
    "warning": "alert-triangle",
    "danger": "alert-circle",
    "muted": "help-circle",
}


def show_reading(value: Any, badges: Mapping[str, Badge] | None = None) -> Markup:
    """A reading in a list: as its badge, else what the plugin told, as plainly as it goes."""
    if badges and (found := badges.get(str(value))) is not None:
        return badge(found.text, found.tone, TONE_ICONS[found.tone])
    if isinstance(value, bool):
        return escape("Yes" if value else "No")
    if isinstance(value, datetime):
        return short_moment(value)
    if isinstance(value, int | float):
        return _number_text(value)
    text = _plain(value)
    return escape(text.replace("_", " ").capitalize() if _WORD.fullmatch(text) else text)
