"""The narrow, frozen values that hooks take and return."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from flask import Blueprint

    from shopdb.db import Database

Tone = Literal["good", "notice", "warning", "danger", "muted"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Views:
    """An ordinary Flask blueprint in the plugin's own space, with the permission of every endpoint.

    Args:
        blueprint: Mounted at ``/<plugin>`` (or ``/api/v1/<plugin>`` with ``api=True``).
        permissions: Endpoint name within the blueprint -> permission, such as
            ``{"levels": "printers.printers.view"}``. An endpoint that is missing here answers 403.
        api: Mount under the API, where errors are problem documents.
        links: Its pages that stand in the navigation.
        paths: For the API's document, path below the mount -> OpenAPI operations by method, such as
            ``{"/prefixes/{id}/free": {"get": {"summary": …, "parameters": […], "responses": {…}}}}``. Tag and
            the answers to whoever is not signed in or lacks the right are added.
    """

    blueprint: Blueprint
    permissions: Mapping[str, str]
    api: bool = False
    links: Sequence[PageLink] = ()
    paths: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class PageLink:
    """A page of the plugin's own in the navigation.

    Args:
        endpoint: Within the blueprint; whoever lacks its permission doesn't see the link.
        title: Sentence case: ``USB kiosk``.
        icon: The name of a Tabler icon.
        group: The navigation group, as a resource's.
    """

    endpoint: str
    title: str
    icon: str = "point"
    group: str = "work"


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """Work that the worker does on a schedule.

    Args:
        name: ``<plugin>.<verb>``, such as ``printers.poll``.
        run: Called with a `JobContext`.
        every_s: Seconds between the starts of two runs; a string names a setting of the plugin.
        deadline_s: After so many seconds the run counts as failed.
    """

    name: str
    run: Callable[[JobContext], Any]
    every_s: int | str
    deadline_s: int = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class JobContext:
    """What a job, a command, an action and a plugin's own view work with.

    Args:
        settings: The plugin's own, and of the site's ``outbound_allow``, ``base_url`` and ``site_name``.
    """

    database: Database
    settings: Mapping[str, Any]
    site_dir: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """A setting of a plugin: ``SHOPDB_<PLUGIN>_<NAME>`` in the environment, ``[<plugin>] name`` in the file.

    Args:
        name: Lower case, with its unit: ``poll_interval_s``.
        kind: ``str``, ``int``, ``float`` or ``bool``.
        doc: One sentence.
        secret: Masked wherever it is listed.
    """

    name: str
    kind: type
    default: Any
    doc: str
    secret: bool = False
    minimum: float | None = None


@dataclass(frozen=True, slots=True)
class Badge:
    """How one value of a reading is told: words and a tone, which pages give a colour and an icon."""

    text: str
    tone: Tone


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """A panel on an item's page.

    Args:
        title: Sentence case.
        template: A template in the plugin's space, ``"printers/levels.html"``.
        values: What the template gets, as plain values.
        order: Smaller stands higher; core's own panels stand at 50.
        permission: Who may see it, for a panel on another plugin's page; by default whoever sees the page.
        tells: Fields of the plugin's own item that it tells, which the page doesn't list once more.
    """

    title: str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    order: int = 50
    permission: str = ""
    tells: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewer:
    """Who looks at a page.

    Args:
        may: Answers whether they hold a permission, such as ``"usb.devices.check_out"``.
    """

    user_id: int
    name: str
    may: Callable[[str], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class CardLine:
    """One matter on a card, with the page that deals with it.

    Args:
        text: Names the thing and what is the matter: ``Lathe 2: coolant pump``.
        url: A path of this site, ``/equipment/12``.
        note: What stands behind it in a quiet voice: ``due since 3 days``.
        at: A time that stands behind it with its age, in place of a note.
    """

    text: str
    url: str
    tone: Tone = "notice"
    note: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A card on the start page: what needs somebody now.

    Args:
        title: Sentence case: ``Late check-outs``.
        permission: Who may see it; others get no card.
        lines: The most urgent first; the page shows ten of them.
        count: How many there are in all; by default as many as there are lines.
        url: The whole list, a path of this site.
        icon: The name of a Tabler icon.
        order: Smaller stands higher; core's own cards stand at 50.
    """

    title: str
    permission: str
    lines: Sequence[CardLine]
    count: int | None = None
    url: str = ""
    icon: str = "alert-triangle"
    order: int = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """A banner at the top of a page.

    Args:
        text: One or two sentences.
        title: What stands before it in bold.
        tone: ``notice``, ``warning`` or ``danger``; danger stands first.
        until: When the matter ends; told behind the text in the reader's own zone.
        url: Where to read more, a path of this site.
        button: What a button beside it says, such as ``Got it``; it posts to ``post_to``.
        post_to: A path of the plugin's own, which answers with a redirect.
    """

    text: str
    title: str = ""
    tone: Tone = "notice"
    icon: str = "info-circle"
    until: datetime | None = None
    url: str = ""
    button: str = ""
    post_to: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A committed change of one item, as it is told to ``shopdb_on_item_changed``.

    Args:
        id: Grows with each change; the same when a delivery is repeated.
        action: ``create``, ``update`` or ``delete``.
        fields: Names of the fields that changed.
    """

    id: int
    resource: str
    item_id: int
    action: str
    fields: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """What a plugin adds to ``shopdb demo``.

    Args:
        seed: Called once with a `JobContext` on the new site; writes through `shopdb.services`.
        after: Plugins whose seeds are called before this one, where they are there; else it is plugin order.
        commands: Child processes that the demo starts and supervises beside the site, each an argument
            list, such as ``[sys.executable, "-m", "shopdb_printers.simulator", "--site", "{site_dir}"]``;
            ``{site_dir}`` stands for the demo's folder.
        environment: Settings that the demo site runs with, ``SHOPDB_…`` -> value.
    """

    seed: Callable[[JobContext], None] | None = None
    commands: Sequence[Sequence[str]] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    after: Sequence[str] = ()
