"""Pages of the plugin's own: “Got it”, and boards for the wall."""

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shopdb.errors import NotFoundError
from shopdb.plugins import Views, current_actor, current_context, current_viewer, now, way_back
from shopdb_notifications import board, bulletin, live
from shopdb_notifications.models import Board

PLUGIN = "notifications"
_ID = "<int(max=2147483647):item_id>"


def views() -> Views:
    """The plugin's blueprint."""
    blueprint = Blueprint(PLUGIN, __name__, static_folder="static", static_url_path="/board-files")
    routes = (
        (f"/{_ID}/acknowledge", acknowledge, "signed-in", "POST"),
        ("/board/<token>", show_board, "public", "GET"),
        ("/board/<token>/events", stream_board, "public", "GET"),
        (f"/boards/{_ID}/preview", preview, "notifications.boards.view", "GET"),
        (f"/boards/{_ID}/cards", choose_cards, "notifications.boards.change", "POST"),
    )
    for rule, view, _, method in routes:
        blueprint.add_url_rule(rule, view.__name__, view, methods=[method])
    permissions = {view.__name__: permission for _, view, permission, _ in routes}
    return Views(blueprint=blueprint, permissions={**permissions, "static": "public"})


def acknowledge(item_id: int) -> ResponseReturnValue:
    """``POST /notifications/<id>/acknowledge``: this person has read it; back to where they were."""
    viewer = current_viewer()
    try:
        with current_context(PLUGIN).database.write() as session:
            bulletin.acknowledge(session, item_id, user_id=viewer.user_id, name=viewer.name)
    except IntegrityError:  # pressed twice: the first one has noted it
        pass
    return redirect(way_back(), 303)


def show_board(token: str) -> ResponseReturnValue:
    """``GET /notifications/board/<token>``: the page for the wall."""
    with current_context(PLUGIN).database.read() as session:
        found = board.get_by_token(session, token)
        events = url_for(".stream_board", token=token)
        return _no_index(Response(_page(session, found, events=events)))


def stream_board(token: str) -> ResponseReturnValue:
    """``GET /notifications/board/<token>/events``: what changes on it, as server-sent events."""
    context = current_context(PLUGIN)
    with context.database.read() as session:
        board.get_by_token(session, token)
    template = current_app.jinja_env.get_template("notifications/picture.html")

    def draw() -> str:
        with context.database.read() as session:
            found = board.get_by_token(session, token)
            return template.render(picture=board.draw(session, found), board=found)

    events = live.stream(
        draw,
        seats=int(context.settings["board_streams"]),
        tick_s=float(context.settings["board_tick_s"]),
        lifetime_s=float(context.settings["board_stream_s"]),
    )
    answer = Response(events, mimetype="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return _no_index(answer)


def preview(item_id: int) -> ResponseReturnValue:
    """``GET /notifications/boards/<id>/preview``: the board as it is now, for those who look after it."""
    with current_context(PLUGIN).database.read() as session:
        found = session.get(Board, item_id)
        if found is None:
            raise NotFoundError(f"There is no board with id {item_id}.")
        return _page(session, found, events="")


def choose_cards(item_id: int) -> ResponseReturnValue:
    """``POST /notifications/boards/<id>/cards``: which cards it shows; back to where they were."""
    with current_context(PLUGIN).database.write() as session:
        board.choose_cards(session, item_id, request.form.getlist("card"), actor=current_actor())
    return redirect(way_back(), 303)


def _page(session: Session, found: Board, *, events: str) -> str:
    settings = current_context(PLUGIN).settings
    return render_template(
        "notifications/board.html",
        board=found,
        picture=board.draw(session, found),
        events=events,
        version=live.server_version(),
        site=settings["site_name"],
        tick_s=settings["board_tick_s"],
        at=now(),
    )


def _no_index(answer: Response) -> Response:
    """The address is a secret: nothing of it is kept or passed on."""
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
