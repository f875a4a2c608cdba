"""The kiosk: a badge, a stick, done. For a wedge scanner and gloves; no mouse is needed."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from shopdb.plugins import Actor, PageLink, Views, current_context, current_viewer
from shopdb_usb import scan
from shopdb_usb.models import SCANS
from shopdb_usb.scan import READY, Step

MAX_CODE = 200
MAX_ID = 2_147_483_647


def views() -> Views:
    """The plugin's blueprint."""
    blueprint = Blueprint("usb", __name__, static_folder="static", static_url_path="/static")
    blueprint.add_url_rule("/kiosk", "kiosk", show_kiosk)
    blueprint.add_url_rule("/kiosk", "scan", take_scan, methods=["POST"])
    return Views(
        blueprint=blueprint,
        permissions={
            "kiosk": "usb.devices.check_out",
            "scan": "usb.devices.check_out",
            "static": "signed-in",
        },
        links=[PageLink(endpoint="kiosk", title="USB kiosk", icon="scan")],
    )


def show_kiosk() -> ResponseReturnValue:
    """``GET /usb/kiosk``: waiting for a scan."""
    return _page(READY)


def take_scan() -> ResponseReturnValue:
    """``POST /usb/kiosk``: one scan, or what the malware scan of a device found that has just come back."""
    viewer = current_viewer()
    actor = Actor(name=viewer.name, user_id=viewer.user_id, source="ui")
    context = current_context("usb")
    code = request.form.get("code", "").replace("\0", "").strip()[:MAX_CODE]
    result, returned = request.form.get("scan_result", ""), _read_id("returned")
    with context.database.write() as session:
        if result in SCANS and returned is not None:
            return _page(scan.tell_scan(session, returned, result, actor=actor))
        if not code:
            return _page(READY)
        step = scan.take(
            session,
            code,
            person=_read_id("person"),
            device=_read_id("device"),
            hours=context.settings["kiosk_hours"],
            actor=actor,
        )
    return _page(step)


def _read_id(name: str) -> int | None:
    text = request.form.get(name, "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 11 else 0
    return number if 0 < number <= MAX_ID else None


def _page(step: Step) -> str:
    return render_template("usb/kiosk.html", step=step, is_ready=step is READY)
