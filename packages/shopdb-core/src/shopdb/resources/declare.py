"""What an author declares: a Resource and its actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import DeclarativeBase, Session

    from shopdb.plugins.values import Badge, JobContext


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who does it, and by which way in.

    Args:
        source: ``ui``, ``api``, ``cli``, ``import``, ``job``, ``agent`` or ``demo``.
    """

    name: str
    user_id: int | None = None
    source: str = "api"


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionCall:
    """One call of an action: the item as it was read, what the caller sent, and who called."""

    context: JobContext
    item: Mapping[str, Any]
    values: Mapping[str, Any]
    actor: Actor


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """One create or update whose rows are written, for `Resource.follow_up`.

    Args:
        before: What was stored by field, references as ids; None for a new item.
        after: What is stored now, in the same way; what a new item was not given is missing.
    """

    item_id: int
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]
    actor: Actor


@dataclass(frozen=True, kw_only=True)
class ActionField:
    """A value that an action takes.

    Args:
        kind: ``string``, ``text``, ``integer``, ``number``, ``boolean``, ``date``, ``datetime``, or
            ``reference:<resource>``.
        shown_when: Whether the page asks for it, by the item; the API takes it of any.
    """

    name: str
    kind: str = "string"
    label: str | None = None
    required: bool = False
    help: str = ""
    choices: Mapping[str, str] | None = None
    shown_when: Callable[[Mapping[str, Any]], bool] | None = None


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something to do with one item: ``POST /api/v1/<resource>/{id}/<name>`` and a button on its page.

    Args:
        name: A verb, in the address: ``poll``, ``check-out``.
        title: What the button says: ``Poll now``, ``Check out``.
        run: Does it; called outside any transaction. The caller is answered with the item as it is
            afterwards, and with what this returns besides.
        permission: The last part of the permission; ``<plugin>.<resource>.<permission>``.
        fields: What the caller sends.
        answers: Key -> JSON schema of what ``run`` returns: told once, by the API beside the item and by the page
            in place of it, each with its ``title`` and ``description``. Such as a secret that is never shown again.
        shown_when: Whether the button shows for this item.
    """

    name: str
    title: str
    run: Callable[[ActionCall], Mapping[str, Any] | None]
    permission: str = "change"
    fields: tuple[ActionField, ...] = ()
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    icon: str = "player-play"
    shown_when: Callable[[Mapping[str, Any]], bool] | None = None


@dataclass(frozen=True, kw_only=True)
class Extra:
    """Values beside the columns, such as readings: shown with each item, never taken, never versioned.

    Args:
        load: Called with a session and the ids of a page's items; returns for each id that has any a
            dict with the keys of ``schema``. One or two statements for the whole page.
        schema: Key -> JSON schema, for OpenAPI.
        empty: What an item without any shows.
        listed: Keys that a list page shows, key -> heading.
        badges: Of such a key, or of a field with choices, how each value is told:
            ``{"state": {"down": Badge("Stopped", "danger")}}``.
        filters: Of a key with badges, how lists are filtered by it: called at each request with the session and
            one of the badges' values; returns the condition on the resource's tables.
    """

    load: Callable[[Session, Sequence[int]], Mapping[int, Mapping[str, Any]]]
    schema: Mapping[str, Any]
    empty: Mapping[str, Any] = field(default_factory=dict)
    listed: Mapping[str, str] = field(default_factory=dict)
    badges: Mapping[str, Mapping[str, Badge]] = field(default_factory=dict)
    filters: Mapping[str, Callable[[Session, str], ColumnElement[bool]]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One kind of thing, declared once: REST and OpenAPI, pages, import and export, search, permissions, history.

    It says flat columns, references, and one join to the asset. What it can't say, a plugin writes as
    an ordinary blueprint.

    Args:
        name: Its path below ``/api/v1``: ``printers``, ``usb/devices``.
        title: Plural, sentence case: ``Printers``.
        title_one: Singular: ``Printer``.
        model: The mapped class. One with ``asset_id`` (see `shopdb.db.AssetRow`) is joined to the
            asset: the resource then carries the asset's fields and its own in one object.
        asset_type: The slug from the manifest's ``asset_types``; for asset resources.
        label: The field that names an item.
        keys: Fields that identify a row of a sheet for ``--update``, tried in order; a tuple is a
            compound key.
        default_sort: Such as ``"name"`` or ``"-at"``.
        columns: What a list shows by default behind the label, in this order, fields and listed readings
            alike; by default the fields that are ``listed`` and every reading.
        writable: False for a resource that only shows.
        deletable: False for records that nobody deletes by hand.
        actions: What can be done with an item.
        extra: Readings beside the columns.
        check: Called with the session, the whole new state by field, and the id (None for a new one);
            raises `shopdb.errors.InvalidError` with messages by field. Of a secret the state has
            ``<name>_set``, and its value only where that is new.
        derive: Called with the whole new state and the state before (None for a new item), each by field, after
            ``check``; returns values that follow from others, of readonly fields too, to be written with them.
        on_saved: Called with the session and the id after the rows of a create or update are written, in
            their transaction, for columns that are derived from several rows.
        follow_up: Called with the session and what was `Written`, in its transaction, for what follows for
            other items, such as a machine's next due date when its work order is done.
        on_deleting: Called with the session and the id before the rows go, in their transaction, for columns
            of other items that were derived from it.
        turn_of: Another resource of the plugin whose writers and these go one after another, because each
            derives columns from the other's rows.
        indexed: Whether the search box finds its items by their ``search=True`` fields; by default where it is
            writable, because the index is kept by the one way in. A plugin that writes the rows by itself
            says False, and gives a `SearchSource`.
        icon: The name of a Tabler icon.
        group: The navigation group: ``assets``, ``network``, ``places``, ``work`` or ``admin``.
        under: The resource that these belong to, as ports to network devices: its list leads to theirs by a tab, and
            they don't stand in the navigation. Whoever may not see that one finds them in their own group.
        help: One sentence for the empty list: what belongs here and how to begin.
        plugin: Filled by the loader.
    """

    name: str
    title: str
    title_one: str
    model: type[DeclarativeBase]
    asset_type: str | None = None
    label: str = "name"
    keys: tuple[str | tuple[str, ...], ...] = ()
    default_sort: str = "id"
    columns: tuple[str, ...] = ()
    writable: bool = True
    deletable: bool = True
    actions: tuple[Action, ...] = ()
    extra: Extra | None = None
    check: Callable[[Session, Mapping[str, Any], int | None], None] | None = None
    derive: Callable[[Mapping[str, Any], Mapping[str, Any] | None], Mapping[str, Any]] | None = None
    on_saved: Callable[[Session, int], None] | None = None
    follow_up: Callable[[Session, Written], None] | None = None
    on_deleting: Callable[[Session, int], None] | None = None
    turn_of: str | None = None
    indexed: bool | None = None
    icon: str = "box"
    group: str = "assets"
    under: str | None = None
    help: str = ""
    plugin: str = "core"

    @property
    def is_asset(self) -> bool:
        """Whether its items are assets with a row of the plugin's own beside them."""
        return "asset_id" in self.model.__table__.c and self.asset_type is not None

    def permission(self, verb: str) -> str:
        """``<plugin>.<resource>.<verb>``."""
        last = self.name.rsplit("/", 1)[-1]
        return f"{self.plugin}.{last.replace('-', '_')}.{verb}"
