"""What USB media bring to ShopDB."""

from typing import Any

from sqlalchemy.orm import Session

from shopdb.plugins import Badge, Card, Demo, Extra, Panel, Resource, Setting, Views, hookimpl
from shopdb_usb import certificate, demo, services
from shopdb_usb.action import ACTIONS
from shopdb_usb.models import EVENTS, METHODS, SCANS, WIPES, Certificate, Checkout, Device

CUSTODY = {
    "in": Badge("In", "good"),
    "out": Badge("Out", "notice"),
    "late": Badge("Late", "danger"),
    "quarantined": Badge("Quarantined", "danger"),
    "lost": Badge("Lost", "danger"),
    "destroyed": Badge("Destroyed", "muted"),
}
"""Where a device is -> how it is told."""

_EXTRA = Extra(
    load=services.load_open,
    schema={
        "custody": {"enum": [*CUSTODY], "title": "Where it is"},
        "held_by": {"type": ["string", "null"], "title": "Who has it"},
        "checkout": {"type": ["object", "null"], "title": "The check-out it is out by"},
    },
    empty={"custody": "in", "held_by": None, "checkout": None},
    listed={"custody": "Custody", "held_by": "With"},
    badges={"custody": CUSTODY},
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
        actions=ACTIONS,
        extra=_EXTRA,
        columns=(
            *("asset_tag", "custody", "held_by", "label_text", "serial_number"),
            *("encryption", "capacity_gb", "model", "owner", "location", "status"),
        ),
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
        under="usb/devices",
        help="Who had which device when. A device's page checks it out.",
    )
    certificates = Resource(
        name="usb/certificates",
        title="USB certificates",
        title_one="USB certificate",
        model=Certificate,
        label="event",
        default_sort="-at",
        writable=False,
        deletable=False,
        icon="certificate",
        group="work",
        under="usb/devices",
        help="Which device was sanitised, destroyed, lost or found, when, how and by whom. A device's page records it.",
    )
    return [devices, checkouts, certificates]


@hookimpl
def shopdb_register_settings() -> list[Setting]:
    """For how long the kiosk hands a device out."""
    return [
        Setting(
            name="kiosk_hours",
            kind=int,
            default=8,
            minimum=1,
            doc="Hours after which a device is due that was checked out at the kiosk.",
        )
    ]


@hookimpl
def shopdb_register_views() -> list[Views]:
    """The kiosk."""
    from shopdb_usb import kiosk  # Flask is for the server alone

    return [kiosk.views()]


@hookimpl
def shopdb_add_panels(resource: str, item: dict[str, Any], session: Session) -> list[Panel]:
    """Where a device is, on its page."""
    if resource != "usb/devices":
        return []
    log = services.list_log(session, item["id"])
    values = {
        "checkout": item.get("checkout"),
        "custody": item.get("custody"),
        "states": CUSTODY,
        "log": log,
        "scans": SCANS,
        "wipes": WIPES,
        "device_id": item["id"],
    }
    panels = [Panel(title="Custody", template="usb/custody.html", values=values, order=10)]
    certificates = certificate.list_certificates(session, item["id"])
    if certificates:
        told = {"certificates": certificates, "events": EVENTS, "methods": METHODS}
        template = "usb/certificates.html"
        panels.append(
            Panel(
                title="Certificates",
                template=template,
                values=told,
                order=15,
                permission="usb.certificates.view",
            )
        )
    return panels


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
    return [demo.DEMO]
