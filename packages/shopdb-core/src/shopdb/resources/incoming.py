"""What comes in, checked. A process that only reads never gets here, and never imports marshmallow."""

from __future__ import annotations

from typing import Any

from shopdb.resources.compiled import CompiledResource


def load(compiled: CompiledResource, values: Any, *, partial: bool) -> dict[str, Any]:
    """Checked values by field name.

    Args:
        partial: Whether missing fields are left as they are.

    Raises:
        InvalidError: with a message for each wrong, unknown or missing field.
    """
    from shopdb.resources.schema import load_values

    return load_values(compiled, values, partial=partial)
