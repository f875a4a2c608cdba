"""What is known of computers: how they stand, what they drive, who drives a machine, what is installed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import FromClause, ScalarSelect, String, cast, func, select
from sqlalchemy.orm import Session

from shopdb.plugins import now
from shopdb.services import list_items, settings_of, table_of
from shopdb_computers.models import AllowedException, Application, Computer
from shopdb_computers.standing import Facts, Rules, judge_image, judge_support

CONTROLS = "controls"
"""The kind of core's relationships that says: this computer drives that machine."""

_JUDGED = ("os_support_ends", "last_image_at", "backup_interval_days", "image_due_at")


def read_rules(session: Session) -> Rules:
    """The rules as the site's settings say, now."""
    settings = settings_of(session, "computers")
    return Rules(now(), settings["stale_days"], settings["image_days"], settings["support_warning_days"])


def load_standing(session: Session, ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    """How each computer stands and what it drives, by id, in one statement."""
    rules = read_rules(session)
    assets = table_of("assets")
    driven = _driven(assets).label("driven")
    statement = (
        select(assets.c.id, *(getattr(Computer, name) for name in _JUDGED))
        .add_columns(
            allowed_until("old_os", assets).label("old_os_until"),
            allowed_until("no_image", assets).label("no_image_until"),
            driven,
        )
        .outerjoin(Computer, Computer.asset_id == assets.c.id)
        .where(assets.c.id.in_(ids))
    )
    return {id_: _standing(values, rules) for id_, *values in session.execute(statement)}


def _standing(values: Sequence[Any], rules: Rules) -> dict[str, Any]:
    *judged, old_os_until, no_image_until, driven = values
    drives = _read_driven(driven)
    facts = Facts(
        **dict(zip(_JUDGED, judged, strict=True)),
        old_os_until=old_os_until,
        no_image_until=no_image_until,
        drives=bool(drives),
    )
    return {
        "os_support": judge_support(facts, rules),
        "image": judge_image(facts, rules),
        "duty": "machine" if drives else "none",
        "drives": drives,
    }


def allowed_until(kind: str, assets: FromClause) -> ScalarSelect[date | None]:
    """Until when a computer is excused from something, at the longest."""
    return (
        select(func.max(AllowedException.allowed_until))
        .where(AllowedException.computer_id == assets.c.id, AllowedException.kind == kind)
        .correlate(assets)
        .scalar_subquery()
    )


def _driven(assets: FromClause) -> ScalarSelect[str | None]:
    """The machines that it drives as text, a line each: id, a space, name."""
    relations, machine = table_of("relationships"), table_of("assets").alias("machine")
    name = func.coalesce(machine.c.name, machine.c.asset_tag, "")
    return (
        select(func.aggregate_strings(cast(machine.c.id, String(12)) + " " + name, "\n"))
        .select_from(relations.join(machine, machine.c.id == relations.c.target_id))
        .where(relations.c.source_id == assets.c.id, relations.c.kind == CONTROLS)
        .correlate(assets)
        .scalar_subquery()
    )


def _read_driven(text: str | None) -> list[dict[str, Any]]:
    pairs = (line.split(" ", 1) for line in text.split("\n")) if text else ()
    return sorted(({"id": int(id_), "name": name} for id_, name in pairs), key=lambda one: str(one["name"]))


def list_driven(session: Session, computer_id: int, *, limit: int = 50) -> list[dict[str, Any]]:
    """The machines that a computer drives: ``id``, ``name``, ``status`` and what that ``means``, ``location``."""
    relations, assets = table_of("relationships"), table_of("assets")
    statuses, places = table_of("statuses"), table_of("locations")
    name = func.coalesce(assets.c.name, assets.c.asset_tag).label("name")
    statement = (
        select(
            assets.c.id,
            name,
            statuses.c.name.label("status"),
            statuses.c.kind.label("means"),
            places.c.name.label("location"),
        )
        .join_from(relations, assets, assets.c.id == relations.c.target_id)
        .join(statuses, statuses.c.id == assets.c.status_id)
        .outerjoin(places, places.c.id == assets.c.location_id)
        .where(relations.c.source_id == computer_id, relations.c.kind == CONTROLS)
        .order_by(name, assets.c.id)
        .limit(limit)
    )
    return [dict(row) for row in session.execute(statement).mappings()]


def list_controllers(session: Session, machine_id: int, *, limit: int = 10) -> list[dict[str, Any]]:
    """The computers that drive a machine, each with its standing and what its row says."""
    relations, assets, types = table_of("relationships"), table_of("assets"), table_of("asset-types")
    name = func.coalesce(assets.c.name, assets.c.asset_tag).label("name")
    shown = ("hostname", "os_name", "os_edition", "os_version", "os_support_ends", "last_image_at")
    more = ("nc_share", "image_location", "last_seen_at")
    statement = (
        select(assets.c.id, name, *(getattr(Computer, each) for each in (*shown, *more)))
        .join_from(relations, assets, assets.c.id == relations.c.source_id)
        .join(types, types.c.id == assets.c.asset_type_id)
        .outerjoin(Computer, Computer.asset_id == assets.c.id)
        .where(
            relations.c.target_id == machine_id,
            relations.c.kind == CONTROLS,
            types.c.slug == "computer",
        )
        .order_by(name, assets.c.id)
        .limit(limit)
    )
    found = [dict(row) for row in session.execute(statement).mappings()]
    standing = load_standing(session, [each["id"] for each in found]) if found else {}
    return [{**each, **standing[each["id"]]} for each in found]


def list_installed(session: Session, computer_id: int, *, limit: int = 8) -> tuple[list[dict[str, Any]], int]:
    """What is installed on a computer, by name, and how many there are in all."""
    found = list_items(
        session, "computers/applications", {"computer": str(computer_id), "sort": "name", "limit": str(limit)}
    )
    if len(found) < limit:
        return found, len(found)
    count = select(func.count()).select_from(Application).where(Application.computer_id == computer_id)
    return found, session.scalar(count) or 0


def list_exceptions(session: Session, computer_id: int) -> list[dict[str, Any]]:
    """What a computer is excused from, the last to run out first."""
    parameters = {"computer": str(computer_id), "sort": "-allowed_until", "limit": "20"}
    return list_items(session, "computers/exceptions", parameters)


def os_text(values: Mapping[str, Any]) -> str:
    """``Windows 10 IoT Enterprise LTSC 21H2``."""
    parts: Iterable[str | None] = (values.get(name) for name in ("os_name", "os_edition", "os_version"))
    return " ".join(part for part in parts if part)
