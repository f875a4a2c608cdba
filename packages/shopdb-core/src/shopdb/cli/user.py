"""``shopdb user``: the accounts of a site."""

from __future__ import annotations

from typing import Any

import click

from shopdb.cli.context import CliContext, pass_cli
from shopdb.cli.output import Column, emit, json_option
from shopdb.cli.password import VARIABLE, take_password
from shopdb.resources.declare import Actor
from shopdb.services import account
from shopdb.services.role import get_role_id
from shopdb.services.username import check_username

ACTOR = Actor(name="shopdb user", source="cli")
_PASSWORD_HELP = (
    f"The password comes from {VARIABLE}, a prompt, or the first line of standard input; "
    "where there is none, one is made and written once."
)


@click.group()
def user() -> None:
    """Accounts: create, list, disable, enable, password, role."""


@user.command(epilog=_PASSWORD_HELP)
@click.argument("username")
@click.option("--admin", is_flag=True, help="May do everything.")
@click.option("--role", "roles", multiple=True, metavar="NAME", help="A role to give; may be repeated.")
@click.option("--display-name", metavar="TEXT", help="As colleagues write it.")
@click.option("--email", metavar="ADDRESS")
@click.option("--no-password", is_flag=True, help="Nobody signs in with it; its API tokens work.")
@json_option
@pass_cli
def create(
    cli: CliContext,
    username: str,
    admin: bool,
    roles: tuple[str, ...],
    display_name: str | None,
    email: str | None,
    no_password: bool,
    as_json: bool,
) -> None:
    """Make an account."""
    check_username(username)
    password, is_made = (None, False) if no_password else take_password(username)
    values: dict[str, Any] = {"username": username, "is_admin": admin, "password": password}
    values |= {"display_name": display_name, "email": email}
    with cli.database().write() as session:
        values["roles"] = [get_role_id(session, name) for name in roles]
        item = account.create_user(session, values, actor=ACTOR)
    _tell(item, f"User {username} is created.", password if is_made else None, as_json)


@user.command("list")
@json_option
@pass_cli
def list_(cli: CliContext, as_json: bool) -> None:
    """List the accounts."""
    with cli.database().read() as session:
        users = account.list_users(session)
    columns: list[Column] = [
        ("username", "username"),
        ("name", "display_name"),
        ("active", "is_active"),
        ("administrator", "is_admin"),
        ("roles", lambda row: ", ".join(role["name"] for role in row["roles"]) or None),
        ("last sign-in", "last_sign_in_at"),
    ]
    emit(users, as_json, table=columns)


@user.command()
@click.argument("username")
@pass_cli
def disable(cli: CliContext, username: str) -> None:
    """End an account's sign-ins and tokens until it is enabled again."""
    _update(cli, username, {"is_active": False})
    click.echo(f"User {username} is disabled; its sign-ins and tokens open nothing any more.")


@user.command()
@click.argument("username")
@pass_cli
def enable(cli: CliContext, username: str) -> None:
    """Let a disabled account sign in again."""
    _update(cli, username, {"is_active": True})
    click.echo(f"User {username} is enabled.")


@user.command(epilog=_PASSWORD_HELP)
@click.argument("username")
@json_option
@pass_cli
def password(cli: CliContext, username: str, as_json: bool) -> None:
    """Set a password. It ends every sign-in of the user and revokes the user's API tokens."""
    with cli.database().read() as session:
        account.get_user_id(session, username)
    text, is_made = take_password(username)
    item = _update(cli, username, {"password": text})
    _tell(item, f"The password of {username} is set.", text if is_made else None, as_json)


@user.command()
@click.argument("username")
@click.option("--add", "added", multiple=True, metavar="NAME", help="A role to give; may be repeated.")
@click.option("--remove", "removed", multiple=True, metavar="NAME", help="A role to take; may be repeated.")
@click.option("--admin/--no-admin", default=None, help="Whether the user may do everything.")
@json_option
@pass_cli
def role(
    cli: CliContext,
    username: str,
    added: tuple[str, ...],
    removed: tuple[str, ...],
    admin: bool | None,
    as_json: bool,
) -> None:
    """Show, give and take the roles of a user."""
    with cli.database().write() as session:
        user_id = account.get_user_id(session, username)
        item = account.get_user(session, user_id)
        roles = {each["id"] for each in item["roles"]}
        roles |= {get_role_id(session, name) for name in added}
        roles -= {get_role_id(session, name) for name in removed}
        changes: dict[str, Any] = {"roles": sorted(roles)}
        if admin is not None:
            changes["is_admin"] = admin
        if added or removed or admin is not None:
            item = account.update_user(session, user_id, changes, actor=ACTOR)
    names = ", ".join(each["name"] for each in item["roles"]) or "none"
    _tell(item, f"Roles of {username}: {names}{'; administrator' if item['is_admin'] else ''}", None, as_json)


def _update(cli: CliContext, username: str, changes: dict[str, Any]) -> dict[str, Any]:
    with cli.database().write() as session:
        user_id = account.get_user_id(session, username)
        return account.update_user(session, user_id, changes, actor=ACTOR)


def _tell(item: dict[str, Any], sentence: str, made: str | None, as_json: bool) -> None:
    if as_json:
        emit(item if made is None else item | {"password": made}, True)
        return
    click.echo(sentence)
    if made is not None:
        click.echo(f"Password, shown only now: {made}")
