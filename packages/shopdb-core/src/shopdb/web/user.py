"""The forms of users and roles. Their lists, pages and histories are those of every resource."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from shopdb import access
from shopdb.errors import NotFoundError, RequestError, StaleVersionError
from shopdb.resources.rows import Item
from shopdb.services import account, role
from shopdb.services.account_item import ROLES, USERS, read_item
from shopdb.web import here

SEE_OTHER = 303
ITEM = "<int(max=2147483647):item_id>"
Values = dict[str, Any]


def install(app: Flask) -> None:
    """Route the forms; each is found by the generic pages under the name that these expect."""
    routes = (
        ("users", "/new", "new", new_user, "add"),
        ("users", f"/{ITEM}/edit", "edit", edit_user, "change"),
        ("users", f"/{ITEM}/delete", "delete", delete_user, "delete"),
        ("users", f"/{ITEM}/sign-out", "sign_out", sign_out_user, "change"),
        ("roles", "/new", "new", new_role, "add"),
        ("roles", f"/{ITEM}/edit", "edit", edit_role, "change"),
        ("roles", f"/{ITEM}/delete", "delete", delete_role, "delete"),
    )
    for name, tail, page, view, verb in routes:
        endpoint = f"pages.{name}.{page}"
        methods = ["POST"] if page == "sign_out" else ["GET", "POST"]
        app.add_url_rule(f"/{name}{tail}", endpoint, view, methods=methods)
        access.allow(app, {endpoint: f"core.{name}.{verb}"})


def new_user() -> ResponseReturnValue:
    """``GET`` and ``POST /users/new``."""

    def save(values: Values, version: int | None) -> Item:
        account.check_may_change(access.get_principal(), values)
        with here.runtime().database.write() as session:
            return account.create_user(session, values, actor=here.actor())

    return _form("users", None, _user_values, save)


def edit_user(item_id: int) -> ResponseReturnValue:
    """``GET`` and ``POST /users/<id>/edit``."""
    item = _read("users", item_id)

    def save(values: Values, version: int | None) -> Item:
        with here.runtime().database.write() as session:
            user = read_item(session, "users", item_id)
            account.check_may_change(access.get_principal(), values, user=user)
            return account.update_user(session, item_id, values, actor=here.actor(), version=version)

    return _form("users", item, _user_values, save)


def delete_user(item_id: int) -> ResponseReturnValue:
    """``GET`` asks, ``POST /users/<id>/delete`` deletes."""
    item = _read("users", item_id)

    def remove(version: int | None) -> None:
        account.check_may_change(access.get_principal(), {}, user=item)
        with here.runtime().database.write() as session:
            account.delete_user(session, item_id, actor=here.actor(), version=version)

    return _deletion("users", item, remove)


def sign_out_user(item_id: int) -> ResponseReturnValue:
    """``POST /users/<id>/sign-out``: end every sign-in of the user."""
    item = _read("users", item_id)
    account.check_may_change(access.get_principal(), {}, user=item)
    with here.runtime().database.write() as session:
        account.sign_out_everywhere(session, item_id, actor=here.actor())
    flash(f"{item['username']} is signed out everywhere.", "good")
    return redirect(here.page_url("users", "item", item_id=item_id), SEE_OTHER)


def new_role() -> ResponseReturnValue:
    """``GET`` and ``POST /roles/new``."""

    def save(values: Values, version: int | None) -> Item:
        role.check_may_grant(access.get_principal(), values)
        with here.runtime().database.write() as session:
            return role.create_role(session, values, actor=here.actor(), known=_known())

    return _form("roles", None, _role_values, save)


def edit_role(item_id: int) -> ResponseReturnValue:
    """``GET`` and ``POST /roles/<id>/edit``."""
    item = _read("roles", item_id)

    def save(values: Values, version: int | None) -> Item:
        role.check_may_grant(access.get_principal(), values, role=item)
        with here.runtime().database.write() as session:
            return role.update_role(
                session, item_id, values, actor=here.actor(), known=_known(), version=version
            )

    return _form("roles", item, _role_values, save)


def delete_role(item_id: int) -> ResponseReturnValue:
    """``GET`` asks, ``POST /roles/<id>/delete`` deletes."""

    def remove(version: int | None) -> None:
        with here.runtime().database.write() as session:
            role.delete_role(session, item_id, actor=here.actor(), version=version)

    return _deletion("roles", _read("roles", item_id), remove)


def _known() -> list[str]:
    return access.asked_permissions()


def _read(name: str, item_id: int) -> Item:
    with here.runtime().database.read() as session:
        return read_item(session, name, item_id)


def _user_values(item: Item | None) -> Values:
    form = request.form
    values: Values = {
        "username": form.get("username", ""),
        "display_name": form.get("display_name", ""),
        "email": form.get("email", ""),
        "is_active": item is None or form.get("is_active") is not None,
    }
    if form.get("password"):
        values["password"] = form["password"]
    if access.get_principal().is_admin:
        values["is_admin"] = form.get("is_admin") is not None
        values["roles"] = [int(text) for text in form.getlist("roles") if text.isascii() and text.isdigit()]
    return values


def _role_values(item: Item | None) -> Values:
    form = request.form
    return {
        "name": form.get("name", ""),
        "notes": form.get("notes", ""),
        "permissions": form.get("permissions", "").split(),
    }


def _form(
    name: str,
    item: Item | None,
    read_values: Callable[[Item | None], Values],
    save: Callable[[Values, int | None], Item],
) -> ResponseReturnValue:
    typed: Mapping[str, Any] = _typed(item) if request.method == "GET" else read_values(item)
    errors: Mapping[str, Any] = {}
    problem, status = None, 200
    if request.method == "POST":
        try:
            saved = save(dict(typed), request.form.get("version", type=int))
        except NotFoundError:
            raise
        except StaleVersionError as error:
            problem, status = "Someone changed it after you opened this page: open it again.", error.status
        except RequestError as error:
            errors = error.errors if isinstance(error.errors, Mapping) else {}
            problem, status = (None if errors else str(error)), error.status
        else:
            label = saved["username" if name == "users" else "name"]
            flash(f"{label} was {'saved' if item else 'added'}.", "good")
            return redirect(here.page_url(name, "item", item_id=saved["id"]), SEE_OTHER)
    with here.runtime().database.read() as session:
        roles = role.list_roles(session) if name == "users" else []
    text = render_template(
        "user_form.html" if name == "users" else "role_form.html",
        resource=USERS if name == "users" else ROLES,
        item=item,
        typed=typed,
        errors=errors,
        problem=problem,
        roles=roles,
        known=_known() if name == "roles" else [],
        version=request.form.get("version") or (item["version"] if item else None),
    )
    return text, status


def _typed(item: Item | None) -> Values:
    """What the form holds at first."""
    if item is None:
        return {"is_active": True, "roles": [], "permissions": []}
    return item | {"roles": [each["id"] for each in item.get("roles", [])]}


def _deletion(name: str, item: Item, remove: Callable[[int | None], None]) -> ResponseReturnValue:
    label = item["username" if name == "users" else "name"]
    problem, status = None, 200
    if request.method == "POST":
        try:
            remove(request.form.get("version", type=int))
        except NotFoundError:
            raise
        except RequestError as error:
            problem, status = str(error), error.status
        else:
            flash(f"{label} was deleted. Its history stays.", "good")
            return redirect(here.page_url(name), SEE_OTHER)
    resource = USERS if name == "users" else ROLES
    text = render_template("delete.html", resource=resource, item=item, label=label, problem=problem)
    return text, status
