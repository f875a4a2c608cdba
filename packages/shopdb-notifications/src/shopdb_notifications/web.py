"""Pages of the plugin's own."""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError

from shopdb.plugins import Views, current_context, current_viewer, way_back
from shopdb_notifications import bulletin


def views() -> Views:
    """The plugin's blueprint."""
    blueprint = Blueprint("notifications", __name__)
    blueprint.add_url_rule(
        "/<int(max=2147483647):bulletin_id>/acknowledge", "acknowledge", acknowledge, methods=["POST"]
    )
    return Views(blueprint=blueprint, permissions={"acknowledge": "signed-in"})


def acknowledge(bulletin_id: int) -> ResponseReturnValue:
    """``POST /notifications/<id>/acknowledge``: this person has read it; back to where they were."""
    viewer = current_viewer()
    try:
        with current_context("notifications").database.write() as session:
            bulletin.acknowledge(session, bulletin_id, user_id=viewer.user_id, name=viewer.name)
    except IntegrityError:  # pressed twice: the first one has noted it
        pass
    return redirect(way_back(), 303)
