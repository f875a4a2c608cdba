"""Printers as a script meets them: created, polled, shown, over the API of a whole site."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event

from shopdb.outbound import AuthProtocol, PrivProtocol, SecurityLevel, SnmpUser
from shopdb.testing import ENGINES, Lie, Manner, Recording, SiteUnderTest, SnmpAgent
from shopdb_printers import mib

ENVIRON = {
    "SHOPDB_OUTBOUND_ALLOW": "127.0.0.0/8",
    "SHOPDB_PRINTERS_POLL_TIMEOUT_S": "0.5",
    "SHOPDB_PRINTERS_POLL_DEADLINE_S": "3",
}
SHOWN = {
    "model_reported",
    "serial_reported",
    "firmware",
    "state",
    "page_count",
    "polled_at",
    "supplies",
    "trays",
}
LEVEL = {"index", "kind", "description", "color", "capacity", "level", "percent", "coded"}


def device(serial: str = "SN-1001", level: int = 64) -> Recording:
    """A printer with one toner and one tray."""
    return Recording(
        {
            mib.SYS_DESCR: "Acme Press 9",
            f"{mib.PRT_SERIAL_NUMBER}.1": serial,
            f"{mib.LIFE_COUNT}.1.1": 4711,
            f"{mib.SUPPLY_TYPE}.1.1": 3,
            f"{mib.SUPPLY_DESCRIPTION}.1.1": "Black toner",
            f"{mib.SUPPLY_CAPACITY}.1.1": 100,
            f"{mib.SUPPLY_LEVEL}.1.1": level,
            f"{mib.INPUT_CAPACITY}.1.2": 500,
            f"{mib.INPUT_LEVEL}.1.2": -3,
            f"{mib.INPUT_NAME}.1.2": "Tray 1",
        }
    )


@pytest.fixture
def agent() -> Iterator[SnmpAgent]:
    with SnmpAgent({"press": device()}) as running:
        yield running


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return shopdb_site("printers", engine=request.param, environ=ENVIRON)


@pytest.fixture
def lite(shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return shopdb_site("printers", environ=ENVIRON)


def make(site: SiteUnderTest, agent: SnmpAgent, **values: Any) -> Any:
    """A printer in the database, answered for by the agent."""
    body = {
        "name": "Shipping",
        "host": "127.0.0.1",
        "snmp_port": agent.port,
        "snmp_community": "press",
        **values,
    }
    answer = site.post("printers", body)
    assert answer.status_code == 201, answer.text
    return answer.json


def poll(site: SiteUnderTest, id_: int) -> Any:
    answer = site.post(f"printers/{id_}/poll")
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_poll_answers_the_printer_with_all_that_it_said(site: SiteUnderTest, agent: SnmpAgent) -> None:
    polled = poll(site, make(site, agent)["id"])
    assert polled.keys() >= SHOWN
    assert polled["model_reported"] == "Acme Press 9"
    assert polled["page_count"] == 4711
    assert polled["supplies"] == [
        {
            "index": 1,
            "kind": "toner",
            "description": "Black toner",
            "color": "black",
            "capacity": 100,
            "level": 64,
            "percent": 64,
            "coded": None,
        }
    ]
    assert [set(tray) for tray in polled["trays"]] == [LEVEL]
    assert polled["trays"][0]["coded"] == "some_left"
    assert polled["last_error"] is None
    assert polled["polled_at"].endswith("Z")
    assert site.get(f"printers/{polled['id']}").json == polled


def test_the_community_is_written_and_never_read_back(lite: SiteUnderTest, agent: SnmpAgent) -> None:
    made = make(lite, agent, snmp_community="s3cret-words")
    assert made["snmp_community_set"] is True
    everything = [
        lite.get(path).text
        for path in (
            "printers",
            f"printers/{made['id']}",
            "printers/export?format=csv",
            f"printers/{made['id']}/history",
        )
    ]
    assert "s3cret" not in "".join([str(made), poll(lite, made["id"])["last_error"], *everything])
    assert lite.get("printers?snmp_community=s3cret-words").status_code == 422


def test_an_empty_serial_number_is_filled_and_recorded_as_a_change(
    site: SiteUnderTest, agent: SnmpAgent
) -> None:
    made = make(site, agent)
    polled = poll(site, made["id"])
    assert polled["serial_number"] == polled["serial_reported"] == "SN-1001"
    assert polled["version"] == made["version"] + 1


def test_readings_never_change_the_version(site: SiteUnderTest, agent: SnmpAgent) -> None:
    made = make(site, agent, serial_number="SN-1001")
    first = poll(site, made["id"])
    agent.devices["press"].set(f"{mib.SUPPLY_LEVEL}.1.1", 63)
    second = poll(site, made["id"])
    assert second["supplies"][0]["percent"] == 63
    assert first["version"] == second["version"] == made["version"]
    assert first["updated_at"] == second["updated_at"] == made["updated_at"]


@pytest.mark.parametrize("mine", ["OTHER-7", None], ids=["a different one", "one that is taken"])
def test_a_serial_number_that_differs_or_is_taken_stays_a_reading(
    site: SiteUnderTest, agent: SnmpAgent, mine: str | None
) -> None:
    make(site, agent, name="First", serial_number="sn-1001" if mine is None else None)
    made = make(site, agent, name="Second", serial_number=mine)
    polled = poll(site, made["id"])
    assert (polled["serial_number"], polled["serial_reported"]) == (mine, "SN-1001")
    assert polled["version"] == made["version"]
    assert polled["last_error"] is None


def test_a_printer_without_a_host_can_not_be_asked(site: SiteUnderTest) -> None:
    made = site.post("printers", {"name": "In a box"}).json
    answer = site.post(f"printers/{made['id']}/poll")
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert "host" in answer.json["errors"]
    assert site.post("printers/999999/poll").status_code == 404


def test_an_asset_of_the_type_without_a_row_of_its_own_can_not_be_asked_either(lite: SiteUnderTest) -> None:
    types = {each["slug"]: each["id"] for each in lite.get("asset-types?limit=100").json["items"]}
    bare = lite.post("assets", {"name": "Imported", "asset_type": types["printer"]}).json
    assert lite.get(f"printers/{bare['id']}").json["supplies"] == []
    assert lite.post(f"printers/{bare['id']}/poll").status_code == 422


@pytest.mark.parametrize("lie", list(Lie))
def test_a_printer_that_lies_or_is_silent_keeps_what_it_said_before(
    lite: SiteUnderTest, agent: SnmpAgent, lie: Lie
) -> None:
    made = make(lite, agent)
    before = poll(lite, made["id"])
    agent.manners["press"] = Manner(lie=lie)
    after = poll(lite, made["id"])
    assert after["supplies"] == before["supplies"]
    assert after["polled_at"] == before["polled_at"] < after["attempted_at"]
    assert after["last_error_at"] == after["attempted_at"]
    assert "127.0.0.1" in after["last_error"]
    assert after["state"] == "unreachable"
    agent.manners.clear()
    assert poll(lite, made["id"])["last_error"] is None


def test_a_printer_that_never_answered_says_why(site: SiteUnderTest, agent: SnmpAgent) -> None:
    polled = poll(site, make(site, agent, snmp_community="nobody")["id"])
    assert "did not answer SNMP v2c" in polled["last_error"]
    assert (polled["polled_at"], polled["supplies"], polled["trays"]) == (None, [], [])


def test_an_address_that_the_guard_refuses_is_told_with_the_remedy(
    shopdb_site: Callable[..., SiteUnderTest], agent: SnmpAgent
) -> None:
    site = shopdb_site("printers")
    polled = poll(site, make(site, agent)["id"])
    assert "SHOPDB_OUTBOUND_ALLOW=127.0.0.1/32" in polled["last_error"]
    assert not agent.requests


@pytest.mark.parametrize(
    "values",
    [
        {"host": "http://printer/"},
        {"host": "a b"},
        {"host": "-x.example"},
        {"host": "x" * 254},
        {"host": "p\0q"},
        {"snmp_port": 0},
        {"snmp_port": 65_536},
        {"snmp_port": "many"},
        {"snmp_version": "4"},
        {"snmp_username": "x" * 33},
        {"snmp_auth_password": "seven77"},
        {"snmp_priv_protocol": "ROT13"},
        {"snmp_community": "x" * 121},
        {"toner": 5},
    ],
    ids=lambda values: "-".join(values),
)
def test_wrong_values_are_refused_by_field(lite: SiteUnderTest, values: dict[str, Any]) -> None:
    answer = lite.post("printers", {"name": "Wrong", **values})
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == set(values)


def test_a_v3_printer_needs_its_user_and_keeps_its_passwords(lite: SiteUnderTest) -> None:
    answer = lite.post("printers", {"name": "Press", "snmp_version": "3"})
    assert set(answer.json["errors"]) == {"snmp_username", "snmp_security_level"}
    level = {"snmp_version": "3", "snmp_username": "reader", "snmp_security_level": "authNoPriv"}
    answer = lite.post("printers", {"name": "Press", **level})
    assert set(answer.json["errors"]) == {"snmp_auth_protocol", "snmp_auth_password"}
    signed = {**level, "snmp_auth_protocol": "SHA-256", "snmp_auth_password": "maplesyrup"}
    made = lite.post("printers", {"name": "Press", **signed}).json
    assert (made["snmp_auth_password_set"], made["snmp_priv_password_set"]) == (True, False)
    assert lite.patch(f"printers/{made['id']}", {"notes": "In the hall"}).status_code == 200
    answer = lite.patch(f"printers/{made['id']}", {"snmp_security_level": "authPriv"})
    assert set(answer.json["errors"]) == {"snmp_priv_protocol", "snmp_priv_password"}
    answer = lite.patch(f"printers/{made['id']}", {"snmp_auth_password": None})
    assert set(answer.json["errors"]) == {"snmp_auth_password"}


V3 = {
    "snmp_version": "3",
    "snmp_community": None,
    "snmp_username": "reader",
    "snmp_security_level": "authPriv",
    "snmp_auth_protocol": "SHA-256",
    "snmp_auth_password": "maplesyrup",
    "snmp_priv_protocol": "AES-128",
    "snmp_priv_password": "pancakes",
}


@pytest.fixture
def v3_agent() -> Iterator[SnmpAgent]:
    user = SnmpUser(
        *("reader", SecurityLevel.PRIV, AuthProtocol.SHA256, "maplesyrup", PrivProtocol.AES128, "pancakes")
    )
    devices = {"reader": device(), "reader@Jetdirect": device("SN-7", level=31)}
    with SnmpAgent(devices, users=[user]) as running:
        yield running


def test_a_v3_printer_is_polled_like_any_other(site: SiteUnderTest, v3_agent: SnmpAgent) -> None:
    polled = poll(site, make(site, v3_agent, **V3)["id"])
    assert (polled["last_error"], polled["model_reported"]) == (None, "Acme Press 9")
    assert polled["supplies"][0]["percent"] == 64


def test_a_context_of_a_v3_printer_is_asked_besides(lite: SiteUnderTest, v3_agent: SnmpAgent) -> None:
    polled = poll(lite, make(lite, v3_agent, **V3, snmp_context="Jetdirect")["id"])
    assert (polled["serial_reported"], polled["supplies"][0]["percent"]) == ("SN-7", 31)


def test_a_v3_printer_that_refuses_says_why_and_shows_no_secret(
    lite: SiteUnderTest, v3_agent: SnmpAgent
) -> None:
    made = make(lite, v3_agent, **V3)
    lite.patch(f"printers/{made['id']}", {"snmp_auth_password": "wrong-pass-1"})
    assert (
        "Check the authentication protocol and password. (wrongDigests)"
        in poll(lite, made["id"])["last_error"]
    )
    pages = [f"/printers/{made['id']}", f"/printers/{made['id']}/edit", f"/printers/{made['id']}/history"]
    told = [lite.signed_in().get(path).text for path in pages]
    told += [lite.get(path).text for path in ("printers", "printers/export?format=csv", "changes")]
    for secret in ("maplesyrup", "wrong-pass-1", "pancakes"):
        assert secret not in "".join(told)


@pytest.mark.parametrize("format_", ["csv", "json"])
def test_a_v3_printer_is_imported_with_its_passwords_and_exported_without(
    lite: SiteUnderTest, v3_agent: SnmpAgent, format_: str
) -> None:
    row = {"asset_tag": "P-7", "name": "Press", "host": "127.0.0.1", "snmp_port": v3_agent.port, **V3}
    del row["snmp_community"]
    lines = ",".join(row) + "\n" + ",".join(map(str, row.values())) + "\n"
    done = lite.call("POST", "printers/import", data=lines, headers={"Content-Type": "text/csv"})
    assert (done.status_code, done.json["created"]) == (200, 1), done.text
    id_ = lite.get("printers?asset_tag=P-7").json["items"][0]["id"]
    assert poll(lite, id_)["last_error"] is None
    sheet = lite.get(f"printers/export?format={format_}").text
    assert "snmp_security_level" in sheet
    assert "snmp_auth_password" not in sheet.replace("snmp_auth_password_set", "")
    again = lite.call(
        "POST", "printers/import", data=lines.replace("authPriv", ""), headers={"Content-Type": "text/csv"}
    )
    assert again.json["rejected"] == 1


@pytest.mark.parametrize(
    "host", ["10.2.0.17", "fd12::7", "printer-7", "printer_7.example.com", "drucker-größe.example"]
)
def test_host_names_and_addresses_are_taken(lite: SiteUnderTest, host: str) -> None:
    assert lite.post("printers", {"name": "Right", "host": host}).json["host"] == host


def test_reading_an_item_takes_three_statements_and_a_list_four(
    site: SiteUnderTest, agent: SnmpAgent
) -> None:
    ids = [make(site, agent, name=f"P{n}", asset_tag=f"P{n}")["id"] for n in range(12)]
    poll(site, ids[0])
    site.get("printers")
    assert _statements(site, f"printers/{ids[0]}") <= 3
    assert _statements(site, "printers?limit=50") <= 4


def _statements(site: SiteUnderTest, path: str) -> int:
    told: list[str] = []

    def tell(*arguments: Any) -> None:
        told.append(arguments[2])

    event.listen(site.runtime.database.engine, "before_cursor_execute", tell)
    try:
        assert site.get(path).status_code == 200
    finally:
        event.remove(site.runtime.database.engine, "before_cursor_execute", tell)
    return len([each for each in told if each.lstrip().upper().startswith("SELECT")])


def test_the_page_tells_state_supplies_and_what_went_wrong(lite: SiteUnderTest, agent: SnmpAgent) -> None:
    made = make(lite, agent)
    poll(lite, made["id"])
    browser = lite.signed_in()
    page = browser.get(f"/printers/{made['id']}").get_data(as_text=True)
    for text in ("Black toner", "64 %", "Some left", f"/printers/{made['id']}/levels", "4\u202f711"):
        assert text in page
    agent.manners["press"] = Manner(lie=Lie.DEAD)
    poll(lite, made["id"])
    page = browser.get(f"/printers/{made['id']}").get_data(as_text=True)
    for text in ("Not answering", "did not answer SNMP v2c", "Black toner"):
        assert text in page


def test_the_levels_over_time_are_json_for_those_who_may_see_the_printer(
    lite: SiteUnderTest, agent: SnmpAgent
) -> None:
    made = make(lite, agent)
    poll(lite, made["id"])
    path = f"/printers/{made['id']}/levels"
    (series,) = lite.signed_in().get(path).json["series"]
    assert (series["label"], series["color"]) == ("Black toner", "black")
    assert [percent for _, percent in series["points"]] == [64]
    assert lite.client().get(path).status_code in (302, 303, 401)
    assert lite.signed_in().get("/printers/99999/levels").status_code == 404


def test_a_printer_is_deleted_with_all_its_readings(site: SiteUnderTest, agent: SnmpAgent) -> None:
    made = make(site, agent)
    poll(site, made["id"])
    assert site.delete(f"printers/{made['id']}").status_code == 204
    assert site.get(f"printers/{made['id']}").status_code == 404


def test_readings_are_described_in_the_api_document(lite: SiteUnderTest) -> None:
    document = lite.client().get("/api/openapi.json").json
    assert "/api/v1/printers/{id}/poll" in document["paths"]
    assert "lowest_supply" in str(document)
