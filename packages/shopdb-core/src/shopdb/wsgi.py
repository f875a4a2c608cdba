"""What gunicorn calls in each web process."""

from __future__ import annotations

import os
import sys

from flask import Flask

from shopdb.errors import ShopDBError

EXIT_BOOT_FAILED = 3
"""Ends gunicorn's master too, instead of starting the process again and again."""


def application() -> Flask:
    """The site that the environment names, with its log."""
    from shopdb import logs
    from shopdb.app import create_app
    from shopdb.runtime import start
    from shopdb.settings import load_settings
    from shopdb.site import find_site

    try:
        site_dir = find_site(environ=os.environ)
        logs.configure_logs(load_settings(site_dir, os.environ), process="web")
        return create_app(start(site_dir))
    except ShopDBError as error:
        print(f"Error: {error}", file=sys.stderr, flush=True)
        raise SystemExit(EXIT_BOOT_FAILED) from error
