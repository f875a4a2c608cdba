"""Core's own cards on the start page: what is out of order, and whose warranty ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from shopdb import clock
from shopdb.models import Asset, Status
from shopdb.plugins.values import Card, CardLine, Tone

WARRANTY_DAYS = 60
SHOWN = 10
PERMISSION = "core.assets.view"


def list_cards(session: Session) -> list[Card]:
    """Both cards; one with nothing to say has no lines."""
    return [_broken(session), _warranties(session)]


def _broken(session: Session) -> Card:
    statuses = select(Status.id, Status.name).where(Status.kind == "undeployable")
    names = {id_: name for id_, name in session.connection().execute(statuses)}
    where = Asset.__table__.c.status_id.in_(names)
    order = Asset.__table__.c.updated_at.desc()
    rows, count = _assets(session, where, order, Asset.__table__.c.status_id) if names else ([], 0)
    lines = [_line(id_, name, "warning", names[status]) for id_, name, status in rows]
    url = _list(status__in=",".join(str(id_) for id_ in sorted(names)))
    return Card(title="Out of order", permission=PERMISSION, lines=lines, count=count, url=url, order=50)


def _warranties(session: Session) -> Card:
    today = clock.now().date()
    last = today + timedelta(days=WARRANTY_DAYS)
    ends = Asset.__table__.c.warranty_end
    rows, count = _assets(session, ends.between(today, last), ends, ends)
    lines = [_line(id_, name, "notice", f"{end:%Y-%m-%d}") for id_, name, end in rows]
    return Card(
        title="Warranty ends soon",
        permission=PERMISSION,
        lines=lines,
        count=count,
        url=_list(warranty_end__gte=str(today), warranty_end__lte=str(last), sort="warranty_end"),
        icon="calendar-due",
        order=60,
    )


def _assets(
    session: Session, where: ColumnElement[bool], order: ColumnElement[Any], told: ColumnElement[Any]
) -> tuple[list[tuple[int, str, Any]], int]:
    """The first of the assets as (id, name, told), and how many there are."""
    assets = Asset.__table__
    name = func.coalesce(assets.c.name, assets.c.asset_tag, "")
    statement = select(assets.c.id, name, told).where(where).order_by(order, assets.c.id).limit(SHOWN)
    rows = [(id_, text, value) for id_, text, value in session.connection().execute(statement)]
    if len(rows) < SHOWN:
        return rows, len(rows)
    count = session.connection().execute(select(func.count()).select_from(assets).where(where)).scalar_one()
    return rows, count


def _line(asset_id: int, name: str, tone: Tone, note: str) -> CardLine:
    return CardLine(text=name or f"Asset {asset_id}", url=f"/assets/{asset_id}", tone=tone, note=note)


def _list(**parameters: str) -> str:
    return f"/assets?{urlencode(parameters)}"
