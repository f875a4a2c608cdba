"""The register of approved media and the custody log."""

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from shopdb.db import AssetRow, ItemRow, Str, Text, UtcDateTime, field, model_base, reference
from shopdb_usb.checks import hex_id

ENCRYPTION = {
    "none": "Not encrypted",
    "hardware": "Hardware",
    "bitlocker": "BitLocker",
    "veracrypt": "VeraCrypt",
    "luks": "LUKS",
    "other": "Other",
}
SCANS = {"clean": "Scanned, clean", "infected": "Scanned, infected", "not_scanned": "Not scanned"}

Base = model_base("usb")


class Device(AssetRow, Base):
    """One stick, drive or adapter that may be plugged in."""

    __tablename__ = "usb_device"
    vid = field(
        Str(4), label="Vendor id", search=True, check=hex_id, help="USB idVendor, four hex digits: 0951."
    )
    pid = field(
        Str(4), label="Product id", search=True, check=hex_id, help="USB idProduct, four hex digits: 1666."
    )
    capacity_gb = field(Integer, label="Capacity (GB)", minimum=0, maximum=10_000_000)
    encryption = field(Str(20), choices=ENCRYPTION, listed=True)


class Checkout(ItemRow, Base):
    """One time that a device was with a person. Written by check-out and check-in, deleted by nobody."""

    __tablename__ = "usb_checkout"
    device_id = reference("usb/devices", asset=True, required=True, listed=True, on_delete="CASCADE")
    person_id = reference("people", required=True, listed=True)
    purpose = field(Str(255), search=True, listed=True)
    checked_out_at = field(UtcDateTime, required=True, listed=True, index=True)
    checked_out_by = field(Str(160))
    due_at = field(UtcDateTime, label="Due", listed=True, index=True)
    returned_at = field(UtcDateTime, label="Returned", listed=True, index=True)
    returned_by = field(Str(160), label="Taken back by")
    scan_result = field(Str(20), choices=SCANS, listed=True)
    notes = field(Text())
    open_device_id: Mapped[int | None] = mapped_column(Integer, unique=True)
    """The device while it is out, else NULL: one device is with one person, whoever asks at the same moment."""
