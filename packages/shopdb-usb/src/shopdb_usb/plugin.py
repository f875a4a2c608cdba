"""What USB media bring to ShopDB."""

from typing import Any

from sqlalchemy.orm import Session

from shopdb.plugins import (
    Action,
    ActionCall,
    ActionField,
    Badge,
    Card,
    Demo,
    Extra,
    Panel,
    Resource,
    hookimpl,
)
from shopdb_usb import demo, services
from shopdb_usb.models import SCANS, Checkout, Device


def _check_out(call: ActionCall) -> None:
    values = call.values
    with call.context.database.write() as session:
        services.check_out(
            session,
            call.item["id"],
            person_id=values["person"],
            due_at=values.get("due_at"),
            purpose=values.get("purpose"),
            actor=call.actor,
        )


def _check_in(call: ActionCall) -> None:
    values = call.values
    with call.context.database.write() as session:
        services.check_in(
            session,
            call.item["id"],
            scan_result=values.get("scan_result"),
            notes=values.get("notes"),
            actor=call.actor,
        )


_ACTIONS = (
    Action(
        name="check-out",
        title="Check out",
        run=_check_out,
        permission="check_out",
        icon="arrow-up-right",
        fields=(
            ActionField(name="person", kind="reference:people", label="To", required=True),
            ActionField(name="due_at", kind="datetime", label="Due back"),
            ActionField(name="purpose", label="Purpose", help="What for, and on which machine."),
        ),
        shown_when=lambda item: item.get("checkout") is None,
    ),
    Action(
        name="check-in",
        title="Check in",
        run=_check_in,
        permission="check_out",
        icon="arrow-down-left",
        fields=(
            ActionField(name="scan_result", label="Malware scan", choices=SCANS),
            ActionField(name="notes", kind="text", label="Notes"),
        ),
        shown_when=lambda item: item.get("checkout") is not None,
    ),
)

_EXTRA = Extra(
    load=services.load_open,
    schema={
        "custody": {"enum": ["in", "out", "late"], "title": "Where it is"},
        "held_by": {"type": ["string", "null"], "title": "Who has it"},
        "checkout": {"type": ["object", "null"], "title": "The check-out it is out by"},
    },
    empty={"custody": "in", "held_by": None, "checkout": None},
    listed={"custody": "Custody", "held_by": "With"},
    badges={
        "custody": {"in": Badge("In", "good"), "out": Badge("Out", "notice"), "late": Badge("Late", "danger")}
    },
    filters={"custody": services.has_custody},
)


@hookimpl
def shopdb_register_resources() -> list[Resource]:
    """The register and the custody log."""
    devices = Resource(
        name="usb/devices",
        title="USB devices",
        title_one="USB device",
        model=Device,
        asset_type="usb-device",
        keys=("asset_tag", "serial_number"),
        actions=_ACTIONS,
        extra=_EXTRA,
        icon="usb",
        help="Sticks, drives and adapters that may be plugged in here. Add one, then check it out to a person.",
    )
    checkouts = Resource(
        name="usb/checkouts",
        title="USB check-outs",
        title_one="USB check-out",
        model=Checkout,
        label="purpose",
        default_sort="-checked_out_at",
        writable=False,
        deletable=False,
        icon="clipboard-list",
        group="work",
        help="Who had which device when. A device's page checks it out.",
    )
    return [devices, checkouts]


@hookimpl
def shopdb_add_panels(resource: str, item: dict[str, Any], session: Session) -> list[Panel]:
    """Where a device is, on its page."""
    if resource != "usb/devices":
        return []
    log = services.list_log(session, item["id"])
    values = {"checkout": item.get("checkout"), "log": log, "scans": SCANS}
    return [Panel(title="Custody", template="usb/custody.html", values=values, order=10)]


@hookimpl
def shopdb_add_cards(session: Session) -> list[Card]:
    """Devices that should be back by now, on the start page."""
    lines, count, url = services.list_late(session)
    card = Card(
        title="Late USB devices",
        permission="usb.checkouts.view",
        lines=lines,
        count=count,
        url=url,
        icon="usb",
        order=30,
    )
    return [card]


@hookimpl
def shopdb_register_demos() -> list[Demo]:
    """A few sticks, one of them late."""
    return [Demo(seed=demo.seed)]
