"""What computers bring to ShopDB."""

from typing import Any

from sqlalchemy.orm import Session

from shopdb.plugins import Card, Demo, Extra, Job, Panel, Resource, SearchSource, Setting, hookimpl
from shopdb_computers import conditions, demo, panel, services
from shopdb_computers.action import ACTIONS
from shopdb_computers.job import JOBS
from shopdb_computers.models import AllowedException, Application, Computer
from shopdb_computers.search import SOURCES
from shopdb_computers.settings import SETTINGS
from shopdb_computers.standing import DUTY, IMAGE, SUPPORT, derive

_MACHINE = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
_STANDING = Extra(
    load=services.load_standing,
    schema={
        "os_support": {"enum": [*SUPPORT], "title": "How the support of the operating system stands"},
        "image": {"enum": [*IMAGE, None], "title": "How the image stands; null where none is asked for"},
        "duty": {"enum": [*DUTY], "title": "Whether it drives a machine"},
        "drives": {"type": "array", "items": _MACHINE, "title": "The machines that it controls"},
    },
    empty={"os_support": "unknown", "image": None, "duty": "none", "drives": []},
    listed={"os_support": "Support", "drives": "Drives", "image": "Image"},
    badges={"os_support": SUPPORT, "image": IMAGE, "duty": DUTY},
    filters={
        "os_support": conditions.has_support,
        "image": conditions.has_image,
        "duty": conditions.has_duty,
    },
)


@hookimpl
def shopdb_register_resources() -> list[Resource]:
    """Computers, their software, and what they are excused from."""
    computers = Resource(
        name="computers",
        title="Computers",
        title_one="Computer",
        model=Computer,
        asset_type="computer",
        keys=("asset_tag", "serial_number"),
        default_sort="name",
        columns=(
            *("asset_tag", "drives", "os_name", "os_support", "image"),
            *("location", "hostname", "last_seen_at", "status"),
        ),
        actions=ACTIONS,
        extra=_STANDING,
        derive=derive,
        icon="device-desktop",
        help="PCs at machines and desks, servers and virtual machines. Add one, or import the sheet that you have.",
    )
    applications = Resource(
        name="computers/applications",
        title="Installed software",
        title_one="Installed application",
        model=Application,
        keys=(("computer", "name", "app_version"),),
        default_sort="name",
        icon="apps",
        under="computers",
        help="Which software is on which computer. Import a sheet with the columns computer, name and app_version.",
    )
    exceptions = Resource(
        name="computers/exceptions",
        title="Allowed exceptions",
        title_one="Allowed exception",
        model=AllowedException,
        label="reason",
        keys=(("computer", "kind", "reason"),),
        default_sort="allowed_until",
        icon="shield-exclamation",
        group="work",
        under="computers",
        help="What a computer is excused from, why, until when and by whom: an old system on a controller, say.",
    )
    return [computers, applications, exceptions]


@hookimpl
def shopdb_register_settings() -> list[Setting]:
    """When a computer counts as stale, an image as old, and an end of support as near."""
    return SETTINGS


@hookimpl
def shopdb_register_jobs() -> list[Job]:
    """The ends of support follow the table."""
    return JOBS


@hookimpl
def shopdb_register_search_sources() -> list[SearchSource]:
    """Computers by software and by MAC."""
    return SOURCES


@hookimpl
def shopdb_add_panels(resource: str, item: dict[str, Any], session: Session) -> list[Panel]:
    """A computer's own panels; on any asset's page, which computer drives it."""
    if "asset_type" not in item:
        return []
    own = panel.panels_of(item, session) if resource == "computers" else []
    return [*own, *panel.controlled_by(item["id"], session)]


@hookimpl
def shopdb_add_cards(session: Session) -> list[Card]:
    """Computers that need somebody now."""
    from shopdb_computers.cards import list_cards  # asked for by the start page alone

    return list_cards(session)


@hookimpl
def shopdb_register_demos() -> list[Demo]:
    """Forty computers, one on each machine that the demo has."""
    return [demo.DEMO]
