"""Sample media for the demo."""

from datetime import timedelta

from shopdb.plugins import Actor, JobContext, now
from shopdb.services import create_item, list_items
from shopdb_usb.services import Handover, check_out

STICKS = (
    ("Kingston IronKey D500S 32 GB", "9C2A71E0044B", "0951", "1666", 32, "hardware"),
    ("Kingston IronKey D500S 32 GB", "9C2A71E0051F", "0951", "1666", 32, "hardware"),
    ("SanDisk Ultra Fit 64 GB", "4C530001160715114203", "0781", "5583", 64, "bitlocker"),
    ("Apricorn Aegis Secure Key 16 GB", "0512A0331977", "0984", "0315", 16, "hardware"),
)


def seed(context: JobContext) -> None:
    """Write the sample media through the ordinary service path."""
    actor = Actor(name="demo", source="demo")
    with context.database.write() as session:
        made = [
            create_item(
                session,
                "usb/devices",
                {
                    "name": name,
                    "serial_number": serial,
                    "vid": vid,
                    "pid": pid,
                    "capacity_gb": size,
                    "encryption": encryption,
                },
                actor=actor,
            )
            for name, serial, vid, pid, size, encryption in STICKS
        ]
        people = list_items(session, "people", {"limit": "2"})
        for item, person, hours in zip(made, people, (6, 30), strict=False):
            handover = Handover(
                person_id=person["id"],
                due_at=now() + timedelta(hours=hours),
                purpose="NC programs to the lathe",
            )
            check_out(session, item["id"], handover, actor=actor)
