"""Sample media for the demo."""

from datetime import timedelta

from sqlalchemy.orm import Session

from shopdb.plugins import Actor, Demo, JobContext, now
from shopdb.services import create_item, list_items
from shopdb_usb import certificate
from shopdb_usb.services import Handover, Return, check_in, check_out

STICKS = (
    ("Kingston IronKey D500S 32 GB", "P7-0041 CUI", "9C2A71E0044B", "0951", "1666", 32, "hardware"),
    ("Kingston IronKey D500S 32 GB", "P7-0042 CUI", "9C2A71E0051F", "0951", "1666", 32, "hardware"),
    ("Kingston IronKey D500S 32 GB", "P7-0043 CUI", "9C2A71E00533", "0951", "1666", 32, "hardware"),
    ("SanDisk Ultra Fit 64 GB", "P7-0050 NC", "4C530001160715114203", "0781", "5583", 64, "bitlocker"),
    ("SanDisk Ultra Fit 64 GB", "P7-0051 NC", "4C530001160715114288", "0781", "5583", 64, "bitlocker"),
    ("SanDisk Cruzer 8 GB", "P7-0009", "20044318410C9A0171F2", "0781", "5567", 8, "none"),
    ("Apricorn Aegis Secure Key 16 GB", "P7-0060 QA", "0512A0331977", "0984", "0315", 16, "hardware"),
    ("Samsung Portable SSD T7 1 TB", "P7-0070 images", "S5TKNS0R512207", "04e8", "4001", 1000, "veracrypt"),
)
OUT = (
    (0, 6, "NC programs to the lathe"),
    (1, 30, "Measuring plans"),
    (6, 4, "Report for the customer's audit"),
)
"""Which is out, for how many hours, and what for."""

_ACTOR = Actor(name="shopdb demo", source="demo")


def seed(context: JobContext) -> None:
    """Write the sample media through the ordinary service path: some out, one lost, one infected, one destroyed."""
    with context.database.write() as session:
        devices = [_register(session, *stick) for stick in STICKS]
        people = [each["id"] for each in list_items(session, "people", {"limit": "3"})]
        machines = [each["id"] for each in list_items(session, "assets", {"q": "lathe", "limit": "1"})]
        used_on = machines[0] if machines else None
        for (at, hours, purpose), person in zip(OUT, people, strict=False):
            due = now() + timedelta(hours=hours)
            handover = Handover(person_id=person, due_at=due, purpose=purpose, used_on_id=used_on)
            check_out(session, devices[at], handover, actor=_ACTOR)
        for person in people[:1]:
            for at, scan in ((3, "clean"), (4, "infected")):
                check_out(session, devices[at], Handover(person_id=person, used_on_id=used_on), actor=_ACTOR)
                check_in(session, devices[at], Return(scan_result=scan, wipe="clear"), actor=_ACTOR)
        lost = "Last seen at the press in July; searched for twice."
        certificate.record(session, devices[2], "lost", actor=_ACTOR, certificate=lost)
        shredded = "Shredded to 2 mm by a contractor, certificate 2026-0417."
        certificate.record(
            session, devices[5], "destroyed", actor=_ACTOR, certificate=shredded, method="destroy"
        )


def _register(
    session: Session, name: str, label: str, serial: str, vid: str, pid: str, size: int, encryption: str
) -> int:
    values = {
        "name": name,
        "label_text": label,
        "serial_number": serial,
        "vid": vid,
        "pid": pid,
        "capacity_gb": size,
        "encryption": encryption,
    }
    return int(create_item(session, "usb/devices", values, actor=_ACTOR)["id"])


DEMO = Demo(seed=seed, after=("equipment",))
