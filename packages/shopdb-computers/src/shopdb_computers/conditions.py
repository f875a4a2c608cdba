"""How computers stand, as conditions on their tables: lists and cards ask the database what pages judge one by one."""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import Session

from shopdb.services import table_of
from shopdb_computers.models import AllowedException, Computer
from shopdb_computers.services import CONTROLS, read_rules
from shopdb_computers.standing import Rules

_assets = table_of("assets")
_relations = table_of("relationships")
_drives = exists().where(_relations.c.source_id == _assets.c.id, _relations.c.kind == CONTROLS)


def has_support(session: Session, state: str) -> ColumnElement[bool]:
    """The computers whose operating system's support stands so: a key of `SUPPORT`."""
    rules = read_rules(session)
    ends, soon = Computer.os_support_ends, rules.today + timedelta(days=rules.support_warning_days)
    excused = _excused("old_os", rules)
    return {
        "supported": ends > soon,
        "ends_soon": ends.between(rules.today, soon),
        "ended": and_(ends < rules.today, ~excused),
        "allowed": and_(ends < rules.today, excused),
        "unknown": ends.is_(None),
    }[state]


def has_image(session: Session, state: str) -> ColumnElement[bool]:
    """The computers whose image stands so: a key of `IMAGE`."""
    rules = read_rules(session)
    made, due = Computer.last_image_at, Computer.image_due_at
    excused = _excused("no_image", rules)
    is_missing = and_(made.is_(None), or_(Computer.backup_interval_days.is_not(None), _drives))
    is_late = or_(
        and_(due.is_not(None), due < rules.at),
        and_(due.is_(None), made.is_not(None), made < rules.image_before, _drives),
    )
    return {
        "fresh": and_(made.is_not(None), ~is_late),
        "late": is_late,
        "never": and_(is_missing, ~excused),
        "allowed": and_(is_missing, excused),
    }[state]


def has_duty(session: Session, duty: str) -> ColumnElement[bool]:
    """The computers that drive a machine, or those that drive none: a key of `DUTY`."""
    return {"machine": _drives, "none": ~_drives}[duty]


def _excused(kind: str, rules: Rules) -> ColumnElement[bool]:
    return exists().where(
        AllowedException.computer_id == _assets.c.id,
        AllowedException.kind == kind,
        AllowedException.allowed_until >= rules.today,
    )
