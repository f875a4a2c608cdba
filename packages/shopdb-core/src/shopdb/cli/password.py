"""Where commands take a password from: never from the command line, which others can read."""

from __future__ import annotations

import os
import sys

import click

from shopdb.services.password import new_password

VARIABLE = "SHOPDB_USER_PASSWORD"


def take_password(username: str) -> tuple[str, bool]:
    """A password for a user: from the environment, a terminal, or the first line of standard input.

    Returns:
        The password, and whether it was made here because none was given; then show it once.
    """
    given = os.environ.get(VARIABLE)
    if given:
        return given, False
    if sys.stdin is not None and sys.stdin.isatty():
        prompted: str = click.prompt(
            f"Password of {username}", hide_input=True, confirmation_prompt=True, err=True
        )
        return prompted, False
    line = "" if sys.stdin is None else sys.stdin.readline().rstrip("\r\n")
    return (line, False) if line else (new_password(), True)
