"""The sample factory's computers, as plain data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """An operating system as it is installed."""

    os_name: str
    os_edition: str = ""
    os_version: str = ""
    os_architecture: str = "x86_64"


NT_2000 = System(os_name="Windows 2000", os_edition="Professional", os_version="SP4", os_architecture="x86")
XP = System(os_name="Windows XP", os_edition="Embedded", os_version="SP3", os_architecture="x86")
SEVEN = System(os_name="Windows 7", os_edition="Professional", os_version="6.1.7601")
STANDARD_7 = System(os_name="Windows Embedded Standard 7", os_version="SP1", os_architecture="x86")
LTSC_2019 = System(os_name="Windows 10", os_edition="IoT Enterprise LTSC 2019", os_version="1809")
LTSC_2021 = System(os_name="Windows 10", os_edition="IoT Enterprise LTSC 2021", os_version="21H2")
LTSC_2024 = System(os_name="Windows 11", os_edition="IoT Enterprise LTSC 2024", os_version="24H2")
TEN = System(os_name="Windows 10", os_edition="Pro", os_version="22H2")
ELEVEN = System(os_name="Windows 11", os_edition="Enterprise", os_version="25H2")
ELEVEN_OLD = System(os_name="Windows 11", os_edition="Pro", os_version="23H2")
DEBIAN = System(os_name="Debian", os_version="12.7")
UBUNTU = System(os_name="Ubuntu", os_edition="Core", os_version="22", os_architecture="arm64")
SERVER_2019 = System(os_name="Windows Server 2019", os_edition="Standard", os_version="1809")
SERVER_2022 = System(os_name="Windows Server 2022", os_edition="Datacenter", os_version="21H2")
SERVER_2012 = System(os_name="Windows Server 2012 R2", os_edition="Standard", os_version="6.3.9600")

Software = tuple[tuple[str, str, str], ...]
"""Name, version, publisher."""

DNC: Software = (("CIMCO DNC-Max Client", "8.14", "CIMCO A/S"), ("TightVNC", "2.8.81", "GlavSoft"))
MTCONNECT: Software = (("MTConnect C++ Agent", "2.4.0.7", "MTConnect Institute"),)
METROLOGY: Software = (
    ("ZEISS CALYPSO", "2024 SP1", "Carl Zeiss"),
    ("PiWeb Monitor", "8.4", "Carl Zeiss"),
    ("SQL Server Express", "2019", "Microsoft"),
)
CAM: Software = (
    ("Mastercam", "2026", "CNC Software"),
    ("SOLIDWORKS", "2025 SP2", "Dassault Systèmes"),
    ("CIMCO Edit", "2025.1", "CIMCO A/S"),
)
OFFICE: Software = (("Microsoft 365 Apps", "2408", "Microsoft"), ("Adobe Acrobat Reader", "24.005", "Adobe"))
TOOLING: Software = (("Zoller TMS Tool Management", "2.1", "E. Zoller"), *OFFICE[:1])
SHIPPING: Software = (("Zebra Designer", "3.2.2", "Zebra Technologies"), *OFFICE[:1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """A model and what is in it."""

    vendor: str
    model: str
    kind: str
    cpu: str
    ram_mb: int
    disk_gb: int
    disks: str
    mac_prefix: str


C6030 = Hardware(
    vendor="Beckhoff",
    model="C6030",
    kind="industrial_pc",
    cpu="Intel Core i5-7500T",
    ram_mb=8192,
    disk_gb=120,
    disks="120 GB SSD",
    mac_prefix="00:01:05",
)
IPC477 = Hardware(
    vendor="Siemens",
    model="SIMATIC IPC477E",
    kind="panel_pc",
    cpu="Intel Celeron G3902E",
    ram_mb=4096,
    disk_gb=240,
    disks="240 GB SSD",
    mac_prefix="ec:1c:5d",
)
PPC = Hardware(
    vendor="Advantech",
    model="PPC-L158T",
    kind="panel_pc",
    cpu="Intel Atom D525",
    ram_mb=2048,
    disk_gb=80,
    disks="80 GB HDD",
    mac_prefix="00:d0:c9",
)
UNO = Hardware(
    vendor="Advantech",
    model="UNO-2271G",
    kind="industrial_pc",
    cpu="Intel Atom E3815",
    ram_mb=4096,
    disk_gb=64,
    disks="64 GB eMMC",
    mac_prefix="00:d0:c9",
)
OPTIPLEX = Hardware(
    vendor="Dell",
    model="OptiPlex 7010 Micro",
    kind="desktop",
    cpu="Intel Core i5-13500T",
    ram_mb=16384,
    disk_gb=512,
    disks="512 GB SSD",
    mac_prefix="d4:a2:cd",
)
PRECISION = Hardware(
    vendor="Dell",
    model="Precision 3680",
    kind="desktop",
    cpu="Intel Core i9-14900",
    ram_mb=65536,
    disk_gb=2048,
    disks="1 TB SSD, 1 TB SSD",
    mac_prefix="d4:a2:cd",
)
THINKPAD = Hardware(
    vendor="Lenovo",
    model="ThinkPad T14 Gen 4",
    kind="laptop",
    cpu="Intel Core i7-1355U",
    ram_mb=32768,
    disk_gb=1024,
    disks="1 TB SSD",
    mac_prefix="38:a7:46",
)
PROLIANT = Hardware(
    vendor="HPE",
    model="ProLiant DL380 Gen10",
    kind="server",
    cpu="2 × Intel Xeon Silver 4210R",
    ram_mb=131072,
    disk_gb=9600,
    disks="8 × 1.2 TB SAS",
    mac_prefix="94:40:c9",
)
VM = Hardware(
    vendor="Proxmox",
    model="Virtual machine",
    kind="virtual_machine",
    cpu="4 vCPU",
    ram_mb=8192,
    disk_gb=200,
    disks="200 GB",
    mac_prefix="bc:24:11",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How a computer is set up.

    Args:
        imaged_days: Age of its last image; None where there never was one.
        seen_days: Since when nobody has seen it; 0 is within the last hours.
        excused: What it is excused from, with the reason and the days that are left, which may be past.
    """

    system: System
    hardware: Hardware
    software: Software = ()
    imaged_days: int | None = None
    every_days: int | None = None
    seen_days: int = 0
    excused: tuple[str, str, int] | None = None
    name: str = ""
    place: str = ""
    user: str = ""
    antivirus: str = "Microsoft Defender"


