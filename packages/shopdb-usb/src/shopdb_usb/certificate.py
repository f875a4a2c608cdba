"""What becomes of media: lost and found, quarantined, sanitised, destroyed; each with its certificate."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shopdb.errors import ConflictError
from shopdb.plugins import Actor, now
from shopdb.services import create_item, list_items, table_of
from shopdb_usb.models import STANDING, Certificate

RESOURCE = "usb/certificates"


def hold(session: Session, device_id: int) -> None:
    """Let nobody else write what becomes of a device until the transaction ends.

    How it stands is read before the log is written, so of several who press at once each would find it as it was.
    SQLite needs none of it: there, each write is alone from its beginning.
    """
    assets = table_of("assets")
    session.execute(select(assets.c.id).where(assets.c.id == device_id).with_for_update()).all()


def record(session: Session, device_id: int, event: str, *, actor: Actor, **values: Any) -> None:
    """Write a certificate; what was recorded before no longer says how the device stands.

    Args:
        values: ``certificate``, ``method`` and ``witness``.

    Raises:
        ConflictError: someone else records something of it at the same moment.
    """
    standing = update(Certificate).where(Certificate.standing_device_id == device_id)
    session.execute(standing.values(standing_device_id=None))
    assets = table_of("assets")
    row = session.execute(
        select(assets.c.asset_tag, assets.c.serial_number).where(assets.c.id == device_id)
    ).one()
    told = {
        "device": device_id,
        "device_tag": row.asset_tag,
        "device_serial": row.serial_number,
        "event": event,
        "at": now(),
        "recorded_by": actor.name,
        **values,
    }
    made = create_item(session, RESOURCE, told, actor=actor)
    if event not in STANDING:
        return
    try:
        session.execute(
            update(Certificate).where(Certificate.id == made["id"]).values(standing_device_id=device_id)
        )
    except IntegrityError as error:
        raise ConflictError("Someone else recorded something of it at the same moment.") from error


def quarantine(session: Session, device_id: int, checkout_id: int, *, actor: Actor) -> None:
    """Keep a device from being checked out whose scan has found something."""
    text = f"The scan at the return of check-out {checkout_id} found something."
    record(session, device_id, "quarantined", actor=actor, certificate=text)


def find_standing(session: Session, device_id: int) -> str | None:
    """``lost``, ``destroyed`` or ``quarantined``; None where nothing bars the device."""
    statement = select(Certificate.event).where(Certificate.standing_device_id == device_id)
    return session.execute(statement).scalar()


def list_certificates(session: Session, device_id: int, *, limit: int = 5) -> list[dict[str, Any]]:
    """The last certificates of a device, newest first."""
    parameters = {"device": str(device_id), "sort": "-at", "limit": str(limit)}
    return list_items(session, RESOURCE, parameters)
