"""Any subset of the plugins, installed by wheel in any order: it migrates, serves, and shows only what is there."""

from __future__ import annotations

import os
import random
import re
import shutil
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path

import pytest
from serving_site import ServedSite
from wheel_site import PASSWORD, ROOT, CleanEnvironment

from shopdb.plugins.discovery import find_plugins
from shopdb.plugins.loader import load_one

PLUGINS = tuple(
    sorted(
        folder.name.removeprefix("shopdb-")
        for folder in (ROOT / "packages").iterdir()
        if folder.name != "shopdb-core"
    )
)
SUBSETS = [names for size in range(len(PLUGINS) + 1) for names in combinations(PLUGINS, size)]
FAST = [names for names in SUBSETS if len(names) in (0, 1, len(PLUGINS))] + [PLUGINS[::2]]
CHOSEN = SUBSETS if os.environ.get("SHOPDB_TEST_THOROUGH") else FAST
"""All of them in ``nox -s subsets``; else none, each alone, every other one, and all."""


@pytest.fixture(scope="module")
def resources() -> Mapping[str, list[str]]:
    """Plugin -> the names of its resources."""
    named = {}
    for found in find_plugins(None):
        plugin, problems = load_one(found, {})
        assert plugin is not None, problems
        named[found.name] = [resource.name for resource in plugin.contribution.resources]
    assert sorted(named) == list(PLUGINS)
    return named


@pytest.fixture(scope="module")
def core(wheelhouse: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[CleanEnvironment, Path]:
    """An environment with core alone, and a site as ``shopdb init`` makes it there."""
    folder = tmp_path_factory.mktemp("core")
    environment = CleanEnvironment(folder / "venv", wheelhouse)
    environment.install("shopdb-core")
    environment.shopdb("init", folder / "site", environ={"SHOPDB_ADMIN_PASSWORD": PASSWORD})
    return environment, folder / "site"


def shuffled(names: Iterable[str]) -> list[str]:
    """An order of its own for each subset, the same in each run."""
    order = sorted(names)
    random.Random(" ".join(order)).shuffle(order)
    return order


@pytest.mark.parametrize("names", CHOSEN, ids=lambda names: "+".join(names) or "core")
def test_a_subset_installs_migrates_serves_and_shows_only_what_is_there(
    names: tuple[str, ...],
    core: tuple[CleanEnvironment, Path],
    wheelhouse: Path,
    tmp_path: Path,
    resources: Mapping[str, list[str]],
) -> None:
    order = shuffled(names)
    environment = CleanEnvironment(tmp_path / "venv", wheelhouse, copy_of=core[0])
    site_dir = Path(shutil.copytree(core[1], tmp_path / "site"))
    if order:
        environment.install(*(f"shopdb-{name}" for name in order))
    for name in order:
        environment.shopdb("--site", site_dir, "plugin", "install", name)

    assert environment.states(site_dir) == dict.fromkeys(names, "active")
    environment.shopdb("--site", site_dir, "db", "check")
    environment.shopdb("--site", site_dir, "check", "--strict")
    with ServedSite(site_dir, "--workers", "1", "--no-worker", python=environment.bin / "python") as site:
        token = site.sign_in("admin", PASSWORD)
        check_answers(site, token, names, resources)
        check_navigation(site, names, resources)


def check_answers(
    site: ServedSite, token: str, names: Iterable[str], resources: Mapping[str, list[str]]
) -> None:
    """Readiness, OpenAPI and every collection of every plugin: there, or not there."""
    status, ready = site.ask("/readyz")
    assert (status, ready["plugins"], ready["degraded"]) == (200, dict.fromkeys(names, "active"), [])
    paths = site.ask("/api/openapi.json", token=token)[1]["paths"]
    for plugin, collections in resources.items():
        for name in collections:
            expected = 200 if plugin in names else 404
            assert site.ask(f"/api/v1/{name}", token=token)[0] == expected, name
            assert (f"/api/v1/{name}" in paths) is (plugin in names), name
    assert site.ask("/api/v1/assets", token=token)[0] == 200


def check_navigation(site: ServedSite, names: Iterable[str], resources: Mapping[str, list[str]]) -> None:
    """The start page, signed in by its form, links every collection that is there and none that isn't."""
    page = Visitor(site.address).sign_in("admin", PASSWORD)
    linked = set(re.findall(r'href="/([a-z][a-z0-9/-]*)"', page))
    for plugin, collections in resources.items():
        shown = linked & set(collections)
        assert bool(shown) is (plugin in names), (plugin, shown)


class Visitor:
    """A browser without scripts that signs in and reads the start page."""

    def __init__(self, address: str):
        import urllib.request
        from http.cookiejar import CookieJar

        self.address = address
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def sign_in(self, username: str, password: str) -> str:
        """The page that one comes to."""
        from urllib.parse import urlencode

        with self.opener.open(f"{self.address}/sign-in", timeout=30) as answer:
            token = re.search(r'name="csrf_token" value="([^"]+)"', answer.read().decode())
        assert token is not None
        fields = {"csrf_token": token[1], "username": username, "password": password}
        with self.opener.open(f"{self.address}/sign-in", urlencode(fields).encode(), timeout=30) as answer:
            return str(answer.read().decode())
