"""The values of custom fields, checked by their definitions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shopdb.errors import InvalidError
from shopdb.models import CustomField

MAX_TEXT = 4_000
LARGEST = 2**53
"""Beyond it JSON readers round whole numbers."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def check_definition(session: Session, state: Mapping[str, Any], definition_id: int | None) -> None:
    """A name that sheets can carry; options where there is something to choose from."""
    errors: dict[str, list[str]] = {}
    name = state.get("name") or ""
    if not _NAME.fullmatch(name):
        errors["name"] = [f"{name!r} is not lower-case letters, digits and underscores, such as cost_centre."]
    if state.get("kind") == "choice" and not options_of(state.get("options")):
        errors["options"] = ["Write the options, one to a line."]
    if errors:
        field, texts = next(iter(errors.items()))
        raise InvalidError(f"{field}: {texts[0]}", errors=errors)


def options_of(text: str | None) -> list[str]:
    """The options of a choice, in order."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def check_custom_values(
    session: Session, values: Mapping[str, Any], asset_type: int | None, *, given: Mapping[str, Any]
) -> None:
    """Check an asset's custom values.

    Args:
        values: All of them, as they will be stored.
        given: Those that the caller wrote; only they are checked for their kind.

    Raises:
        InvalidError: a name that is not defined for the type, a value of another kind, a required one missing.
    """
    statement = select(CustomField.name, CustomField.kind, CustomField.required, CustomField.options).where(
        or_(CustomField.asset_type_id.is_(None), CustomField.asset_type_id == asset_type)
    )
    defined = {row.name: row for row in session.connection().execute(statement)}
    wrong: list[str] = []
    for name, value in given.items():
        if name not in defined:
            wrong.append(f"{str(name)[:60]!r} is not a custom field of this type.")
        elif value is not None:
            try:
                _check(defined[name].kind, value, options_of(defined[name].options))
            except ValueError as error:
                wrong.append(f"{name}: {error}")
    wrong += [
        f"{d.name} is needed." for d in defined.values() if d.required and _is_blank(values.get(d.name))
    ]
    if wrong:
        raise InvalidError(f"custom_fields: {wrong[0]}", errors={"custom_fields": wrong})


def _is_blank(value: Any) -> bool:
    return value is None or isinstance(value, str) and not value.strip()


def _check(kind: str, value: Any, options: list[str]) -> None:
    if kind == "boolean":
        if not isinstance(value, bool):
            raise ValueError("expected true or false.")
    elif kind in ("integer", "number"):
        whole = kind == "integer"
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            raise ValueError(f"expected a {'whole ' if whole else ''}number.")
        if not -LARGEST <= value <= LARGEST:
            raise ValueError(f"{value} is out of range: within ±2^53.")
    elif not isinstance(value, str):
        raise ValueError("expected text.")
    elif len(value) > MAX_TEXT or "\x00" in value:
        raise ValueError(f"at most {MAX_TEXT} characters of text are kept.")
    elif kind == "date" and not _is_date(value):
        raise ValueError(f"{value[:40]!r} is not a date: write it as 2026-03-31.")
    elif kind == "choice" and value not in options:
        raise ValueError(f"{value[:40]!r} is not one of: {', '.join(options)}.")


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text)) and date.fromisoformat(text) is not None
    except ValueError:
        return False
