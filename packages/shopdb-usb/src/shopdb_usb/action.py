"""What can be done with a device, from its page and by API."""

from collections.abc import Callable, Mapping
from typing import Any

from shopdb.errors import ConflictError
from shopdb.plugins import Action, ActionCall, ActionField
from shopdb_usb import certificate, services
from shopdb_usb.models import METHODS, SCANS, WIPES


def _check_out(call: ActionCall) -> None:
    values = call.values
    handover = services.Handover(
        person_id=values["person"],
        due_at=values.get("due_at"),
        purpose=values.get("purpose"),
        used_on_id=values.get("used_on"),
    )
    with call.context.database.write() as session:
        services.check_out(session, call.item["id"], handover, actor=call.actor)


def _check_in(call: ActionCall) -> None:
    with call.context.database.write() as session:
        services.check_in(session, call.item["id"], services.Return(**call.values), actor=call.actor)


def _recording(event: str, *standings: str) -> Callable[[ActionCall], None]:
    """An action that writes a certificate of a device that is not out and stands in one of these ways."""

    def run(call: ActionCall) -> None:
        device = call.item["id"]
        with call.context.database.write() as session:
            certificate.hold(session, device)
            is_out = services.find_open(session, device) is not None
            if is_out and event == "lost":
                services.close(session, device, "lost", {}, actor=call.actor)
            elif is_out:
                raise ConflictError("It is checked out: check it in first.")
            standing = certificate.find_standing(session, device) or "in"
            if standing not in standings:
                raise ConflictError(f"It is recorded as {standing}.")
            method = {"method": "destroy"} if event == "destroyed" else {}
            certificate.record(session, device, event, actor=call.actor, **call.values, **method)

    return run


def _stands(*custodies: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda item: item.get("custody") in custodies


_WITNESS = ActionField(name="witness", kind="reference:people", label="Witness")

ACTIONS = (
    Action(
        name="check-out",
        title="Check out",
        run=_check_out,
        permission="check_out",
        icon="arrow-up-right",
        fields=(
            ActionField(name="person", kind="reference:people", label="To", required=True),
            ActionField(name="due_at", kind="datetime", label="Due back"),
            ActionField(name="used_on", kind="reference:assets", label="Machine or PC"),
            ActionField(name="purpose", label="Purpose", help="What for."),
        ),
        shown_when=_stands("in"),
    ),
    Action(
        name="check-in",
        title="Check in",
        run=_check_in,
        permission="check_out",
        icon="arrow-down-left",
        fields=(
            ActionField(
                name="scan_result",
                label="Malware scan",
                choices=SCANS,
                help="A device with something on it is quarantined until it is sanitised.",
            ),
            ActionField(name="wipe", label="Wipe", choices=WIPES),
            ActionField(name="notes", kind="text", label="Notes"),
        ),
        shown_when=lambda item: item.get("checkout") is not None,
    ),
    Action(
        name="sanitise",
        title="Record sanitising",
        run=_recording("sanitised", "in", "quarantined"),
        permission="dispose",
        icon="eraser",
        fields=(
            ActionField(
                name="method",
                label="Method",
                required=True,
                choices={name: METHODS[name] for name in ("clear", "purge")},
            ),
            ActionField(
                name="certificate",
                kind="text",
                label="Certificate",
                required=True,
                help="With which tool, who did it, how it was verified.",
            ),
            _WITNESS,
        ),
        shown_when=_stands("in", "quarantined"),
    ),
    Action(
        name="destroy",
        title="Record destruction",
        run=_recording("destroyed", "in", "quarantined"),
        permission="dispose",
        icon="trash-x",
        fields=(
            ActionField(
                name="certificate",
                kind="text",
                label="Certificate",
                required=True,
                help="How and where it was destroyed, by whom, the number of the certificate.",
            ),
            _WITNESS,
        ),
        shown_when=_stands("in", "quarantined"),
    ),
    Action(
        name="report-lost",
        title="Report lost",
        run=_recording("lost", "in", "quarantined"),
        permission="check_out",
        icon="help-hexagon",
        fields=(
            ActionField(
                name="certificate",
                kind="text",
                label="What happened",
                required=True,
                help="When and where it was last seen, what was on it.",
            ),
        ),
        shown_when=_stands("in", "out", "late", "quarantined"),
    ),
    Action(
        name="found",
        title="Found again",
        run=_recording("found", "lost"),
        permission="dispose",
        icon="search",
        fields=(ActionField(name="certificate", kind="text", label="Where it was", required=True),),
        shown_when=_stands("lost"),
    ),
)
