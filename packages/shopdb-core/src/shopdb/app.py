"""The web application of a site: the whole start-up, top to bottom, one line a step."""

from __future__ import annotations

import os

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from shopdb import access
from shopdb.runtime import Runtime, start
from shopdb.site import find_site

MAX_BODY_BYTES = 64 * 1024 * 1024
MAX_FORM_PARTS = 2_000


def create_app(runtime: Runtime | None = None) -> Flask:
    """Build the application.

    Args:
        runtime: A started site; by default the one that the environment or the working folder names.
    """
    from shopdb.api import auth, collection, docs, health, plugin, problem
    from shopdb.web import account, pages, sign_in

    if runtime is None:
        runtime = start(find_site(environ=os.environ))
    app = Flask("shopdb", static_folder=None, template_folder=None)
    configure(app, runtime)
    problem.install(app)
    access.install(app)
    health.install(app)
    auth.install(app)
    collection.install(app, runtime)
    plugin.install(app, runtime)
    docs.install(app, runtime)
    sign_in.install(app)
    account.install(app)
    pages.install(app, runtime)
    mount_views(app, runtime)
    return app


def configure(app: Flask, runtime: Runtime) -> None:
    """What Flask itself is to know."""
    settings = runtime.settings
    app.extensions["shopdb"] = runtime
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES,
    )
    app.url_map.strict_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def mount_views(app: Flask, runtime: Runtime) -> None:
    """The plugins' own blueprints, each below its plugin's name, each endpoint with its permission."""
    for plugin, views in runtime.plugins.views():
        root = f"/api/v1/{plugin}" if views.api else f"/{plugin}"
        name = f"{plugin}.{views.blueprint.name}"
        app.register_blueprint(views.blueprint, url_prefix=root, name=name)
        access.allow(app, {f"{name}.{endpoint}": right for endpoint, right in views.permissions.items()})
