"""The register of approved media, the custody log, and the certificates of what became of media."""

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
METHODS = {
    "clear": "Clear (overwritten)",
    "purge": "Purge (cryptographic or block erase)",
    "destroy": "Destroy (shredded, disintegrated, incinerated)",
}
"""How media are sanitised. Source: NIST SP 800-88 Rev. 1, section 2.5."""

WIPES = {"none": "Not wiped", "clear": METHODS["clear"], "purge": METHODS["purge"]}
OUTCOMES = {"returned": "Returned", "lost": "Lost"}
EVENTS = {
    "sanitised": "Sanitised",
    "destroyed": "Destroyed",
    "lost": "Lost",
    "found": "Found again",
    "quarantined": "Quarantined",
}
STANDING = ("lost", "destroyed", "quarantined")
"""What keeps a device from being checked out until another certificate follows."""

Base = model_base("usb")


class Device(AssetRow, Base):
    """One stick, drive or adapter that may be plugged in."""

    __tablename__ = "usb_device"
    label_text = field(Str(120), label="Label", search=True, help="What is written on it: P7-0042, CUI.")
    vid = field(
        Str(4), label="Vendor id", search=True, check=hex_id, help="USB idVendor, four hex digits: 0951."
    )
    pid = field(
        Str(4), label="Product id", search=True, check=hex_id, help="USB idProduct, four hex digits: 1666."
    )
    capacity_gb = field(Integer, label="Capacity (GB)", minimum=0, maximum=10_000_000)
    encryption = field(Str(20), choices=ENCRYPTION, listed=True)


class Checkout(ItemRow, Base):
    """One time that a device was with a person. Written by check-out and check-in, deleted by nobody.

    Tag, serial number and employee number stand in it as they were, so that the log is evidence of its own.
    """

    __tablename__ = "usb_checkout"
    device_id = reference("usb/devices", asset=True, required=True, listed=True, on_delete="CASCADE")
    device_tag = field(Str(80), label="Asset tag", search=True)
    device_serial = field(Str(120), label="Serial number", search=True, listed=True)
    person_id = reference("people", required=True, listed=True)
    employee_number = field(Str(60), search=True)
    purpose = field(Str(255), search=True, listed=True)
    used_on_id = reference("assets", label="Machine or PC", listed=True, on_delete="SET NULL")
    checked_out_at = field(UtcDateTime, required=True, listed=True, index=True)
    checked_out_by = field(Str(160))
    due_at = field(UtcDateTime, label="Due", listed=True, index=True)
    returned_at = field(UtcDateTime, label="Returned", listed=True, index=True)
    returned_by = field(Str(160), label="Taken back by")
    outcome = field(Str(20), choices=OUTCOMES, help="Empty while it is out.")
    scan_result = field(Str(20), choices=SCANS, listed=True)
    wipe = field(Str(20), choices=WIPES)
    notes = field(Text())
    open_device_id: Mapped[int | None] = mapped_column(Integer, unique=True)
    """The device while it is out, else NULL: one device is with one person, whoever asks at the same moment."""


class Certificate(ItemRow, Base):
    """What became of a device: sanitised, destroyed, lost, found, quarantined. Written once, by the actions."""

    __tablename__ = "usb_certificate"
    device_id = reference("usb/devices", asset=True, required=True, listed=True, on_delete="CASCADE")
    device_tag = field(Str(80), label="Asset tag", search=True)
    device_serial = field(Str(120), label="Serial number", search=True, listed=True)
    event = field(Str(20), choices=EVENTS, required=True, listed=True)
    at = field(UtcDateTime, required=True, listed=True, index=True)
    method = field(Str(20), choices=METHODS, listed=True)
    certificate = field(Text(), search=True, help="What the certificate says.")
    witness_id = reference("people", listed=True)
    recorded_by = field(Str(160), listed=True)
    standing_device_id: Mapped[int | None] = mapped_column(Integer, unique=True)
    """The device while this keeps it from being checked out, else NULL."""
