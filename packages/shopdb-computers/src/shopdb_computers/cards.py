"""What of the computers needs somebody now, on the start page."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from shopdb.plugins import Card, CardLine
from shopdb.services import table_of
from shopdb_computers.conditions import has_duty, has_image, has_support
from shopdb_computers.models import EXCEPTIONS, AllowedException, Computer
from shopdb_computers.panel import SEES_COMPUTERS
from shopdb_computers.services import os_text, read_rules
from shopdb_computers.standing import Rules

SHOWN = 10

_assets = table_of("assets")
_statuses = table_of("statuses")
_name = func.coalesce(_assets.c.name, _assets.c.asset_tag, "").label("name")


def list_cards(session: Session) -> list[Card]:
    """Support that has ended, images that are missing or old, exceptions that ran out, computers nobody has seen."""
    rules = read_rules(session)
    return [
        _out_of_support(session),
        _old_images(session),
        _run_out(session, rules),
        _stale(session, rules),
    ]


def _out_of_support(session: Session) -> Card:
    condition = and_(has_support(session, "ended"), has_duty(session, "machine"))
    rows, count = _find(session, condition, order=Computer.os_support_ends)
    lines = [
        CardLine(
            text=f"{row.name}: {os_text(row._asdict())}",
            url=f"/computers/{row.id}",
            tone="danger",
            note=f"ended {row.os_support_ends}",
        )
        for row in rows
    ]
    return Card(
        title="Out of support on machines",
        permission=SEES_COMPUTERS,
        lines=lines,
        count=count,
        url=_list(session, os_support__in="ended", duty__in="machine", sort="os_support_ends"),
        icon="shield-x",
        order=32,
    )


def _old_images(session: Session) -> Card:
    condition = or_(has_image(session, "never"), has_image(session, "late"))
    rows, count = _find(session, condition, order=Computer.last_image_at)
    lines = [
        CardLine(
            text=row.name,
            url=f"/computers/{row.id}",
            tone="danger" if row.last_image_at is None else "warning",
            note="never imaged" if row.last_image_at is None else "",
            at=row.last_image_at,
        )
        for row in rows
    ]
    return Card(
        title="Images missing or too old",
        permission=SEES_COMPUTERS,
        lines=lines,
        count=count,
        url=_list(session, image__in="never,late", sort="last_image_at"),
        icon="device-floppy",
        order=34,
    )


def _stale(session: Session, rules: Rules) -> Card:
    rows, count = _find(session, Computer.last_seen_at < rules.stale_before, order=Computer.last_seen_at)
    before = rules.stale_before.isoformat(timespec="seconds")
    return Card(
        title=f"Computers not seen for {rules.stale_days} days",
        permission=SEES_COMPUTERS,
        lines=[CardLine(text=row.name, url=f"/computers/{row.id}", at=row.last_seen_at) for row in rows],
        count=count,
        url=_list(session, last_seen_at__lt=before, sort="last_seen_at"),
        icon="eye-off",
        order=38,
    )


def _run_out(session: Session, rules: Rules) -> Card:
    """Exceptions whose day is past, where no other of the same kind holds for the computer."""
    other = aliased(AllowedException)
    is_renewed = exists().where(
        other.computer_id == AllowedException.computer_id,
        other.kind == AllowedException.kind,
        other.allowed_until >= rules.today,
    )
    statement = (
        select(AllowedException.id, _name, AllowedException.kind, AllowedException.allowed_until)
        .join_from(AllowedException, _assets, _assets.c.id == AllowedException.computer_id)
        .join(_statuses, _statuses.c.id == _assets.c.status_id)
        .where(AllowedException.allowed_until < rules.today, _statuses.c.kind != "archived", ~is_renewed)
    )
    rows, count = _page(session, statement, AllowedException.allowed_until, AllowedException.id)
    lines = [
        CardLine(
            text=f"{row.name}: {EXCEPTIONS.get(row.kind, row.kind)}",
            url=f"/computers/exceptions/{row.id}",
            tone="warning",
            note=f"allowed until {row.allowed_until}",
        )
        for row in rows
    ]
    query = {"allowed_until__lt": str(rules.today), "sort": "allowed_until"}
    return Card(
        title="Exceptions that have run out",
        permission="computers.exceptions.view",
        lines=lines,
        count=count,
        url=f"/computers/exceptions?{urlencode(query)}",
        icon="shield-exclamation",
        order=36,
    )


def _find(session: Session, condition: ColumnElement[bool], *, order: Any) -> tuple[Sequence[Row[Any]], int]:
    """The first computers in use of which the condition holds, and how many there are.

    Those without a value to order by stand first.
    """
    types = table_of("asset-types")
    columns = ("os_name", "os_edition", "os_version", "os_support_ends", "last_image_at", "last_seen_at")
    statement = (
        select(_assets.c.id, _name, *(getattr(Computer, name) for name in columns))
        .join_from(_assets, types, types.c.id == _assets.c.asset_type_id)
        .join(_statuses, _statuses.c.id == _assets.c.status_id)
        .outerjoin(Computer, Computer.asset_id == _assets.c.id)
        .where(types.c.slug == "computer", _statuses.c.kind != "archived", condition)
    )
    return _page(session, statement, order.is_not(None), order, _assets.c.id)


def _page(session: Session, statement: Any, *order: Any) -> tuple[Sequence[Row[Any]], int]:
    rows = session.execute(statement.order_by(*order).limit(SHOWN)).all()
    if len(rows) < SHOWN:
        return rows, len(rows)
    return rows, session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def _list(session: Session, **parameters: str) -> str:
    """The list of computers in use that the parameters leave."""
    in_use = select(_statuses.c.id).where(_statuses.c.kind != "archived").order_by(_statuses.c.id)
    ids = ",".join(str(id_) for id_ in session.scalars(in_use))
    return f"/computers?{urlencode({**parameters, 'status__in': ids})}"
