"""Printers that aren't there: they answer over SNMP, print, and run low. ``python -m shopdb_printers.simulator``."""

import argparse
import time
from pathlib import Path

from shopdb.testing import Recording, SnmpAgent
from shopdb_printers import mib
from shopdb_printers.sample import PORT, PRINTERS, SamplePrinter, address_of

HOST = "127.0.0.1"
_COUNTER32, _OBJECT_ID = 0x41, 0x06
_SHEETS, _IMPRESSIONS = 8, 7


class SimulatedPrinter:
    """One printer, whose supplies go down as it prints and are replaced when they are empty."""

    def __init__(self, sample: SamplePrinter):
        self.sample = sample
        self.recording = Recording()
        self._pages = float(sample.pages)
        self._levels = [float(supply.level) for supply in sample.supplies]
        self._trays = [float(level) for _, _, level in sample.trays]
        self._write_fixed()
        self._write_levels()

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        pages = self.sample.pages_per_hour * seconds / 3600
        self._pages += pages
        for place, supply in enumerate(self.sample.supplies):
            if supply.level < 0:
                continue
            left = self._levels[place] - supply.per_page * pages
            self._levels[place] = left if left > 0 else supply.capacity
        for place, (_, capacity, level) in enumerate(self.sample.trays):
            if level > 0:
                left = self._trays[place] - pages / len(self._trays)
                self._trays[place] = left if left > 0 else capacity
        self._write_levels()

    def _write_fixed(self) -> None:
        sample, put = self.sample, self.recording.set
        put(mib.SYS_DESCR, f"{sample.model} (simulated)")
        put(f"{mib.HR_DEVICE_TYPE}.1", mib.HR_DEVICE_PRINTER, tag=_OBJECT_ID)
        put(f"{mib.HR_DEVICE_DESCR}.1", sample.model)
        put(f"{mib.HR_DEVICE_STATUS}.1", 3 if sample.alert else 2)
        put(f"{mib.HR_PRINTER_STATUS}.1", 3)
        put(f"{mib.HR_PRINTER_ERRORS}.1", sample.errors)
        put(f"{mib.PRT_SERIAL_NUMBER}.1", sample.serial)
        put(f"{mib.COUNTER_UNIT}.1.1", _IMPRESSIONS)
        for index, supply in enumerate(sample.supplies, start=1):
            put(f"{mib.SUPPLY_TYPE}.1.{index}", supply.type)
            put(f"{mib.SUPPLY_DESCRIPTION}.1.{index}", supply.name)
            put(f"{mib.SUPPLY_CAPACITY}.1.{index}", supply.capacity)
            put(f"{mib.SUPPLY_COLORANT}.1.{index}", index if supply.color else 0)
            if supply.color:
                put(f"{mib.COLORANT_VALUE}.1.{index}", supply.color)
        for index, (name, capacity, _) in enumerate(sample.trays, start=1):
            put(f"{mib.INPUT_TYPE}.1.{index}", 3)
            put(f"{mib.INPUT_UNIT}.1.{index}", _SHEETS)
            put(f"{mib.INPUT_CAPACITY}.1.{index}", capacity)
            put(f"{mib.INPUT_NAME}.1.{index}", name)
        if sample.alert:
            put(f"{mib.ALERT_SEVERITY}.1.1", 4)
            put(f"{mib.ALERT_DESCRIPTION}.1.1", sample.alert)

    def _write_levels(self) -> None:
        self.recording.set(f"{mib.LIFE_COUNT}.1.1", int(self._pages), tag=_COUNTER32)
        for index, level in enumerate(self._levels, start=1):
            self.recording.set(f"{mib.SUPPLY_LEVEL}.1.{index}", round(level))
        for index, level in enumerate(self._trays, start=1):
            self.recording.set(f"{mib.INPUT_LEVEL}.1.{index}", round(level))


def main() -> None:
    """Answer for the sample printers until interrupted, faster than time passes."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        "--site", type=Path, help=f"A demo's folder, which decides the address; by default {HOST}."
    )
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--speed", type=float, default=60.0, help="Simulated seconds in a second.")
    options = parser.parse_args()
    printers = [SimulatedPrinter(sample) for sample in PRINTERS if not sample.is_off]
    devices = {printer.sample.community: printer.recording for printer in printers}
    users = [user for sample in PRINTERS if (user := sample.user)]
    host = address_of(options.site) if options.site else HOST
    with SnmpAgent(devices, users=users, host=host, port=options.port) as agent:
        print(f"{len(printers)} simulated printers on {agent.host}:{agent.port} (UDP).", flush=True)
        try:
            while True:
                time.sleep(5)
                for printer in printers:
                    printer.run(5 * options.speed)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
