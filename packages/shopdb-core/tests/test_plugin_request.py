"""What a plugin's own view asks of the request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Blueprint

from shopdb.app import create_app
from shopdb.errors import NotSignedInError
from shopdb.plugins import current_context, current_viewer, way_back
from shopdb.plugins.contribution import Contribution
from shopdb.plugins.plugin_set import LoadedPlugin, PluginSet
from shopdb.plugins.values import Views
from shopdb.runtime import start


def test_a_view_knows_its_context_and_refuses_to_lead_elsewhere(site_dir: Path) -> None:
    blueprint = Blueprint("extra", __name__)
    blueprint.add_url_rule("/back", "back", way_back, methods=["POST"])
    views = Views(blueprint=blueprint, permissions={"back": "public"}, api=True)
    runtime = start(site_dir, environ={}, safe_mode=True)
    extra = LoadedPlugin(
        name="extra",
        title="Extra",
        dist=None,
        version="1",
        source="wheel",
        package_dir=site_dir,
        module=None,
        contribution=Contribution(views=[views]),
    )
    app = create_app(replace(runtime, plugins=PluginSet([*runtime.plugins.plugins, extra])))
    try:
        for sent, expected in (("/assets?q=x", "/assets?q=x"), ("//evil.example", "/"), ("", "/")):
            assert app.test_client().post("/api/v1/extra/back", data={"next": sent}).text == expected
        with app.test_request_context("/"):
            assert current_context("extra").database is runtime.database
            with pytest.raises(NotSignedInError, match="Sign in first"):
                current_viewer()
    finally:
        runtime.database.dispose()
