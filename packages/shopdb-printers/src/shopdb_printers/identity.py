"""What a printer is: its model, serial number and firmware, from wherever its maker put them.

Printer-MIB has a serial number and no model. Makers answer with private objects, with the IEEE 1284
device id that the operating system reads over USB, or in the description of the device.

Source: IEEE 1284-2000 section 7.6 (device id); PWG 5107.1 (PPM-MIB); the makers' MIBs, by enterprise number.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from shopdb.outbound import SnmpValue
from shopdb_printers import mib
from shopdb_printers.text import read_name, read_text

_E = "1.3.6.1.4.1"

_MODELS = (
    f"{_E}.2435.2.4.3.2435.5.13.3.0",  # Brother
    f"{_E}.1602.1.1.1.1.0",  # Canon
    f"{_E}.367.3.2.1.1.1.1.0",  # Ricoh and its brands
    f"{_E}.1347.43.5.1.1.1.1",  # Kyocera
    f"{_E}.18334.1.1.1.1.6.2.1.0",  # Konica Minolta and its brands
    f"{_E}.2385.2.1.3.2.1.4.13501.1302.1",  # Sharp
    f"{_E}.236.11.5.1.1.1.1.0",  # Samsung
    f"{_E}.641.2.1.2.1.2.1",  # Lexmark
    f"{_E}.1248.1.2.2.1.1.1.2.1",  # Epson
    f"{_E}.683.1.4.0",  # Zebra, print servers by Extended Systems
    f"{_E}.10642.1.1.0",  # Zebra
)
_DEVICE_IDS = (
    f"{_E}.11.2.3.9.1.1.7.0",  # HP, and print servers that do as HP's do
    f"{_E}.2435.2.3.9.1.1.7.0",  # Brother
    f"{_E}.253.8.51.1.2.1.20.1",  # Xerox
    f"{_E}.253.8.51.10.2.1.7.2.28110202",  # Dell, made by Xerox
    f"{_E}.674.10898.100.2.1.2.1.3.1",  # Dell, made by Lexmark
    f"{_E}.641.2.1.2.1.3.1",  # Lexmark
    f"{_E}.1248.1.1.3.1.3.8.0",  # Epson
    f"{_E}.2699.1.2.1.2.1.1.3.1",  # PPM-MIB, any maker
)
_SERIALS = (
    f"{_E}.2435.2.3.9.4.2.1.5.5.1.0",  # Brother
    f"{_E}.367.3.2.1.2.1.4.0",  # Ricoh
    f"{_E}.1347.43.5.1.1.28.1",  # Kyocera
    f"{_E}.2385.2.1.1.2.1.3.1",  # Sharp
    f"{_E}.236.11.5.1.1.1.4.0",  # Samsung
    f"{_E}.641.2.1.2.1.6.1",  # Lexmark
    f"{_E}.253.8.53.3.2.1.3.1",  # Xerox
    f"{_E}.1248.1.2.2.1.1.1.5.1",  # Epson
    f"{_E}.683.1.5.0",  # Zebra
    f"{_E}.11.2.3.9.4.2.1.1.3.3.0",  # HP
)
_FIRMWARES = (
    f"{_E}.2435.2.4.3.1240.6.5.0",  # Brother
    f"{_E}.367.3.2.1.1.1.2.0",  # Ricoh
    f"{_E}.1347.43.5.4.1.5.1.1",  # Kyocera
    f"{_E}.18334.1.1.1.1.6.1.0",  # Konica Minolta
    f"{_E}.2385.2.1.1.2.1.2.1",  # Sharp
    f"{_E}.236.11.5.1.1.1.2.0",  # Samsung
    f"{_E}.1602.1.1.1.4.0",  # Canon
    f"{_E}.674.10898.100.1.1.1.0",  # Dell
    f"{_E}.683.1.9.0",  # Zebra
    f"{_E}.10642.1.2.0",  # Zebra
    f"{_E}.11.2.3.9.4.2.1.1.3.5.0",  # HP
)
_ENTITY = "1.3.6.1.2.1.47.1.1.1.1"
_ENTITY_FIRMWARE, _ENTITY_SERIAL, _ENTITY_MODEL = (f"{_ENTITY}.{n}.1" for n in (9, 11, 13))

OBJECTS = (
    *(mib.SYS_DESCR, mib.SYS_OBJECT_ID, *_MODELS, *_DEVICE_IDS, *_SERIALS, *_FIRMWARES),
    *(_ENTITY_FIRMWARE, _ENTITY_SERIAL, _ENTITY_MODEL),
)
"""What is asked by GET; few devices have more than five of them."""

_MAKERS = re.compile(
    r"(?i)^(hewlett[- ]packard( company)?|hp inc\.?|hp|brother|canon|xerox|fujifilm|fuji xerox|ricoh|gestetner"
    r"|konica minolta|kyocera( document solutions)?|oki|lexmark( international)?|samsung|toshiba( tec)?|epson|seiko epson)\s+(?=\S)"
)
_SERIES = re.compile(r"(?i)\s+series\s*$")
_SERVER = re.compile(r"(?i)attached to (?P<model>.+?)(?: Rev\.(?P<firmware>\S+))?\s*(?:[:;]|$)")
_PRODUCT = re.compile(r"\bPID:(?P<model>[^,;]+)")
_VERSION = re.compile(
    r"(?i)(?:\bversion:?\s+|\brev\.?\s*|\bver\.?\s*|(?<=[ ;])V?(?=\d+\.\d))(?P<firmware>[\w.\-]+)"
)
_TAIL = re.compile(r"(?i)[;,]|\s/|\s+(?:version|ver\.|rev\.|os|system)\b|\s+V?\d+\.\d")
_NO_MODEL = re.compile(r"(?i)hp ethernet multi|.*\bprinting system\b")
"""Descriptions of the print server or the operating system, not of the printer."""
_SERIAL_AFTER = re.compile(r"\bS/N[: ]+(?P<serial>[^\s;,]+)")


@dataclass(frozen=True, slots=True)
class Identity:
    """What the printer says that it is; each None where it doesn't."""

    model: str | None
    serial: str | None
    firmware: str | None


