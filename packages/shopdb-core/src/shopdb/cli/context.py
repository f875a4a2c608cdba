"""What a command works with: the site, opened only as far as the command needs it."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shopdb.site import find_site

if TYPE_CHECKING:
    from shopdb.db import Database
    from shopdb.runtime import Runtime
    from shopdb.settings import Settings


class CliContext:
    """The site of one run of the command line. Each part is made at its first use and kept.

    Args:
        site: What ``--site`` said.
        safe_mode: Load no plugin.
        debug: Show tracebacks.
    """

    def __init__(self, *, site: Path | None = None, safe_mode: bool = False, debug: bool = False):
        self.site = site
        self.safe_mode = safe_mode
        self.debug = debug

    def site_dir(self) -> Path:
        """The site's folder.

        Raises:
            SiteNotFoundError: there is none.
        """
        return self._site_dir

    def settings(self) -> Settings:
        """The site's settings, checked.

        Raises:
            SettingsError: one is wrong.
        """
        return self._settings

    def database(self) -> Database:
        """The site's database; no connection is made yet."""
        if "_runtime" in self.__dict__:
            return self._runtime.database
        return self._database

    def runtime(self) -> Runtime:
        """The whole site, with its plugins."""
        return self._runtime

    @cached_property
    def _site_dir(self) -> Path:
        return find_site(self.site, environ=os.environ)

    @cached_property
    def _settings(self) -> Settings:
        from shopdb.settings import load_settings

        return load_settings(self._site_dir, os.environ)

    @cached_property
    def _database(self) -> Database:
        from shopdb.db import Database

        return Database(self._settings.database_url)

    @cached_property
    def _runtime(self) -> Runtime:
        from shopdb.runtime import start

        return start(self._site_dir, safe_mode=self.safe_mode, environ=os.environ)


pass_cli = click.make_pass_decorator(CliContext, ensure=True)
"""Hand the command its `CliContext` as the first argument."""
