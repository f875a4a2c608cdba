"""``shopdb token``: API tokens for scripts."""

from __future__ import annotations

from datetime import timedelta

import click

from shopdb import clock
from shopdb.cli.context import CliContext, pass_cli
from shopdb.cli.output import Column, emit, json_option
from shopdb.resources.declare import Actor
from shopdb.services import token as service
from shopdb.services.account import get_user_id

ACTOR = Actor(name="shopdb token", source="cli")


@click.group()
def token() -> None:
    """API tokens: create, list, revoke."""


@token.command()
@click.option("--user", "username", required=True, metavar="NAME", help="Whom the token acts as.")
@click.option("--name", default="command line", show_default=True, help="What the token is for.")
@click.option("--read-only", is_flag=True, help="It reads, and changes nothing.")
@click.option("--days", type=click.IntRange(1, 3650), metavar="N", help="It ends after so many days.")
@json_option
@pass_cli
def create(
    cli: CliContext, username: str, name: str, read_only: bool, days: int | None, as_json: bool
) -> None:
    """Make a token and write it, alone, to standard output. It is shown only now."""
    expires_at = None if days is None else clock.now() + timedelta(days=days)
    values = {"name": name, "read_only": read_only, "expires_at": expires_at}
    with cli.database().write() as session:
        user_id = get_user_id(session, username)
        item, secret = service.create_token(session, user_id, values, actor=ACTOR)
    if as_json:
        emit(item | {"token": secret}, True)
    else:
        click.echo(secret)


@token.command("list")
@click.option("--user", "username", metavar="NAME", help="Only this user's.")
@json_option
@pass_cli
def list_(cli: CliContext, username: str | None, as_json: bool) -> None:
    """List the tokens, newest first; never what opens with them."""
    with cli.database().read() as session:
        user_id = None if username is None else get_user_id(session, username)
        tokens = service.list_tokens(session, user_id=user_id)
    columns: list[Column] = [
        ("id", "id"),
        ("user", lambda row: row["user"]["name"]),
        ("name", "name"),
        ("begins with", "hint"),
        ("read-only", "read_only"),
        ("last used", "last_used_at"),
        ("expires", "expires_at"),
        ("revoked", "revoked_at"),
    ]
    emit(tokens, as_json, table=columns)


@token.command()
@click.argument("token_id", type=click.IntRange(1, 2**31 - 1), metavar="ID")
@pass_cli
def revoke(cli: CliContext, token_id: int) -> None:
    """End the token of that ID; see: shopdb token list."""
    with cli.database().write() as session:
        item = service.revoke_token(session, token_id, actor=ACTOR)
    click.echo(f"Token {item['hint']}… of {item['user']['name']} is revoked.")
