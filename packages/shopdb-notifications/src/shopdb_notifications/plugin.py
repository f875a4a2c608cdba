"""What notifications bring to ShopDB."""

from typing import Any

from sqlalchemy.orm import Session

from shopdb.plugins import Card, Change, Demo, Job, Notice, Panel, Resource, Setting, Viewer, Views, hookimpl
from shopdb_notifications import banner, board, bulletin, delivery, demo, rule
from shopdb_notifications.board_panel import board_panel
from shopdb_notifications.resources import RESOURCES
from shopdb_notifications.settings import SETTINGS


@hookimpl
def shopdb_register_resources() -> list[Resource]:
    """Bulletins; channels, rules and what they have sent."""
    return list(RESOURCES)


@hookimpl
def shopdb_register_settings() -> list[Setting]:
    """The mail server, and how long and how often is tried."""
    return SETTINGS


@hookimpl
def shopdb_register_jobs() -> list[Job]:
    """Send what is due; forget what was sent long ago."""
    return [
        Job(name="notifications.send", run=delivery.send_due, every_s="send_interval_s", deadline_s=600),
        Job(name="notifications.prune", run=delivery.prune, every_s=86_400),
    ]


@hookimpl
def shopdb_register_views() -> list[Views]:
    """Where “Got it” leads."""
    from shopdb_notifications import web  # Flask is for the server alone

    return [web.views()]


@hookimpl
def shopdb_add_notices(
    resource: str | None, item: dict[str, Any] | None, viewer: Viewer, session: Session
) -> list[Notice]:
    """The bulletins that concern the page."""
    return banner.list_notices(session, bulletin.find_whereabouts(resource, item), viewer)


@hookimpl
def shopdb_add_cards(session: Session) -> list[Card]:
    """Bulletins that are shown now or begin within a day."""
    lines = bulletin.list_current(session)
    return [
        Card(
            title="Bulletins",
            permission=bulletin.VIEW,
            lines=lines,
            url="/notifications?state=shown",
            icon="speakerphone",
            order=10,
        )
    ]


@hookimpl
def shopdb_add_panels(resource: str, item: dict[str, Any], session: Session) -> list[Panel]:
    """Who has acknowledged a bulletin, and who has not; what a board can show."""
    if resource == board.RESOURCE:
        return [board_panel(session, item)]
    return banner.list_panels(session, item) if resource == bulletin.RESOURCE else []


@hookimpl
def shopdb_on_item_changed(change: Change, session: Session) -> None:
    """Queue what the rules tell of a change."""
    rule.queue(session, change)


@hookimpl
def shopdb_register_demos() -> list[Demo]:
    """Three bulletins, a board, and a rule that is off."""
    return [demo.DEMO]
