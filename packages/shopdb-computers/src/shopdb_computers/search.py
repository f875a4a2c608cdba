"""Where else the search box looks: computers by what is installed on them, and by a MAC in any notation."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shopdb.plugins import SearchHit, SearchSource, SearchTerm
from shopdb.services import table_of
from shopdb_computers.models import Application, Computer


def find_by_software(session: Session, term: SearchTerm, limit: int) -> list[SearchHit]:
    """The computers that have an application of which name, publisher and version hold every word."""
    assets = table_of("assets")
    told = func.lower(
        Application.name
        + " "
        + func.coalesce(Application.publisher, "")
        + " "
        + func.coalesce(Application.app_version, "")
    )
    statement = (
        select(assets.c.id, assets.c.name, assets.c.asset_tag, Application.name, Application.app_version)
        .join_from(Application, assets, assets.c.id == Application.computer_id)
        .where(*(told.contains(word, autoescape=True) for word in term.words))
        .order_by(Application.name, assets.c.name, Application.id)
        .limit(limit)
    )
    return [
        SearchHit(
            title=name or tag,
            resource="computers",
            item_id=id_,
            detail=" ".join(part for part in ("Has", software, version) if part),
            is_exact=term.is_exact(software),
        )
        for id_, name, tag, software, version in session.execute(statement)
    ]


def find_by_mac(session: Session, term: SearchTerm, limit: int) -> list[SearchHit]:
    """The computers that have a MAC, or one that holds the bytes that were typed."""
    if term.mac is None:
        return []
    assets = table_of("assets")
    statement = (
        select(assets.c.id, assets.c.name, assets.c.asset_tag, Computer.macs)
        .join_from(Computer, assets, assets.c.id == Computer.asset_id)
        .where(Computer.macs.contains(term.mac, autoescape=True))
        .order_by(assets.c.id)
        .limit(limit)
    )
    return [
        SearchHit(
            title=name or tag, resource="computers", item_id=id_, detail=macs, is_exact=term.is_whole_mac
        )
        for id_, name, tag, macs in session.execute(statement)
    ]


SOURCES = [
    SearchSource(
        name="computers.software",
        title="Computers by installed software",
        permission="computers.applications.view",
        find=find_by_software,
        icon="apps",
    ),
    SearchSource(
        name="computers.macs",
        title="Computers by MAC address",
        permission="computers.computers.view",
        find=find_by_mac,
        icon="network",
    ),
]
