"""The next revision of a plugin's tables, drafted from its models for its author."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sqlalchemy import MetaData

from shopdb.errors import PluginError, ShopDBError
from shopdb.migrations.author import draft_revision
from shopdb.migrations.package import core_package
from shopdb.models import CoreBase
from shopdb.plugins.artefact import open_artefact
from shopdb.plugins.dependency import Judged
from shopdb.plugins.found import Found
from shopdb.plugins.loader import load_one
from shopdb.plugins.model import find_metadata
from shopdb.plugins.problems import Problem, is_blocking
from shopdb.plugins.survey import package_of


def draft_for(folder: Path, message: str) -> dict[str, Path | None]:
    """Write the next revision of each plugin in a folder that lacks one.

    Needs no site: models and revisions are compared in a database that is thrown away.

    Args:
        folder: A plain plugin's folder, or a project with a ``pyproject.toml``.
        message: What the revision does, in a few words.

    Returns:
        The new file by plugin; None where models and revisions agree.

    Raises:
        PluginError: the plugin can't be loaded.
        ShopDBError: it is no folder with a plugin, or brings no model.
    """
    if not folder.is_dir():
        raise ShopDBError(f"{folder} is no folder. Name the folder that holds the plugin's sources.")
    with open_artefact(folder) as artefact:
        return {one.found.name: _draft(one, message) for one in artefact.judged}


def _draft(one: Judged, message: str) -> Path | None:
    _refuse(one.problems)
    package = replace(package_of(one.found), metadata=_load_metadata(one.found))
    core = replace(core_package(), metadata=CoreBase.metadata)
    return draft_revision(package, message, after=[core])


def _load_metadata(found: Found) -> MetaData:
    loaded, problems = load_one(found, {})
    _refuse(problems)
    bases = [] if loaded is None else find_metadata(loaded.contribution.resources)
    if len(bases) != 1:
        raise ShopDBError(
            f"The models of plugin {found.label} have {len(bases)} bases, where one is needed: write "
            f"Base = model_base({found.name!r}) once, and derive from it every model of a registered resource."
        )
    return bases[0]


def _refuse(problems: tuple[Problem, ...] | list[Problem]) -> None:
    for problem in problems:
        if is_blocking([problem]):
            raise PluginError(problem)
