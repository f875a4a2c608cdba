"""Computers, what is installed on them, and what they are excused from."""

from sqlalchemy import Date, Integer, UniqueConstraint

from shopdb.db import AssetRow, ItemRow, Str, Text, UtcDateTime, field, model_base, reference
from shopdb_computers.checks import hardware_uuid, hostname, mac_list

KINDS = {
    "desktop": "Desktop",
    "laptop": "Laptop",
    "server": "Server",
    "industrial_pc": "Industrial PC",
    "panel_pc": "Panel PC",
    "thin_client": "Thin client",
    "virtual_machine": "Virtual machine",
}
ARCHITECTURES = {"x86": "32 bit (x86)", "x86_64": "64 bit (x86-64)", "arm64": "64 bit (ARM)"}
SUPPORT_SOURCES = {"table": "The table of makers' dates", "typed": "Typed here"}
EXCEPTIONS = {
    "old_os": "Operating system out of support",
    "no_antivirus": "No virus protection",
    "no_updates": "No updates",
    "local_admin": "Users are administrators",
    "shared_sign_in": "Shared or automatic sign-in",
    "usb_open": "USB ports open",
    "remote_access": "Remote access by the maker",
    "no_image": "No image",
    "other": "Something else",
}

Base = model_base("computers")


class Computer(AssetRow, Base):
    """A PC, server or controller front end. What it drives is told by relationships, and nowhere else."""

    __tablename__ = "computers_computer"
    kind = field(Str(20), choices=KINDS)
    hostname = field(Str(253), search=True, listed=True, check=hostname, index=True)
    domain = field(Str(253), label="Domain or workgroup")
    os_name = field(
        Str(120), label="Operating system", search=True, listed=True, help="Windows 10, Debian, VxWorks."
    )
    os_edition = field(Str(80), label="Edition", help="Pro, IoT Enterprise LTSC 2021, Standard.")
    os_version = field(Str(60), label="Version", help="The release or the build: 21H2, 10.0.19044, 12.7.")
    os_support_ends = field(
        Date,
        label="Support ends",
        index=True,
        help="Left empty, it is looked up for Windows. Type it where you have bought longer support.",
    )
    os_support_source = field(
        Str(10), label="Support date from", choices=SUPPORT_SOURCES, readonly=True, folded=True
    )
    nc_share = field(
        Str(500), label="NC programs on", search=True, help="The share that holds them: \\\\FILE1\\nc\\cell2."
    )
    last_seen_at = field(UtcDateTime, label="Last seen", listed=True, index=True)
    last_user = field(Str(160), search=True)
    last_image_at = field(UtcDateTime, label="Last image", index=True, help="When it was last imaged.")
    image_location = field(Str(500), label="Image kept on", help="The share, disk or shelf.")
    backup_interval_days = field(
        Integer,
        label="Image every (days)",
        minimum=1,
        maximum=3650,
        help="Empty: as the site's setting says.",
    )
    image_due_at = field(UtcDateTime, label="Next image due", readonly=True, index=True)
    os_architecture = field(Str(20), label="Architecture", choices=ARCHITECTURES, folded=True)
    antivirus = field(Str(120), label="Virus protection", folded=True)
    macs = field(
        Str(500),
        label="MAC addresses",
        search=True,
        check=mac_list,
        folded=True,
        help="In any notation, with commas between.",
    )
    cpu = field(Str(160), label="Processor", folded=True)
    ram_mb = field(Integer, label="Memory (MB)", minimum=0, folded=True)
    disk_gb = field(Integer, label="Disks in all (GB)", minimum=0, folded=True)
    disks = field(Str(255), folded=True, help="One after another: 256 GB SSD, 1 TB HDD.")
    bios_version = field(Str(120), label="BIOS", folded=True)
    hardware_uuid = field(Str(36), label="UUID", search=True, check=hardware_uuid, folded=True)


class Application(ItemRow, Base):
    """A piece of software that is installed on a computer."""

    __tablename__ = "computers_application"
    __table_args__ = (UniqueConstraint("computer_id", "name", "app_version"),)
    computer_id = reference("computers", asset=True, required=True, listed=True, on_delete="CASCADE")
    name = field(Str(160), required=True, search=True, listed=True, index=True)
    app_version = field(Str(80), label="Version", listed=True)
    publisher = field(Str(160), search=True, listed=True)
    installed_on = field(Date, listed=True)
    licence_key = field(Str(255), secret=True)
    notes = field(Text(), folded=True)


class AllowedException(ItemRow, Base):
    """What a computer is excused from, why, and until when."""

    __tablename__ = "computers_exception"
    __table_args__ = (UniqueConstraint("computer_id", "kind", "reason"),)
    computer_id = reference("computers", asset=True, required=True, listed=True, on_delete="CASCADE")
    kind = field(Str(20), label="Excused from", choices=EXCEPTIONS, required=True, listed=True)
    reason = field(
        Str(255), required=True, search=True, listed=True, help="The controller's software runs on XP alone."
    )
    allowed_until = field(
        Date, required=True, listed=True, index=True, help="The last day on which it holds."
    )
    approved_by_id = reference("people", listed=True)
    measures = field(Text(), label="What keeps it safe", help="VLAN 210 without a route to the internet.")
