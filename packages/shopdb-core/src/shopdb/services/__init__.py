"""What plugins do with core's data: read, write, and look up, always through the one path.

Each takes a session that the caller opened (``database.read()`` or ``database.write()``) and never commits.
"""

from shopdb.columns import key_of
from shopdb.resources.declare import Actor
from shopdb.resources.query import get_item
from shopdb.resources.write import create_item, delete_item, update_item
from shopdb.services.card import list_cards
from shopdb.services.editor import find_editor, may_view
from shopdb.services.listing import list_items
from shopdb.services.plugin_setting import settings_of
from shopdb.services.table import table_of
from shopdb.services.template import Condition, TextTemplate

__all__ = [
    "Actor",
    "Condition",
    "TextTemplate",
    "create_item",
    "delete_item",
    "find_editor",
    "get_item",
    "key_of",
    "list_cards",
    "list_items",
    "may_view",
    "settings_of",
    "table_of",
    "update_item",
]
