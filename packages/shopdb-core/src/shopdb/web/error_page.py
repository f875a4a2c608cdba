"""Errors as pages in the frame: what happened and what to do."""

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from shopdb.api.problem import STATUS
from shopdb.errors import RequestError, ShopDBError

RETRY_AFTER_S = 5
WORDS = {
    400: ("This request can't be read", "Go back, load the page again and try once more."),
    401: ("Sign in first", "Your session may have ended. Sign in, and go on where you were."),
    403: ("You may not do that", ""),
    404: (
        "There is nothing here",
        "It may have been deleted or moved. Search for it above, or begin at the start page.",
    ),
    405: ("That can't be done here", "Go back and use the buttons of the page."),
    409: ("That collides with what is there", "Go back: what you typed is still in the form."),
    412: ("It was changed meanwhile", "Open it again to see what it says now."),
    413: ("That is too large", "Send a smaller file, or split it."),
    422: ("Something in it is wrong", "Go back and correct it: what you typed is still in the form."),
    429: ("Too many attempts", "Wait a minute, then try again."),
    502: ("The device could not be asked", "See that it is on and reachable, then try again."),
    503: ("The site is not ready", "Try again in a moment. If it stays so, tell an administrator."),
}
_FALLBACK = (
    "Something went wrong on our side",
    "It was logged. Try again; if it stays so, tell an administrator.",
)


def show_error(error: Exception) -> ResponseReturnValue:
    """The page of an error, with its status. It stands even when the frame can't be drawn."""
    status, detail = _told(error)
    title, advice = WORDS.get(status, _FALLBACK)
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else {}
    context = {"status": status, "heading": title, "detail": detail, "advice": advice}
    plain = status == 503 or request.headers.get("HX-Request") == "true"
    try:
        text = render_template("error_plain.html" if plain else "error.html", **context)
    except (ShopDBError, SQLAlchemyError):
        current_app.logger.exception("The frame of an error page can't be drawn")
        text = render_template("error_plain.html", **context)
    return text, status, headers


def _told(error: Exception) -> tuple[int, str]:
    """Status and what is told of the error; what nobody foresaw is told to the log only."""
    if isinstance(error, RequestError):
        return error.status, str(error)
    if isinstance(error, ShopDBError):
        return next(status for type_, status, _ in STATUS if isinstance(error, type_)), str(error)
    if isinstance(error, HTTPException) and error.code is not None:
        detail = f"There is no page at {request.path}." if error.code == 404 else ""
        return error.code, detail
    return 500, ""
