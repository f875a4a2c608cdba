"""What a printer's answers mean."""

import random
from typing import Any

import pytest

from shopdb.outbound import SnmpValue
from shopdb_printers import mib
from shopdb_printers.identity import Identity, read_identity
from shopdb_printers.reading import Level, read_values


def supply(**values: SnmpValue) -> Level:
    """One supply, of the columns named by their constants in lower case."""
    return read_values(
        {f"{getattr(mib, name.upper())}.1.1": value for name, value in values.items()}
    ).supplies[0]


def tray(**values: SnmpValue) -> Level:
    """One tray."""
    return read_values({f"{getattr(mib, name.upper())}.1.1": value for name, value in values.items()}).trays[
        0
    ]


@pytest.mark.parametrize(
    ("level", "capacity", "percent"),
    [
        (0, 100, 0),
        (100, 100, 100),
        (22_050, 45_000, 49),
        (11_501, 12_000, 96),
        (1, 3, 33),
        (1, 200, 1),
        (5, 1000, 1),
    ],
)
def test_percent_is_level_over_capacity(level: int, capacity: int, percent: int) -> None:
    read = supply(supply_level=level, supply_capacity=capacity)
    assert (read.percent, read.coded, read.level, read.capacity) == (percent, None, level, capacity)


@pytest.mark.parametrize(
    ("level", "code"), [(-1, "unrestricted"), (-2, "unknown"), (-3, "some_left"), (-100, "unknown")]
)
def test_codes_are_told_as_what_they_are(level: int, code: str) -> None:
    read = supply(supply_level=level, supply_capacity=100)
    assert (read.percent, read.coded, read.level) == (None, code, None)


def test_more_than_there_is_room_for_is_full() -> None:
    assert supply(supply_level=130, supply_capacity=100).percent == 100


@pytest.mark.parametrize("capacity", [-2, -1, 0])
def test_a_supply_of_unknown_capacity_is_in_percent_up_to_a_hundred(capacity: int) -> None:
    assert supply(supply_level=9, supply_capacity=capacity).percent == 9
    read = supply(supply_level=4000, supply_capacity=capacity)
    assert (read.percent, read.coded, read.level) == (None, "unknown", 4000)


def test_a_tray_of_unknown_capacity_has_no_percentage_unless_it_counts_in_percent() -> None:
    assert tray(input_level=40, input_capacity=-2, input_unit=8).coded == "unknown"
    assert tray(input_level=40, input_capacity=-2, input_unit=19).percent == 40


def test_a_row_without_a_level_is_no_row() -> None:
    assert read_values({f"{mib.SUPPLY_DESCRIPTION}.1.1": b"Black"}).supplies == ()
    assert read_values({f"{mib.SUPPLY_LEVEL}.1.1": b"\x05"}).supplies == ()


def test_names_come_without_part_and_serial_number_and_are_made_where_there_are_none() -> None:
    assert (
        supply(supply_level=1, supply_description=b"Cyan Toner, PN 006R01512;SN46").description
        == "Cyan Toner"
    )
    assert supply(supply_level=1).description == "Supply 1"
    assert tray(input_level=1, input_description=b"Cassette").description == "Cassette"
    assert tray(input_level=1).description == "Tray 1"


@pytest.mark.parametrize(
    ("code", "kind"),
    [(3, "toner"), (4, "waste_toner"), (9, "opc"), (15, "fuser"), (99, "other"), (-5, "other")],
)
def test_kinds_are_named_after_the_registry(code: int, kind: str) -> None:
    assert supply(supply_level=1, supply_type=code).kind == kind


def test_a_missing_kind_is_unknown() -> None:
    assert supply(supply_level=1).kind == "unknown"


def test_colours_come_from_the_colorant_table_else_from_the_name() -> None:
    values: dict[str, SnmpValue] = {
        f"{mib.SUPPLY_LEVEL}.1.1": 5,
        f"{mib.SUPPLY_COLORANT}.1.1": 3,
        f"{mib.SUPPLY_DESCRIPTION}.1.1": b"Patrone schwarz",
        f"{mib.COLORANT_VALUE}.1.3": b"Black",
    }
    assert read_values(values).supplies[0].color == "black"
    assert supply(supply_level=5, supply_description=b"Light Cyan Ink").color == "light cyan"
    assert supply(supply_level=5, supply_description=b"Fuser").color is None


def test_a_ricoh_that_says_zero_is_asked_by_its_own_object() -> None:
    values: dict[str, SnmpValue] = {
        mib.SYS_OBJECT_ID: "1.3.6.1.4.1.367.1.1",
        f"{mib.SUPPLY_LEVEL}.1.1": 0,
        f"{mib.SUPPLY_CAPACITY}.1.1": 100,
    }
    assert read_values(values).supplies[0].percent == 0
    assert read_values({**values, f"{mib.RICOH_LEVEL}.1": 30}).supplies[0].percent == 30
    assert read_values({**values, f"{mib.RICOH_LEVEL}.1": -3}).supplies[0].coded == "some_left"
    assert read_values({**values, f"{mib.RICOH_LEVEL}.1": -100}).supplies[0].percent == 0


