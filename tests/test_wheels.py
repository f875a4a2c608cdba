"""The wheels together, from a clean environment: a site grows, loses a wheel, and gets it back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from serving_site import ServedSite
from wheel_site import PASSWORD, CleanEnvironment

from shopdb.testing import Recording, SnmpAgent

MARKER = "1.3.6.1.2.1.43.11.1.1"
DEVICE = {
    "1.3.6.1.2.1.1.1.0": "Acme LaserWriter 9",
    "1.3.6.1.2.1.25.3.2.1.2.1": "",
    "1.3.6.1.2.1.25.3.2.1.3.1": "Acme LaserWriter 9",
    "1.3.6.1.2.1.43.5.1.1.17.1": "SN-4711",
    f"{MARKER}.4.1.1": 3,
    f"{MARKER}.5.1.1": 3,
    f"{MARKER}.6.1.1": "Black toner",
    f"{MARKER}.8.1.1": 2000,
    f"{MARKER}.9.1.1": 1500,
    f"{MARKER}.4.1.2": 3,
    f"{MARKER}.5.1.2": 3,
    f"{MARKER}.6.1.2": "Cyan toner",
    f"{MARKER}.8.1.2": 2000,
    f"{MARKER}.9.1.2": -3,
}


def new_site(environment: CleanEnvironment, folder: Path) -> Path:
    environment.shopdb("init", folder, "--name", "Plant 7", environ={"SHOPDB_ADMIN_PASSWORD": PASSWORD})
    with (folder / ".env").open("a", encoding="utf-8") as file:
        file.write("SHOPDB_OUTBOUND_ALLOW=127.0.0.0/8\n")
    return folder


def served(environment: CleanEnvironment, site_dir: Path) -> ServedSite:
    return ServedSite(site_dir, "--workers", "1", python=environment.bin / "python")


def create_printer(site: ServedSite, token: str, port: int) -> dict[str, Any]:
    values = {"name": "Office", "host": "127.0.0.1", "snmp_port": port, "snmp_version": "2c"}
    body = {**values, "snmp_community": "public", "asset_tag": "P-1"}
    status, printer = site.ask("/api/v1/printers", method="POST", body=body, token=token)
    assert status == 201, printer
    return dict(printer)


def check_live(site: ServedSite, token: str, printer_id: int) -> None:
    """Poll, and see what the recording says."""
    status, polled = site.ask(f"/api/v1/printers/{printer_id}/poll", method="POST", body={}, token=token)
    assert status == 200, polled
    shown = [(s["description"], s["percent"], s["coded"]) for s in polled["supplies"]]
    assert shown == [("Black toner", 75, None), ("Cyan toner", None, "some_left")]
    assert polled["serial_number"] == "SN-4711"
    assert polled["polled_at"]


def create_stick(site: ServedSite, token: str) -> None:
    values = {"name": "Stick 1", "vid": "0951", "pid": "1666", "serial_number": "U-1"}
    status, stick = site.ask("/api/v1/usb/devices", method="POST", body=values, token=token)
    assert status == 201, stick


def check_orphaned(environment: CleanEnvironment, site_dir: Path, printer_id: int) -> None:
    """With the wheel gone: listed, exported and deletable as assets; the other plugin works."""
    assert environment.states(site_dir) == {"printers": "orphaned", "usb": "active"}
    exported = environment.shopdb("--site", site_dir, "export", "assets", "--format", "json")
    assert {"P-1", "P-2"} <= {row["asset_tag"] for row in json.loads(exported)}
    with served(environment, site_dir) as site:
        token = site.sign_in("admin", PASSWORD)
        assert site.ask("/readyz")[1]["plugins"]["printers"] == "orphaned"
        assert site.ask("/api/v1/printers", token=token)[0] == 404
        assert site.ask("/api/v1/usb/devices", token=token)[0] == 200
        listed = site.ask("/api/v1/assets?limit=100", token=token)[1]["items"]
        tags = {item["asset_tag"]: item for item in listed}
        assert tags["P-1"]["id"] == printer_id
        doomed = tags["P-2"]
        etag = f'"{doomed["id"]}-{doomed["version"]}"'
        path = f"/api/v1/assets/{doomed['id']}"
        assert site.ask(path, method="DELETE", token=token, etag=etag)[0] == 204


def test_a_site_grows_by_wheels_loses_one_and_gets_it_back(
    environment: CleanEnvironment, tmp_path: Path
) -> None:
    environment.install("shopdb-core", "shopdb-printers")
    site_dir = new_site(environment, tmp_path / "site")
    assert environment.states(site_dir) == {"printers": "available"}
    environment.shopdb("--site", site_dir, "plugin", "install", "printers")
    with SnmpAgent({"public": recording()}) as agent:
        with served(environment, site_dir) as site:
            token = site.sign_in("admin", PASSWORD)
            printer = create_printer(site, token, agent.port)
            check_live(site, token, printer["id"])
            second = {"name": "Spare", "asset_tag": "P-2"}
            assert site.ask("/api/v1/printers", method="POST", body=second, token=token)[0] == 201

        environment.install("shopdb-usb")
        environment.shopdb("--site", site_dir, "plugin", "install", "usb")
        with served(environment, site_dir) as site:
            token = site.sign_in("admin", PASSWORD)
            assert site.ask("/readyz")[1]["plugins"] == {"printers": "active", "usb": "active"}
            create_stick(site, token)
            before = site.ask(f"/api/v1/printers/{printer['id']}", token=token)[1]

        environment.uninstall("shopdb-printers")
        check_orphaned(environment, site_dir, printer["id"])

        environment.install("shopdb-printers")
        assert environment.states(site_dir) == {"printers": "active", "usb": "active"}
        with served(environment, site_dir) as site:
            token = site.sign_in("admin", PASSWORD)
            after = site.ask(f"/api/v1/printers/{printer['id']}", token=token)[1]
            lasting = ("host", "snmp_port", "serial_number", "model_reported", "version", "created_at")
            assert {key: after[key] for key in lasting} == {key: before[key] for key in lasting}
            assert len(site.ask("/api/v1/printers", token=token)[1]["items"]) == 1
            check_live(site, token, printer["id"])


def recording() -> Recording:
    """A printer with one level that is known and one that is told as a code."""
    made = Recording()
    for oid, value in DEVICE.items():
        if value == "":
            made.set(oid, "1.3.6.1.2.1.25.3.1.5", tag=0x06)  # hrDevicePrinter, RFC 2790
        else:
            made.set(oid, value)
    return made


def test_the_demo_runs_from_wheels_with_every_plugin(environment: CleanEnvironment, tmp_path: Path) -> None:
    environment.install("shopdb-core", "shopdb-printers", "shopdb-usb")
    environment.shopdb("demo", "--dir", tmp_path / "demo", "--no-serve")
    assert environment.states(tmp_path / "demo") == {"printers": "active", "usb": "active"}
    for resource, least in (("assets", 30), ("printers", 5), ("usb/devices", 3)):
        exported = environment.shopdb("--site", tmp_path / "demo", "export", resource, "--format", "json")
        assert len(json.loads(exported)) >= least, resource
