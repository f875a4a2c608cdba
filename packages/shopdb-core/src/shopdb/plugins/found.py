"""A plugin as it was found: facts from files, before anything is judged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from shopdb.plugins.manifest import Manifest, is_name
from shopdb.plugins.problems import Problem, make_problem

Source = Literal["wheel", "editable", "directory"]

SITE_PACKAGE = "shopdb_site"
_COMMANDS = """apply bundle check db demo doctor export import init lock plan plugin rollback serve settings token
    user worker"""
_RESOURCES = """asset assets statuses locations vendors models people relationships tags attachments webhooks users
    roles tokens changes plugins search events"""
_ADDRESSES = """account admin api auth core docs healthz login logout metrics openapi places readyz shopdb sign_in
    sign_out site static work"""
RESERVED = frozenset(f"{_COMMANDS} {_RESOURCES} {_ADDRESSES}".split())


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One plugin that is here.

    Args:
        name: The entry point's name; for a damaged one, the likeliest name.
        dist: The distribution's name; None for a plain folder.
        version: As written, not checked.
        target: The entry point's value: ``module`` or ``module:object``.
        place: What to name to people: the ``.dist-info`` folder, or the plugin's own.
        package_dir: The folder with the manifest; None where none was found.
        import_path: What must be on Python's path to import it, beyond what is.
        requires: Requirements as written.
        tags: The wheel's tags; empty where they aren't known or don't matter.
        problems: What was wrong with the files themselves.
    """

    name: str
    source: Source
    place: Path
    target: str = ""
    dist: str | None = None
    version: str = ""
    manifest: Manifest | None = None
    package_dir: Path | None = None
    import_path: Path | None = None
    requires: tuple[str, ...] = ()
    requires_python: str | None = None
    tags: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def title(self) -> str:
        """The manifest's title, else the name."""
        return self.manifest.title if self.manifest else self.name

    @property
    def asset_types(self) -> tuple[str, ...]:
        """The manifest's asset types."""
        return self.manifest.asset_types if self.manifest else ()

    @property
    def label(self) -> str:
        """``'printers' (shopdb-printers 1.0.0)``, as messages name it."""
        return f"{self.name!r} ({self.dist or self.place} {self.version})".replace(" )", ")")

    @property
    def module(self) -> str:
        """The module that the entry point names."""
        return self.target.partition("[")[0].partition(":")[0].strip()

    @property
    def attribute(self) -> str:
        """What follows the colon of the entry point; empty where nothing does."""
        return self.target.partition("[")[0].partition(":")[2].strip()


def name_problem(name: str, place: Path) -> Problem | None:
    """Why a plugin can't be called so, if it can't."""
    if not is_name(name):
        message = f"The plugin's name {name[:80]!r} isn't allowed: a name is like scales or line_monitor."
        return make_problem(
            "illegal-name",
            message,
            "Rename the entry point and the manifest's name: [a-z][a-z0-9_]*, at most 40.",
            place,
        )
    if name in RESERVED:
        message = f"The plugin's name {name!r} belongs to core."
        return make_problem(
            "reserved-name",
            message,
            f"Rename the entry point and the manifest's name, such as {name}_plus.",
            place,
        )
    return None


def manifest_name_problem(name: str, manifest: Manifest, where: Path) -> Problem | None:
    """Says so where the manifest calls the plugin something else."""
    if manifest.name == name:
        return None
    message = f"The manifest's name is {manifest.name!r}, but the plugin is found as {name!r}."
    return make_problem("name-mismatch", message, f'Write name = "{name}" in {where}.', where)
