"""What is checked, and how: ``nox`` runs all but ``migrations`` and ``engines`` (more of what ``tests`` and
``together`` do), ``subsets``, ``fuzz``, ``lowest`` and ``bench``; ``nox -l`` lists it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = True
nox.options.sessions = [
    "lint", "types", "imports", "shape", "news", "docs", "tests", "wheels", "together",
]  # fmt: skip

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
PACKAGES = sorted(folder.name for folder in (ROOT / "packages").iterdir())
PARALLEL = ["-n", os.environ.get("SHOPDB_TEST_PROCESSES", "auto"), "--dist", "loadfile"]


def install(session: nox.Session, *packages: str, group: str) -> None:
    """Install packages as editable, core before what needs it, with a group of tools."""
    paths = [argument for name in packages for argument in ("-e", f"packages/{name}")]
    session.install(*paths, *nox.project.dependency_groups(PYPROJECT, group))


@nox.session
def lint(session: nox.Session) -> None:
    """Style: ruff's rules and its format."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Types: mypy --strict over every package and tool."""
    install(session, *PACKAGES, group="types")
    sources = [f"packages/{name}/src" for name in PACKAGES]
    session.run("mypy", *sources, "tools", "bench", "noxfile.py")


@nox.session
def imports(session: nox.Session) -> None:
    """Layers: who may import whom, as pyproject.toml's contracts say."""
    install(session, *PACKAGES, group="lint")
    session.run("lint-imports")


@nox.session
@nox.parametrize("package", PACKAGES, ids=PACKAGES)
def tests(session: nox.Session, package: str) -> None:
    """Tests of one package, with nothing but core beside it: nox -s 'tests(shopdb-printers)'."""
    install(session, *dict.fromkeys(("shopdb-core", package)), group="test")
    session.run("pytest", *PARALLEL, f"packages/{package}/tests", *session.posargs)


@nox.session
@nox.parametrize("package", PACKAGES, ids=PACKAGES)
@nox.parametrize("engine", ["postgresql", "mariadb"], ids=["postgresql", "mariadb"])
def engines(session: nox.Session, engine: str, package: str) -> None:
    """Tests of one package with all that they do on one server: nox -s 'engines(mariadb, shopdb-usb)'."""
    install(session, *dict.fromkeys(("shopdb-core", package)), group="test")
    environ = {"SHOPDB_TEST_ENGINE": engine}
    session.run("pytest", *PARALLEL, f"packages/{package}/tests", *session.posargs, env=environ)


@nox.session
def migrations(session: nox.Session) -> None:
    """Schemas: models and migrations against each other on each engine, and a kill at every write of every package."""
    install(session, *PACKAGES, group="test")
    choice = ["packages", "tests", "-k", "migrations or schemas", "--ignore", "tests/browser"]
    session.run("pytest", *PARALLEL, *choice, *session.posargs, env={"SHOPDB_TEST_THOROUGH": "1"})


@nox.session
def wheels(session: nox.Session) -> None:
    """Wheels and sdists of every package, and what is in them."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "build"))
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    for name in PACKAGES:
        session.run("uv", "build", "--out-dir", "dist", f"packages/{name}")
    session.run("python", "tools/wheel_contents.py", "dist")


@nox.session
def together(session: nox.Session) -> None:
    """Tests of the wheels together, from a clean environment and in a browser."""
    install(session, *PACKAGES, group="test")
    session.install(*nox.project.dependency_groups(PYPROJECT, "build"))
    session.run("pytest", *PARALLEL, "tests", *session.posargs)


@nox.session
def subsets(session: nox.Session) -> None:
    """Every subset of the plugins, each from wheels in an environment of its own: about ten minutes."""
    install(session, *PACKAGES, group="test")
    session.install(*nox.project.dependency_groups(PYPROJECT, "build"))
    thorough = {"SHOPDB_TEST_THOROUGH": "1"}
    session.run("pytest", *PARALLEL[:2], "tests/test_subsets.py", *session.posargs, env=thorough)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Bad input: 5,000 requests of each engine, made from OpenAPI, answered alike and as it says."""
    install(session, *PACKAGES, group="test")
    many = {"SHOPDB_TEST_FUZZ_REQUESTS": "5000"}
    session.run("pytest", "-s", "tests/test_fuzz.py", *session.posargs, env=many)


@nox.session
def lowest(session: nox.Session) -> None:
    """Tests of core with the oldest releases that it says it takes."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "test"))
    session.install("--resolution", "lowest-direct", "-e", "packages/shopdb-core")
    session.run("pytest", *PARALLEL, "packages/shopdb-core/tests", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation; a warning is an error."""
    install(session, *PACKAGES, group="docs")
    session.run("python", "tools/reference_pages.py", "--check")
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html")


@nox.session
def news(session: nox.Session) -> None:
    """News fragments: each renders into its package's changelog."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "lint"))
    for name in PACKAGES:
        session.chdir(ROOT / "packages" / name)
        session.run("towncrier", "build", "--draft", "--version", "next")


@nox.session
def shape(session: nox.Session) -> None:
    """Figures of the code's shape; fails where one is past its bound."""
    install(session, *PACKAGES, group="lint")
    session.run("python", "tools/shape.py")


@nox.session
def bench(session: nox.Session) -> None:
    """How fast it is, beside a bare Flask application in the same run."""
    install(session, *PACKAGES, group="bench")
    session.run("python", "-m", "bench", *session.posargs)
