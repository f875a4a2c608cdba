"""The web application of a site: the whole start-up, top to bottom, one line a step."""

from __future__ import annotations

import os

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from shopdb import access, logs
from shopdb.runtime import Runtime, start
from shopdb.site import find_site
from shopdb.url_rule import LazyRule

MAX_FORM_PARTS = 2_000


def create_app(runtime: Runtime | None = None) -> Flask:
    """Build the application.

    Args:
        runtime: A started site; by default the one that the environment or the working folder names.
    """
    from shopdb.api import auth, collection, docs, health, plugin, problem, search
    from shopdb.web import account, pages, sign_in, user

    if runtime is None:
        runtime = start(find_site(environ=os.environ))
    app = Flask("shopdb", static_folder=None, template_folder=None)
    app.url_rule_class = LazyRule
    configure(app, runtime)
    add_commands(app)
    problem.install(app)
    access.install(app)
    health.install(app)
    logs.install(app)
    auth.install(app)
    collection.install(app, runtime)
    plugin.install(app, runtime)
    search.install(app, runtime)
    docs.install(app, runtime)
    sign_in.install(app)
    account.install(app)
    user.install(app)
    pages.install(app, runtime)
    mount_views(app, runtime)
    return app


def configure(app: Flask, runtime: Runtime) -> None:
    """What Flask itself is to know."""
    settings = runtime.settings
    app.extensions["shopdb"] = runtime
    app.config.update(
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        MAX_FORM_MEMORY_SIZE=settings.max_body_bytes,
    )
    app.url_map.strict_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider's
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # as documented


def add_commands(app: Flask) -> None:
    """Offer the commands of ``shopdb`` below ``flask --app shopdb`` too."""
    from shopdb.cli.flask_commands import FlaskCommands

    app.cli = FlaskCommands("shopdb")


def mount_views(app: Flask, runtime: Runtime) -> None:
    """The plugins' own blueprints, each below its plugin's name, each endpoint with its permission."""
    for plugin, views in runtime.plugins.views():
        root = f"/api/v1/{plugin}" if views.api else f"/{plugin}"
        name = f"{plugin}.{views.blueprint.name}"
        app.register_blueprint(views.blueprint, url_prefix=root, name=name)
        access.allow(app, {f"{name}.{endpoint}": right for endpoint, right in views.permissions.items()})