_CONTROLLER = "The controller's software runs on this system alone; the maker offers no newer one."
MEASURES = "Stands in VLAN 210 without a route to the internet; programs come by DNC alone."

ON_MACHINES = (
    Profile(system=TEN, hardware=OPTIPLEX, software=METROLOGY, imaged_days=30, every_days=90),
    Profile(system=ELEVEN, hardware=PRECISION, software=METROLOGY, imaged_days=21, every_days=90),
    Profile(system=SEVEN, hardware=OPTIPLEX, software=METROLOGY[:1], imaged_days=401, antivirus=""),
    Profile(
        system=XP,
        hardware=PPC,
        software=DNC[:1],
        imaged_days=612,
        every_days=180,
        excused=("old_os", _CONTROLLER, 210),
        antivirus="",
    ),
    Profile(system=LTSC_2021, hardware=C6030, software=DNC + MTCONNECT, imaged_days=45, every_days=180),
    Profile(system=LTSC_2019, hardware=IPC477, software=DNC, imaged_days=120, every_days=365),
    Profile(system=LTSC_2021, hardware=C6030, software=DNC + MTCONNECT, imaged_days=45, every_days=180),
    Profile(
        system=STANDARD_7,
        hardware=IPC477,
        software=DNC[:1],
        imaged_days=95,
        every_days=180,
        excused=("old_os", _CONTROLLER, -23),
        antivirus="",
    ),
    Profile(system=LTSC_2024, hardware=C6030, software=DNC + MTCONNECT, imaged_days=12, every_days=180),
    Profile(system=LTSC_2021, hardware=C6030, software=DNC, imaged_days=200, every_days=180),
    Profile(system=XP, hardware=PPC, software=DNC[:1], seen_days=3, antivirus=""),
    Profile(system=LTSC_2019, hardware=IPC477, software=DNC, imaged_days=80, every_days=365),
    Profile(
        system=NT_2000,
        hardware=PPC,
        imaged_days=1480,
        excused=("old_os", _CONTROLLER, 95),
        antivirus="",
        seen_days=1,
    ),
    Profile(system=LTSC_2021, hardware=C6030, software=DNC + MTCONNECT, imaged_days=60, every_days=180),
    Profile(system=SEVEN, hardware=PPC, software=DNC[:1], imaged_days=300, antivirus="", seen_days=2),
    Profile(system=LTSC_2024, hardware=C6030, software=DNC + MTCONNECT),
    Profile(system=LTSC_2021, hardware=C6030, software=DNC, imaged_days=33, every_days=180),
    Profile(system=UBUNTU, hardware=UNO, software=MTCONNECT, imaged_days=150, antivirus=""),
)
"""How the computers that drive machines are set up, by the machines' names: measuring machines stand first."""

