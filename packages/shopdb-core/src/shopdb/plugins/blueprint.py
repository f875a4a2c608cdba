"""Whether a Flask blueprint stays in its own space."""

from __future__ import annotations

from flask.sansio.blueprints import Blueprint

# What a blueprint does to itself is recorded by these methods; each of their callbacks carries the
# method's name. Anything else that was recorded could do anything to the application.
_LOCAL = frozenset({"add_url_rule", "route", "register_blueprint"})


def find_app_wide(blueprint: Blueprint) -> list[str]:
    """The names of what a blueprint, or one nested in it, would do to the whole application."""
    if not isinstance(blueprint, Blueprint):
        raise TypeError(f"{type(blueprint).__name__} is no flask.Blueprint")
    found: set[str] = set()
    for deferred in blueprint.deferred_functions:
        parts = getattr(deferred, "__qualname__", "").split(".")
        name = parts[1] if len(parts) > 2 and parts[0] == "Blueprint" else parts[0]
        if name not in _LOCAL:
            found.add(name or "a recorded function")
    for nested, _ in blueprint._blueprints:
        found.update(find_app_wide(nested))
    return sorted(found)
