"""Whether a plugin's models keep to its own tables and registry, and fit together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import MetaData

from shopdb.errors import PluginError
from shopdb.models import CoreBase
from shopdb.plugins.found import Found
from shopdb.plugins.importing import frame_of, guard, say
from shopdb.plugins.problems import Problem, make_problem
from shopdb.resources.declare import Resource


def find_metadata(resources: Sequence[Resource]) -> list[MetaData]:
    """The MetaData of the plugin's models, each once."""
    found: dict[int, MetaData] = {id(one.model.metadata): one.model.metadata for one in resources}
    return list(found.values())


def check_models(found: Found, resources: Sequence[Resource]) -> list[Problem]:
    """Tables outside the plugin's prefix, models in another registry, models that can't be configured."""
    problems = [problem for one in resources if (problem := _check_registry(found, one))]
    for metadata in find_metadata(resources):
        if metadata is CoreBase.metadata:
            continue
        for table in metadata.tables:
            if not table.startswith(f"{found.name}_"):
                message = f"Table {table!r} of plugin {found.label} lies outside its space."
                remedy = f"Name it {found.name}_… and derive its model from model_base({found.name!r})."
                problems.append(make_problem("outside-space", message, remedy, found.package_dir))
    if not problems:
        problems += _configure(found, resources)
    return problems


def find_claimed(tables: Sequence[str], own: str, others: Sequence[str]) -> list[tuple[str, str]]:
    """(table, plugin) for each table that begins with another plugin's longer prefix."""
    longer = [other for other in others if other.startswith(f"{own}_")]
    return [(table, other) for table in tables for other in longer if table.startswith(f"{other}_")]


def _check_registry(found: Found, resource: Resource) -> Problem | None:
    if resource.model.metadata is not CoreBase.metadata:
        return None
    message = (
        f"The model {resource.model.__name__} of plugin {found.label} hangs in core's registry, where an error "
        f"in it would break core."
    )
    remedy = f"Derive it from model_base({found.name!r}) of shopdb.db."
    return make_problem("shared-metadata", message, remedy, found.package_dir)


def _configure(found: Found, resources: Sequence[Resource]) -> list[Problem]:
    problems = []
    for registry in {id(one.model.registry): one.model.registry for one in resources}.values():
        try:
            guard(registry.configure, partial(_broken, found))
        except PluginError as error:
            problems.append(error.problem)
    return problems


def _broken(found: Found, error: BaseException) -> Problem:
    where: Any = frame_of(found, error) or found.package_dir
    message = f"The models of plugin {found.label} don't fit together: {say(error)}."
    return make_problem("broken-model", message, f"Mend the models in {where}.", where)