ELSEWHERE = (
    Profile(name="PC tool crib", place="Tool crib", system=ELEVEN, hardware=OPTIPLEX, software=TOOLING),
    Profile(name="PC presetter", place="Tool crib", system=TEN, hardware=OPTIPLEX, software=TOOLING),
    Profile(name="PC shipping", place="Shipping", system=ELEVEN, hardware=OPTIPLEX, software=SHIPPING),
    Profile(name="PC shipping 2", place="Shipping", system=ELEVEN_OLD, hardware=OPTIPLEX, software=SHIPPING),
    Profile(name="PC assembly 1", place="Assembly", system=ELEVEN, hardware=OPTIPLEX, software=OFFICE),
    Profile(
        name="PC assembly 2", place="Assembly", system=TEN, hardware=OPTIPLEX, software=OFFICE, seen_days=8
    ),
    Profile(name="PC maintenance", place="Maintenance", system=ELEVEN, hardware=OPTIPLEX, software=OFFICE),
    Profile(
        name="PC maintenance old",
        place="Maintenance",
        system=SEVEN,
        hardware=OPTIPLEX,
        software=(("STEP 7", "5.6", "Siemens"), ("TIA Portal", "V15.1", "Siemens")),
        imaged_days=700,
        every_days=365,
        seen_days=140,
        excused=("remote_access", "The maker of the press signs in for service.", 40),
    ),
    Profile(name="CAM 1", place="Office", system=ELEVEN, hardware=PRECISION, software=CAM, user="mnovak"),
    Profile(name="CAM 2", place="Office", system=ELEVEN, hardware=PRECISION, software=CAM, user="alindqvist"),
    Profile(
        name="NB-1042", place="Office", system=ELEVEN, hardware=THINKPAD, software=OFFICE, user="alindqvist"
    ),
    Profile(name="NB-1108", place="Office", system=ELEVEN, hardware=THINKPAD, software=OFFICE, user="mnovak"),
    Profile(
        name="NB-1131", place="Office", system=ELEVEN_OLD, hardware=THINKPAD, software=OFFICE, user="zyildiz"
    ),
    Profile(name="NB-1177", place="Office", system=ELEVEN, hardware=THINKPAD, software=OFFICE, seen_days=121),
    Profile(name="NB-1219", place="Office", system=ELEVEN, hardware=THINKPAD, software=OFFICE, user="jweber"),
    Profile(
        name="SRV-FILE1",
        place="Server room",
        system=SERVER_2019,
        hardware=PROLIANT,
        imaged_days=1,
        every_days=7,
        software=(("CIMCO DNC-Max Server", "8.14", "CIMCO A/S"), ("Veeam Agent", "6.2", "Veeam")),
    ),
    Profile(
        name="SRV-VIRT1", place="Server room", system=DEBIAN, hardware=PROLIANT, antivirus="", imaged_days=20
    ),
    Profile(
        name="SRV-ERP",
        place="Server room",
        system=SERVER_2022,
        hardware=VM,
        imaged_days=1,
        every_days=7,
        software=(("SQL Server", "2022", "Microsoft"),),
    ),
    Profile(
        name="SRV-DNC-OLD",
        place="Server room",
        system=SERVER_2012,
        hardware=VM,
        imaged_days=40,
        every_days=30,
        software=(("CIMCO DNC-Max Server", "7.03", "CIMCO A/S"),),
    ),
    Profile(
        name="EDGE-A", place="Server room", system=DEBIAN, hardware=UNO, software=MTCONNECT, antivirus=""
    ),
    Profile(
        name="EDGE-B", place="Server room", system=UBUNTU, hardware=UNO, software=MTCONNECT, antivirus=""
    ),
    Profile(name="PC spare", place="Server room", system=LTSC_2021, hardware=OPTIPLEX, seen_days=35),
)
"""Computers that drive nothing."""
