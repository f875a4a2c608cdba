"""What a scan at the kiosk means, and what follows from it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shopdb.errors import ConflictError
from shopdb.plugins import Actor, now
from shopdb.services import get_item, key_of, table_of
from shopdb_usb import services
from shopdb_usb.services import Handover, Return

Tone = Literal["good", "notice", "danger"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where the kiosk stands after a scan.

    Args:
        heading: What happened, or what to scan next.
        text: What stands below it.
        person: Whose badge was scanned and who has no device yet, as (id, name).
        device: Which device was scanned that nobody has taken yet, as (id, name).
        returned: The check-out that has just ended and whose scan can be told.
    """

    heading: str
    text: str = ""
    tone: Tone = "notice"
    person: tuple[int, str] | None = None
    device: tuple[int, str] | None = None
    returned: int | None = None


READY = Step(heading="Scan your badge", text="To bring a device back, scan the device alone.")


def take(
    session: Session, code: str, *, person: int | None, device: int | None, hours: int, actor: Actor
) -> Step:
    """Take one scan: a badge, or a device's tag or serial number, in either order.

    Args:
        person: Whose badge was scanned before.
        device: Which device was scanned before.
        hours: After how many hours a device is due that goes out.
    """
    found = _find_device(session, code)
    if found is not None:
        if services.find_open(session, found[0]) is not None:
            return _take_back(session, found, actor=actor)
        return _go_on(session, _find_by_id(session, "people", person), found, hours=hours, actor=actor)
    badge = _find_person(session, code)
    if badge is None:
        known = _find_by_id(session, "people", person), _find_by_id(session, "assets", device)
        text = f"“{code[:60]}” is no badge and no device of the register. Nothing was changed."
        return Step(heading="Not known", text=text, tone="danger", person=known[0], device=known[1])
    return _go_on(session, badge, _find_by_id(session, "assets", device), hours=hours, actor=actor)


def tell_scan(session: Session, checkout: int, result: str, *, actor: Actor) -> Step:
    """Note what the scan of the device found that has just come back."""
    try:
        services.note_scan(session, checkout, result, actor=actor)
    except ConflictError as error:
        return Step(heading="Not noted", text=str(error), tone="danger")
    if result == "infected":
        text = "Put it into the red box. It is quarantined and goes out to nobody."
        return Step(heading="Infected: noted", text=text, tone="danger")
    return Step(heading="Clean: noted", text="Put it back into its place. Thank you.", tone="good")


def _take_back(session: Session, device: tuple[int, str], *, actor: Actor) -> Step:
    checkout = services.check_in(session, device[0], Return(scan_result="not_scanned"), actor=actor)
    who = get_item(session, services.RESOURCE, checkout)["person"]["name"]
    text = f"{who} no longer has it. If you have scanned it here, say what was found."
    return Step(heading=f"{device[1]} is back", text=text, tone="good", returned=checkout)


def _go_on(
    session: Session,
    person: tuple[int, str] | None,
    device: tuple[int, str] | None,
    *,
    hours: int,
    actor: Actor,
) -> Step:
    if person is None or device is None:
        if person is not None:
            return Step(heading=person[1], text="Now scan the device.", person=person)
        assert device is not None
        return Step(heading=device[1], text="Now scan your badge.", device=device)
    due = now() + timedelta(hours=hours)
    try:
        services.check_out(
            session, device[0], Handover(person_id=person[0], due_at=due, purpose="Kiosk"), actor=actor
        )
    except ConflictError as error:
        return Step(heading=f"{device[1]} stays here", text=str(error), tone="danger", person=person)
    text = f"{device[1]}. Bring it back within {hours} hours."
    return Step(heading=f"{person[1]} has it", text=text, tone="good")


def _find_device(session: Session, code: str) -> tuple[int, str] | None:
    """A device by its tag or its serial number; the tag counts where both are there."""
    assets, types = table_of("assets"), table_of("asset-types")
    key = key_of(code)
    statement = (
        select(assets.c.id, func.coalesce(assets.c.name, ""), assets.c.asset_tag)
        .join(types, types.c.id == assets.c.asset_type_id)
        .where(
            types.c.slug == "usb-device",
            or_(assets.c.asset_tag_key == key, assets.c.serial_number_key == key),
        )
        .order_by((assets.c.asset_tag_key == key).desc())
    )
    row = session.execute(statement).first()
    return None if row is None else (row[0], " ".join(part for part in row[1:] if part))


def _find_person(session: Session, code: str) -> tuple[int, str] | None:
    people = table_of("people")
    statement = select(people.c.id, people.c.name).where(people.c.employee_number_key == key_of(code))
    row = session.execute(statement).first()
    return None if row is None else (row[0], row[1])


def _find_by_id(session: Session, resource: str, id_: int | None) -> tuple[int, str] | None:
    if id_ is None:
        return None
    table = table_of(resource)
    columns = [table.c.name, table.c.asset_tag] if resource == "assets" else [table.c.name]
    row = session.execute(select(*columns).where(table.c.id == id_)).first()
    return None if row is None else (id_, " ".join(part for part in row if part))
