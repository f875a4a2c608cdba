"""Deleting: one item, or the ticked rows of a list, after saying what would go."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from shopdb.errors import NotFoundError, RequestError, StaleVersionError
from shopdb.resources.query import get_item
from shopdb.resources.write import delete_item
from shopdb.web import here
from shopdb.web.list_rows import item_label


def remove_item(name: str, item_id: int) -> ResponseReturnValue:
    """``GET`` asks, ``POST /<resource>/<id>/delete`` deletes the version that was shown."""
    compiled = here.compiled(name)
    with here.runtime().database.read() as session:
        item = get_item(session, name, item_id, with_extra=False)
    label = item_label(compiled, item)
    problem, status = None, 200
    if request.method == "POST":
        version = request.form.get("version", type=int)
        try:
            with here.runtime().database.write() as session:
                delete_item(session, name, item_id, actor=here.actor(), version=version)
        except NotFoundError:
            raise
        except StaleVersionError as error:
            problem = "It was changed after you opened this page. Look at it again, then delete it."
            status = error.status
        except RequestError as error:
            problem, status = str(error), error.status
        else:
            flash(f"{label} was deleted. Its history stays.", "good")
            return redirect(here.page_url(name), 303)
    text = render_template("delete.html", resource=compiled.declared, item=item, label=label, problem=problem)
    return text, status
