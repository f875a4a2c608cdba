"""What computers put on pages: on their own, and on those of the machines that they drive."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from shopdb.plugins import Panel
from shopdb_computers import services
from shopdb_computers.models import EXCEPTIONS
from shopdb_computers.standing import IMAGE, SUPPORT, Rules

SEES_COMPUTERS = "computers.computers.view"

_SYSTEM = ("os_support", "os_support_ends", "os_support_source", "last_seen_at")
_IMAGE = ("image", "last_image_at", "image_due_at", "image_location", "nc_share", "drives")
_NAMED = ("os_name", "os_edition", "os_version")


def panels_of(item: Mapping[str, Any], session: Session) -> list[Panel]:
    """What a computer drives, how its system and its image stand, what it is excused from, what is installed."""
    rules = services.read_rules(session)
    id_ = item["id"]
    drives = {"computer_id": id_, "machines": services.list_driven(session, id_)}
    image = {**{name: item[name] for name in _IMAGE}, "image_days": rules.image_days, "states": IMAGE}
    panels = [
        Panel(title="Drives", template="computers/drives.html", values=drives, order=5),
        _system_panel(item, rules),
        Panel(
            title="Image and backup", template="computers/image.html", values=image, order=10, tells=_IMAGE
        ),
    ]
    exceptions = services.list_exceptions(session, id_)
    if exceptions:
        values = {"computer_id": id_, "exceptions": exceptions, "kinds": EXCEPTIONS, "today": rules.today}
        panels.append(
            Panel(
                title="Allowed exceptions",
                template="computers/exceptions.html",
                values=values,
                order=12,
                permission="computers.exceptions.view",
            )
        )
    applications, count = services.list_installed(session, id_)
    if applications:
        panels.append(
            Panel(
                title="Installed software",
                template="computers/software.html",
                values={"computer_id": id_, "applications": applications, "count": count},
                order=15,
                permission="computers.applications.view",
            )
        )
    return panels


def _system_panel(item: Mapping[str, Any], rules: Rules) -> Panel:
    seen = item["last_seen_at"]
    values = {
        **{name: item[name] for name in _SYSTEM},
        "system": services.os_text(item),
        "states": SUPPORT,
        "is_stale": seen is not None and seen < rules.stale_before,
        "stale_days": rules.stale_days,
    }
    return Panel(
        title="Operating system",
        template="computers/system.html",
        values=values,
        order=8,
        tells=(*_SYSTEM, *_NAMED),
    )


def controlled_by(asset_id: int, session: Session) -> list[Panel]:
    """Which computer drives the asset, for those who may see computers; nothing where none does."""
    found = services.list_controllers(session, asset_id)
    if not found:
        return []
    computers = [{**each, "system": services.os_text(each)} for each in found]
    values = {"computers": computers, "support": SUPPORT, "images": IMAGE}
    template = "computers/controlled_by.html"
    return [
        Panel(title="Controlled by", template=template, values=values, order=30, permission=SEES_COMPUTERS)
    ]
