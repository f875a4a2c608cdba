"""One declaration -> API, pages, import and export, search, permissions, history."""

from shopdb.resources.declare import Action, ActionCall, ActionField, Actor, Extra, Resource

__all__ = ["Action", "ActionCall", "ActionField", "Actor", "Extra", "Resource"]
