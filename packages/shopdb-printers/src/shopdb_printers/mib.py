"""Where a printer keeps what we ask, and what its codes mean.

Source: RFC 3805 (Printer-MIB), RFC 2790 (HOST-RESOURCES-MIB), RFC 6933 (ENTITY-MIB), IANA-PRINTER-MIB.
"""

SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0"

HR_DEVICE_TYPE = "1.3.6.1.2.1.25.3.2.1.2"
HR_DEVICE_DESCR = "1.3.6.1.2.1.25.3.2.1.3"
HR_DEVICE_STATUS = "1.3.6.1.2.1.25.3.2.1.5"
HR_PRINTER_STATUS = "1.3.6.1.2.1.25.3.5.1.1"
HR_PRINTER_ERRORS = "1.3.6.1.2.1.25.3.5.1.2"
HR_DEVICE_PRINTER = "1.3.6.1.2.1.25.3.1.5"

PRT_SERIAL_NUMBER = "1.3.6.1.2.1.43.5.1.1.17"

_INPUT = "1.3.6.1.2.1.43.8.2.1"
INPUT_TYPE, INPUT_UNIT, INPUT_CAPACITY, INPUT_LEVEL = (f"{_INPUT}.{n}" for n in (2, 8, 9, 10))
INPUT_NAME, INPUT_DESCRIPTION = (f"{_INPUT}.{n}" for n in (13, 18))

_MARKER = "1.3.6.1.2.1.43.10.2.1"
COUNTER_UNIT, LIFE_COUNT = (f"{_MARKER}.{n}" for n in (3, 4))

_SUPPLIES = "1.3.6.1.2.1.43.11.1.1"
SUPPLY_COLORANT, SUPPLY_TYPE, SUPPLY_DESCRIPTION = (f"{_SUPPLIES}.{n}" for n in (3, 5, 6))
SUPPLY_UNIT, SUPPLY_CAPACITY, SUPPLY_LEVEL = (f"{_SUPPLIES}.{n}" for n in (7, 8, 9))

COLORANT_VALUE = "1.3.6.1.2.1.43.12.1.1.4"

ALERT_SEVERITY = "1.3.6.1.2.1.43.18.1.1.2"
ALERT_DESCRIPTION = "1.3.6.1.2.1.43.18.1.1.8"

RICOH_LEVEL = "1.3.6.1.4.1.367.3.2.1.2.24.1.1.5"
"""What a Ricoh says of its toner where Printer-MIB says 0; percent."""

CODED = {-1: "unrestricted", -2: "unknown", -3: "some_left"}
"""Source: RFC 3805, prtMarkerSuppliesLevel and prtInputCurrentLevel."""

PERCENT_UNIT = 19
"""Source: RFC 3805, PrtMarkerSuppliesSupplyUnitTC and PrtCapacityUnitTC."""

PAGE_UNITS = frozenset({7, 8})
"""Source: RFC 3805, PrtMarkerCounterUnitTC: impressions and sheets."""

SUPPLY_KINDS = dict(
    enumerate(
        (
            *("other", "unknown", "toner", "waste_toner", "ink", "ink_cartridge", "ink_ribbon", "waste_ink"),
            *(
                "opc",
                "developer",
                "fuser_oil",
                "solid_wax",
                "ribbon_wax",
                "waste_wax",
                "fuser",
                "corona_wire",
            ),
            *("fuser_oil_wick", "cleaner_unit", "fuser_cleaning_pad", "transfer_unit", "toner_cartridge"),
            *("fuser_oiler", "water", "waste_water", "glue_water_additive", "waste_paper", "binding_supply"),
            *(
                "banding_supply",
                "stitching_wire",
                "shrink_wrap",
                "paper_wrap",
                "staples",
                "inserts",
                "covers",
            ),
            *("matte_toner", "matte_ink"),
        ),
        start=1,
    )
)
"""Source: IANA-PRINTER-MIB, PrtMarkerSuppliesTypeTC."""

TRAY_KINDS = dict(
    enumerate(
        (
            *("other", "unknown", "removable_tray", "fixed_tray", "manual_feed", "continuous_roll"),
            "continuous_fan_fold",
        ),
        start=1,
    )
)
"""Source: IANA-PRINTER-MIB, PrtInputTypeTC."""

PRINTER_STATES = {3: "idle", 4: "printing", 5: "warming_up"}
"""Source: RFC 2790, hrPrinterStatus; other(1) and unknown(2) tell nothing."""

DEVICE_STATES = {2: "running", 3: "warning", 4: "testing", 5: "down"}
"""Source: RFC 2790, hrDeviceStatus."""

CONDITIONS = (
    *(
        "low_paper",
        "no_paper",
        "low_toner",
        "no_toner",
        "door_open",
        "jammed",
        "offline",
        "service_requested",
    ),
    *("input_tray_missing", "output_tray_missing", "supply_missing", "output_near_full", "output_full"),
    *("input_tray_empty", "maintenance_overdue"),
)
"""Bit by bit. Source: RFC 2790, hrPrinterDetectedErrorState."""

TOLD_SEVERITIES = frozenset({3, 4, 5})
"""critical, warning, warningBinaryChangeEvent. Source: RFC 3805, PrtAlertSeverityLevelTC."""