def read_identity(values: Mapping[str, SnmpValue]) -> Identity:
    """Model, serial number and firmware out of what was asked."""
    described = read_text(values.get(mib.SYS_DESCR), 400) or ""
    ids = [_device_id(text) for text in _texts(values, _DEVICE_IDS, limit=2000)]
    return Identity(
        model=_first(_models(values, described, ids)),
        serial=_first(_serials(values, described, ids)),
        firmware=_first(_firmwares(values, described)),
    )


def _models(
    values: Mapping[str, SnmpValue], described: str, ids: list[dict[str, str]]
) -> Iterator[str | None]:
    yield from (_plain_model(text) for text in _texts(values, _MODELS))
    for fields in ids:
        named = (fields.get(key) for key in ("MDL", "MODEL", "DES", "DESCRIPTION"))
        yield _plain_model(next((text for text in named if text), ""))
    for oid, kind in values.items():
        if oid.startswith(mib.HR_DEVICE_TYPE + ".") and kind == mib.HR_DEVICE_PRINTER:
            index = oid.removeprefix(mib.HR_DEVICE_TYPE)
            text = read_name(values.get(mib.HR_DEVICE_DESCR + index))
            yield _plain_model(text) if text and not text.lower().startswith("generic") else None
    yield from (_plain_model(text) for text in _texts(values, (_ENTITY_MODEL,)))
    yield _described_model(described)


def _serials(
    values: Mapping[str, SnmpValue], described: str, ids: list[dict[str, str]]
) -> Iterator[str | None]:
    for oid, value in values.items():
        if oid.startswith(mib.PRT_SERIAL_NUMBER + "."):
            yield read_name(value)
    yield from _texts(values, (*_SERIALS, _ENTITY_SERIAL))
    for fields in ids:
        yield from (fields.get(key) for key in ("SN", "SERN", "SERIALNUMBER"))
    if found := _SERIAL_AFTER.search(described):
        yield read_name(found["serial"])


def _firmwares(values: Mapping[str, SnmpValue], described: str) -> Iterator[str | None]:
    for text in _texts(values, _FIRMWARES):
        found = re.search(r"(?i)\bver\.?\s*(\S+)", text)
        yield found[1] if found else text
    yield from _texts(values, (_ENTITY_FIRMWARE,))
    for pattern in (_SERVER, _VERSION):
        found = None if _NO_MODEL.match(described) else pattern.search(described)
        yield found["firmware"] if found else None


def _described_model(described: str) -> str | None:
    for pattern in (_SERVER, _PRODUCT):
        if found := pattern.search(described):
            return _plain_model(found["model"])
    if _NO_MODEL.match(described):
        return None
    return _plain_model(_TAIL.split(described, maxsplit=1)[0])


def _plain_model(text: str) -> str | None:
    """Without the maker's name in front and ``series`` behind; Dell and Sharp write theirs as part of the model."""
    named = _SERIES.sub("", _MAKERS.sub("", text.strip(" ;:,"))).strip()
    return read_name(named)


def _device_id(text: str) -> dict[str, str]:
    pairs = (part.split(":", 1) for part in text.split(";") if ":" in part)
    return {key.strip().upper(): value.strip() for key, value in pairs}


def _texts(values: Mapping[str, SnmpValue], oids: Iterable[str], limit: int = 120) -> Iterator[str]:
    for oid in oids:
        if text := read_name(values.get(oid), limit):
            yield text


def _first(texts: Iterable[str | None]) -> str | None:
    return next((text for text in texts if text), None)