@pytest.mark.parametrize(
    ("device", "printer", "state"),
    [
        (2, 3, "idle"),
        (2, 4, "printing"),
        (3, 5, "warming_up"),
        (5, 3, "down"),
        (3, 1, "warning"),
        (2, 2, "running"),
        (9, 9, "unknown"),
    ],
)
def test_the_state_is_the_printers_unless_the_device_is_down(device: int, printer: int, state: str) -> None:
    values: dict[str, SnmpValue] = {
        f"{mib.HR_DEVICE_TYPE}.1": "1.3.6.1.2.1.25.3.1.4",
        f"{mib.HR_DEVICE_STATUS}.1": 5,
        f"{mib.HR_DEVICE_TYPE}.7": mib.HR_DEVICE_PRINTER,
        f"{mib.HR_DEVICE_STATUS}.7": device,
        f"{mib.HR_PRINTER_STATUS}.7": printer,
    }
    assert read_values(values).state == state


def test_conditions_are_the_bits_from_the_left() -> None:
    assert read_values({f"{mib.HR_PRINTER_ERRORS}.1": b"\x44\x04"}).conditions == (
        "no_paper",
        "jammed",
        "input_tray_empty",
    )
    assert read_values({f"{mib.HR_PRINTER_ERRORS}.1": b"\x80"}).conditions == ("low_paper",)
    assert read_values({f"{mib.HR_PRINTER_ERRORS}.1": 3}).conditions == ()


def test_alerts_are_told_once_and_without_mere_notices() -> None:
    values: dict[str, SnmpValue] = {
        f"{mib.ALERT_DESCRIPTION}.1.1": b"Paper jam",
        f"{mib.ALERT_DESCRIPTION}.1.2": b"Paper jam",
        f"{mib.ALERT_DESCRIPTION}.1.3": b"Sleeping",
        f"{mib.ALERT_SEVERITY}.1.1": 3,
        f"{mib.ALERT_SEVERITY}.1.3": 1,
    }
    assert read_values(values).alerts == ("Paper jam",)


def test_pages_are_what_the_first_marker_that_counts_pages_says() -> None:
    values: dict[str, SnmpValue] = {
        f"{mib.LIFE_COUNT}.1.1": 12,
        f"{mib.COUNTER_UNIT}.1.1": 11,
        f"{mib.LIFE_COUNT}.1.2": 271_871,
        f"{mib.COUNTER_UNIT}.1.2": 7,
    }
    assert read_values(values).page_count == 271_871
    assert read_values({}).page_count is None


IDENTITIES: list[tuple[dict[str, Any], Identity]] = [
    (
        {"1.3.6.1.4.1.11.2.3.9.1.1.7.0": b"MFG:HP;MDL:HP LaserJet 4250 Series;CLS:PRINTER;"},
        Identity("LaserJet 4250", None, None),
    ),
    (
        {mib.SYS_DESCR: b"Lexmark T640 version NS.NP.N219 kernel 2.6.6 All-N-1"},
        Identity("T640", None, "NS.NP.N219"),
    ),
    (
        {mib.SYS_DESCR: b"Samsung CLP-680 Series; V4.00.02.19 SEP-10-2012;Engine 1.00;S/N Z6XXBJFD1000"},
        Identity("CLP-680", "Z6XXBJFD1000", "4.00.02.19"),
    ),
    (
        {
            mib.SYS_DESCR: b"HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,JD149,EEPROM V.33.19,PID:HP LaserJet P2055dn"
        },
        Identity("LaserJet P2055dn", None, None),
    ),
    ({mib.SYS_DESCR: b"KYOCERA Document Solutions Printing System"}, Identity(None, None, None)),
    ({mib.SYS_DESCR: b"EPSON AL-M300"}, Identity("AL-M300", None, None)),
    (
        {"1.3.6.1.4.1.2699.1.2.1.2.1.1.3.1": b"MANUFACTURER:Acme;MODEL:Press 9;SN:AC-77;"},
        Identity("Press 9", "AC-77", None),
    ),
    (
        {f"{mib.PRT_SERIAL_NUMBER}.1": b"XXXXXXXXXX", "1.3.6.1.4.1.683.1.5.0": b"7062184"},
        Identity(None, "7062184", None),
    ),
    (
        {
            f"{mib.HR_DEVICE_TYPE}.1": "1.3.6.1.2.1.25.3.1.4",
            f"{mib.HR_DEVICE_DESCR}.1": b"Ethernet",
            f"{mib.HR_DEVICE_TYPE}.2": mib.HR_DEVICE_PRINTER,
            f"{mib.HR_DEVICE_DESCR}.2": b"Brother HL-5470DW series",
        },
        Identity("HL-5470DW", None, None),
    ),
]


@pytest.mark.parametrize(("values", "identity"), IDENTITIES, ids=[str(i) for i in range(len(IDENTITIES))])
def test_identity_is_found_where_the_maker_put_it(values: dict[str, SnmpValue], identity: Identity) -> None:
    assert read_identity(values) == identity


def test_nothing_that_a_device_can_answer_raises() -> None:
    chance = random.Random(4)
    columns = [
        value for value in vars(mib).values() if isinstance(value, str) and value.startswith("1.3.6.1")
    ]
    for _ in range(500):
        values = {}
        for _ in range(30):
            row = ".".join(str(chance.choice((0, 1, 2, 2**32 - 1))) for _ in range(chance.randint(1, 3)))
            sent: SnmpValue = chance.choice(
                (-(2**31), -3, 0, 1, 2**64, b"", b"\xff\0\xfe", b"a;b:c;:", "1.3", "0")
            )
            values[f"{chance.choice(columns)}.{row}"] = sent
        for level in (*read_values(values).supplies, *read_values(values).trays):
            assert (level.percent is None) == (level.coded is not None)
            assert level.percent is None or 0 <= level.percent <= 100
