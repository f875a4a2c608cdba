"""What of the computers needs somebody now, on the start page."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from shopdb.plugins import Card, CardLine
from shopdb.services import table_of
from shopdb_computers.models import EXCEPTIONS, AllowedException, Computer
from shopdb_computers.panel import SEES_COMPUTERS
from shopdb_computers.services import CONTROLS, os_text, read_rules
from shopdb_computers.standing import Rules

SHOWN = 10
LISTED = 300
"""So many computers one address names; a longer list is cut there."""

_assets = table_of("assets")
_statuses = table_of("statuses")
_relations = table_of("relationships")
_name = func.coalesce(_assets.c.name, _assets.c.asset_tag, "").label("name")
_is_there = exists().where(_statuses.c.id == _assets.c.status_id, _statuses.c.kind != "archived")
_drives = exists().where(_relations.c.source_id == _assets.c.id, _relations.c.kind == CONTROLS)


def list_cards(session: Session) -> list[Card]:
    """Support that has ended, images that are missing or old, computers nobody has seen, exceptions that ran out."""
    rules = read_rules(session)
    return [
        _out_of_support(session, rules),
        _old_images(session, rules),
        _run_out(session, rules),
        _stale(session, rules),
    ]


def _out_of_support(session: Session, rules: Rules) -> Card:
    ended = Computer.os_support_ends < rules.today
    is_excused = _excused("old_os", rules)
    rows, count = _find(session, and_(ended, _drives, ~is_excused), order=Computer.os_support_ends)
    lines = [
        CardLine(
            text=f"{row.name}: {os_text(row._asdict())}",
            url=f"/computers/{row.id}",
            tone="danger",
            note=f"support ended {row.os_support_ends}",
        )
        for row in rows[:SHOWN]
    ]
    return Card(
        title="Out of support and driving a machine",
        permission=SEES_COMPUTERS,
        lines=lines,
        count=count,
        url=_list_of(rows, sort="os_support_ends"),
        icon="shield-x",
        order=32,
    )


def _old_images(session: Session, rules: Rules) -> Card:
    is_asked_for = or_(Computer.backup_interval_days.is_not(None), _drives)
    is_excused = _excused("no_image", rules)
    is_old = or_(
        Computer.image_due_at < rules.at,
        and_(Computer.image_due_at.is_(None), Computer.last_image_at < rules.image_before, _drives),
    )
    is_missing = and_(Computer.last_image_at.is_(None), is_asked_for, ~is_excused)
    rows, count = _find(session, or_(is_old, is_missing), order=Computer.last_image_at)
    lines = [
        CardLine(
            text=row.name,
            url=f"/computers/{row.id}",
            tone="danger" if row.last_image_at is None else "warning",
            note="never imaged" if row.last_image_at is None else "",
            at=row.last_image_at,
        )
        for row in rows[:SHOWN]
    ]
    return Card(
        title="Images missing or too old",
        permission=SEES_COMPUTERS,
        lines=lines,
        count=count,
        url=_list_of(rows, sort="last_image_at"),
        icon="device-floppy",
        order=34,
    )


def _stale(session: Session, rules: Rules) -> Card:
    rows, count = _find(session, Computer.last_seen_at < rules.stale_before, order=Computer.last_seen_at)
    lines = [CardLine(text=row.name, url=f"/computers/{row.id}", at=row.last_seen_at) for row in rows[:SHOWN]]
    before = rules.stale_before.isoformat(timespec="seconds")
    return Card(
        title=f"Computers not seen for {rules.stale_days} days",
        permission=SEES_COMPUTERS,
        lines=lines,
        count=count,
        url=f"/computers?{urlencode({'last_seen_at__lt': before, 'sort': 'last_seen_at'})}",
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
        .where(AllowedException.allowed_until < rules.today, _is_there, ~is_renewed)
        .order_by(AllowedException.allowed_until, AllowedException.id)
        .limit(LISTED)
    )
    rows = session.execute(statement).all()
    lines = [
        CardLine(
            text=f"{row.name}: {EXCEPTIONS.get(row.kind, row.kind)}",
            url=f"/computers/exceptions/{row.id}",
            tone="warning",
            note=f"allowed until {row.allowed_until}",
        )
        for row in rows[:SHOWN]
    ]
    query = {"allowed_until__lt": str(rules.today), "sort": "allowed_until"}
    return Card(
        title="Exceptions that have run out",
        permission="computers.exceptions.view",
        lines=lines,
        count=len(rows),
        url=f"/computers/exceptions?{urlencode(query)}",
        icon="shield-exclamation",
        order=36,
    )


def _excused(kind: str, rules: Rules) -> ColumnElement[bool]:
    return exists().where(
        AllowedException.computer_id == _assets.c.id,
        AllowedException.kind == kind,
        AllowedException.allowed_until >= rules.today,
    )


def _find(session: Session, condition: ColumnElement[bool], *, order: Any) -> tuple[Sequence[Row[Any]], int]:
    """The computers in use of which the condition holds, those without a value to order by first; how many."""
    types = table_of("asset-types")
    columns = ("os_name", "os_edition", "os_version", "os_support_ends", "last_image_at", "last_seen_at")
    statement = (
        select(_assets.c.id, _name, *(getattr(Computer, name) for name in columns))
        .join_from(_assets, types, types.c.id == _assets.c.asset_type_id)
        .outerjoin(Computer, Computer.asset_id == _assets.c.id)
        .where(types.c.slug == "computer", _is_there, condition)
        .order_by(order.is_not(None), order, _assets.c.id)
    )
    rows = session.execute(statement.limit(LISTED)).all()
    if len(rows) < LISTED:
        return rows, len(rows)
    counted = select(func.count()).select_from(statement.order_by(None).subquery())
    return rows, session.scalar(counted) or 0


def _list_of(rows: Sequence[Row[Any]], *, sort: str) -> str:
    ids = ",".join(str(row.id) for row in rows)
    return f"/computers?{urlencode({'id__in': ids, 'sort': sort})}"
