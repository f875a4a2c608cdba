"""Making a site: its folder, its secret, its schema, its first administrator; whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shopdb.errors import SettingsError
from shopdb.settings import Settings, load_settings
from shopdb.site import ENV_FILE, PLUGINS_DIR, SITE_FILE, VAR_DIR

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


@dataclass(frozen=True, kw_only=True)
class NewSite:
    """A site that was made. ``password`` is the administrator's where it was made up, else None."""

    settings: Settings
    admin: str
    password: str | None


def create_site(
    folder: Path,
    *,
    name: str,
    admin: str = "admin",
    password: str | None = None,
    database_url: str | None = None,
    environ: Mapping[str, str],
) -> NewSite:
    """Make a site in a new or empty folder. What fails leaves nothing behind but an empty schema.

    Args:
        password: The administrator's; without it one is made up.
        database_url: Without it, what the environment says, else SQLite in the site.

    Raises:
        SettingsError: the folder is in use, a value is wrong, or the database holds a site already.
        InvalidError: the administrator's name or password is not acceptable.
        DatabaseUnavailableError: the database does not answer.
    """
    folder = folder.expanduser().absolute()
    _check_folder(folder)
    _check_name(name)
    said = environ.get("SHOPDB_DATABASE_URL")
    if database_url and said and said != database_url:
        raise SettingsError(
            "--database-url and SHOPDB_DATABASE_URL name two databases, and the environment would go on "
            "winning. Unset SHOPDB_DATABASE_URL, or leave --database-url out."
        )
    with _claimed(folder):
        _write_secrets(folder, database_url)
        made_up = _fill_database(load_settings(folder, environ), admin, password)
        _write_site_file(folder, name)  # last: without it the folder is no site
    return NewSite(settings=load_settings(folder, environ), admin=admin, password=made_up)


def _check_folder(folder: Path) -> None:
    if (folder / SITE_FILE).exists():
        raise SettingsError(
            f"{folder} is a site already. Name another folder, or run: shopdb --site {folder} check"
        )
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"{folder} is a file. Name a folder that is new or empty.")
    if folder.exists() and any(folder.iterdir()):
        raise SettingsError(f"{folder} is not empty. Name a folder that is new or empty.")


def _check_name(name: str) -> None:
    if not name.strip() or any(not character.isprintable() for character in name):
        raise SettingsError(f"{name!r} can't name a site. Write a name of one line: --name 'Plant 7'")


@contextlib.contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    """Make the folder; when the block fails, remove all in it and what was made for it."""
    topmost = folder
    while not topmost.exists() and not topmost.parent.exists():
        topmost = topmost.parent
    was_there = topmost.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / VAR_DIR).mkdir(mode=PRIVATE_FOLDER)  # of two that run at once, one fails here
    except OSError as error:
        raise SettingsError(f"{folder} can't be made: {error}. Name a folder that you may write.") from error
    try:
        yield
    except BaseException:
        _remove(topmost, keep=was_there)
        raise


def _remove(folder: Path, *, keep: bool) -> None:
    if not keep:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink()


def _write_secrets(folder: Path, database_url: str | None) -> None:
    lines = [f"SHOPDB_SECRET_KEY={secrets.token_hex(32)}"]
    if database_url is not None:
        lines.append(f"SHOPDB_DATABASE_URL={_quoted(database_url)}")
    text = "# Secrets of this site: keep them out of version control.\n" + "\n".join(lines) + "\n"
    descriptor = os.open(folder / ENV_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _write_site_file(folder: Path, name: str) -> None:
    (folder / PLUGINS_DIR).mkdir()
    (folder / ".gitignore").write_text(f"{ENV_FILE}\n{VAR_DIR}/\n", "utf-8")
    (folder / SITE_FILE).write_text(
        "# The settings of this site: shopdb settings lists and explains them all. Secrets lie in .env.\n"
        f"name = {json.dumps(name.strip(), ensure_ascii=False)}\n",
        "utf-8",
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _fill_database(settings: Settings, admin: str, password: str | None) -> str | None:
    """Migrate core, write the reference data and the administrator; returns a password that was made up."""
    from shopdb.core_plugin import shopdb_register_resources
    from shopdb.db import Database
    from shopdb.migrations import core_package, upgrade
    from shopdb.resources.declare import Actor
    from shopdb.resources.registry import Registry
    from shopdb.search.entry import is_indexed
    from shopdb.search.rebuild import note_rules
    from shopdb.services.account import create_user
    from shopdb.services.password import new_password
    from shopdb.services.reference_data import seed_reference_data

    made_up = None if password else new_password()
    actor = Actor(name="shopdb init", source="cli")
    registry = Registry(shopdb_register_resources())
    database = Database(settings.database_url, info={"registry": registry})
    try:
        upgrade(database, [core_package()])
        with database.write() as session:
            _refuse_used_database(session)
            seed_reference_data(session, actor=actor)
            account = {"username": admin, "password": password or made_up, "is_admin": True}
            create_user(session, account, actor=actor)
            note_rules(session.connection(), [c for c in registry if is_indexed(c)])
    finally:
        database.dispose()
    return made_up


def _refuse_used_database(session: Session) -> None:
    from sqlalchemy import select

    from shopdb.models import User

    if session.connection().execute(select(User.id).limit(1)).first() is not None:
        raise SettingsError(
            "The database holds a site already: it has users. Name an empty database, or, for one more host "
            "of that site, copy its shopdb.toml and .env."
        )
