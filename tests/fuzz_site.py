"""The same filled site on each engine, and what the generated requests may aim at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, inspect, text

from shopdb.demo_data import seed_core
from shopdb.plugins.discovery import find_plugins
from shopdb.testing import SiteUnderTest

ENGINES = ("sqlite", "postgresql", "mariadb")
FIRST_NEW_ID = 1_000_000
"""What is made from here on gets ids that no request guesses: engines differ in how many they skip."""


@dataclass(frozen=True)
class Filled:
    """One site, with who may be aimed at by id."""

    site: SiteUnderTest
    ids: Mapping[str, list[int]]
    token: str
    spared: tuple[str, ...]
    """Paths below ``/api/v1/`` that no request may begin with: the user and the token that ask."""


def fill(make_site: Callable[..., SiteUnderTest], engine: str) -> Filled:
    """A site with every plugin and the demo's data."""
    site = make_site(*sorted(found.name for found in find_plugins(None)), engine=engine)
    runtime = site.runtime
    with runtime.database.write() as session:
        seed_core(session)
    for plugin, demo in runtime.plugins.demos():
        if demo.seed is not None:
            demo.seed(runtime.context_of(plugin))
    site.post("roles", {"name": "Aimed at", "permissions": ["core.assets.view"]})
    for name in ("aimed", "aimed2"):
        site.post("users", {"username": name, "password": "correct horse 9", "roles": []})
    token = site.post("tokens", {"name": "asks"}).get_json()
    site.post("tokens", {"name": "aimed at"})
    names = [*(compiled.name for compiled in runtime.registry), "tokens"]
    ids = {name: _ids(site, name) for name in names}
    ids["users"].remove(1)  # who asks must stay
    ids["tokens"].remove(token["id"])
    with runtime.database.engine.begin() as connection:
        _leave_a_gap(connection)
    return Filled(site, ids, str(token["token"]), ("users/1/", f"tokens/{token['id']}/"))


def _ids(site: SiteUnderTest, resource: str) -> list[int]:
    answer = site.get(f"{resource}?limit=40")
    assert answer.status_code == 200, (resource, answer.text)
    return [item["id"] for item in answer.get_json()["items"]]


def _leave_a_gap(connection: Connection) -> None:
    """Let the next id of each table be `FIRST_NEW_ID`."""
    keyed = [
        table
        for table in inspect(connection).get_table_names()
        if any(column["name"] == "id" for column in inspect(connection).get_columns(table))
    ]
    for table in keyed:
        if connection.dialect.name == "sqlite":
            row = {"seq": FIRST_NEW_ID, "name": table}
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), row)
            connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"), row)
        elif connection.dialect.name == "postgresql":
            sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table})
            if sequence is not None:
                connection.execute(
                    text("SELECT setval(:seq, :value)"), {"seq": sequence, "value": FIRST_NEW_ID}
                )
        else:
            connection.execute(text(f"ALTER TABLE {table} AUTO_INCREMENT = {FIRST_NEW_ID}"))


def headers_of(filled: Filled, etag: str | None) -> dict[str, Any]:
    """Who asks, and the version that was read."""
    headers = {"Authorization": f"Bearer {filled.token}"}
    return headers | ({"If-Match": etag} if etag else {})
