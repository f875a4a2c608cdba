"""``shopdb init``: a new site."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--name", help="What the pages call the site; by default the folder's name.")
@click.option("--database-url", metavar="URL", help="By default SQLite in the site's var/.")
@click.option("--admin", metavar="NAME", default="admin", show_default=True, help="The first administrator.")
def init(folder: Path, name: str | None, database_url: str | None, admin: str) -> None:
    """Make a site in DIR: settings, secret key, core's schema, reference data, the first administrator.

    The administrator's password is SHOPDB_ADMIN_PASSWORD; without it one is made up and shown once.
    """
    from shopdb.new_site import create_site

    site = create_site(
        folder,
        name=name or folder.absolute().name or "ShopDB",
        admin=admin,
        password=os.environ.get("SHOPDB_ADMIN_PASSWORD") or None,
        database_url=database_url,
        environ=os.environ,
    )
    click.echo(f"Made the site {site.settings.name} in {site.settings.site_dir}")
    click.echo(f"Administrator: {site.admin}")
    if site.password is not None:
        click.echo(f"Password: {site.password}")
        click.echo("Write the password down: it is shown this once.")
    click.echo(f"Start it: shopdb --site {site.settings.site_dir} serve")
