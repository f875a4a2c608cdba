"""What notifications bring to ShopDB."""

from typing import Any

from sqlalchemy.orm import Session

from shopdb.plugins import (
    Action,
    Badge,
    Card,
    Extra,
    Notice,
    Panel,
    Resource,
    Viewer,
    Views,
    hookimpl,
)
from shopdb_notifications import banner, bulletin
from shopdb_notifications.models import Bulletin

_BULLETINS = Resource(
    name="notifications",
    title="Bulletins",
    title_one="Bulletin",
    model=Bulletin,
    label="title",
    default_sort="-starts_at",
    actions=(
        Action(
            name="end",
            title="End now",
            run=bulletin.end_now,
            icon="player-stop",
            shown_when=bulletin.is_shown,
        ),
    ),
    extra=Extra(
        load=bulletin.load_states,
        schema={
            "state": {"enum": ["coming", "shown", "ended"], "title": "Whether it is shown"},
            "acknowledged": {"type": "integer", "title": "How many have acknowledged it as it is now"},
        },
        empty={"state": "coming", "acknowledged": 0},
        listed={"state": "State", "acknowledged": "Got it"},
        badges={
            "state": {
                "coming": Badge("Coming", "notice"),
                "shown": Badge("Shown now", "good"),
                "ended": Badge("Ended", "muted"),
            }
        },
    ),
    check=bulletin.check_bulletin,
    derive=bulletin.fill_beginning,
    icon="speakerphone",
    group="work",
    help="What people must know for a while: a downtime, a hazard, a change. It shows on the pages it concerns.",
)


@hookimpl
def shopdb_register_resources() -> list[Resource]:
    """Bulletins."""
    return [_BULLETINS]


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
            permission="notifications.notifications.view",
            lines=lines,
            url="/notifications",
            icon="speakerphone",
            order=10,
        )
    ]


@hookimpl
def shopdb_add_panels(resource: str, item: dict[str, Any], session: Session) -> list[Panel]:
    """Who has acknowledged a bulletin, and who has not."""
    return banner.list_panels(session, item) if resource == "notifications" else []
