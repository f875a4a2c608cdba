"""Judge: whether the plugins that were found fit this core, this Python, each other and what is installed.

Pure: everything it looks at is an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from shopdb.plugins.dependency import (
    CORE,
    Judged,
    applies,
    find_providers,
    is_plugin,
    judge_dependencies,
    parse,
    satisfies,
)
from shopdb.plugins.found import Found
from shopdb.plugins.installed import Installed
from shopdb.plugins.problems import Problem, make_problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """What the plugins must fit.

    Args:
        hook_levels: The hook-API levels that core offers.
        versions: Distribution -> installed version, by normalised name.
        markers: As PEP 508 markers see this interpreter.
        find_tags: The wheel tags that this interpreter takes; asked for compiled wheels only.
        find_requires: A distribution's own requirements; asked for requirements with extras only.
    """

    core_version: str
    python_version: str
    hook_levels: range
    versions: Mapping[str, str]
    markers: Mapping[str, str]
    find_tags: Callable[[], Collection[str]] = tuple
    find_requires: Callable[[str], Iterable[str]] = lambda name: ()


def judge(
    found: Sequence[Found],
    environment: Environment,
    installed: Mapping[str, Installed],
    *,
    owners: Mapping[str, str] | None = None,
    assume: Collection[str] = (),
) -> list[Judged]:
    """Judge every plugin found, in an order in which they can be loaded.

    Args:
        found: All of them: they are judged against each other too.
        installed: By name; a plugin that isn't in it is only available.
        owners: Asset type -> the plugin that has it on this site.
        assume: Names to judge as if they were installed and enabled.
    """
    judged = [_judge_alone(one, environment, found) for one in found]
    judged = _judge_asset_types(judged, owners or {})
    return judge_dependencies(judged, installed, environment.markers, assume=assume)


def _judge_alone(found: Found, environment: Environment, everything: Sequence[Found]) -> Judged:
    problems = list(found.problems)
    if _is_described(found):
        problems += _check_version(found)
        problems += _check_python(found, environment)
        problems += _check_tags(found, environment)
        problems += _check_requirements(found, environment, everything)
    problems += _check_hook_level(found, environment)
    return Judged(found, tuple(problems))


def _is_described(found: Found) -> bool:
    """Whether there is anything to judge; else what was found wrong says it all."""
    if any(problem.code in ("broken-metadata", "source-gone") for problem in found.problems):
        return False
    return found.dist is not None or found.manifest is not None


def _check_version(found: Found) -> list[Problem]:
    try:
        Version(found.version)
    except InvalidVersion:
        message = f"The version {found.version!r} of plugin {found.name!r} isn't one."
        edit = 'Write version = "1.0.0" (or the like)'
        where = found.package_dir or found.place
        return [make_problem("invalid-version", message, f"{edit} and build the package again.", where)]
    return []


def _check_python(found: Found, environment: Environment) -> list[Problem]:
    if not found.requires_python:
        return []
    try:
        range_ = SpecifierSet(found.requires_python)
    except InvalidSpecifier:
        return [_unreadable(found, f"Requires-Python: {found.requires_python}")]
    if range_.contains(environment.python_version, prereleases=True):
        return []
    message = f"Plugin {found.label} needs Python {range_}, but this is {environment.python_version}."
    remedy = f"pip install --upgrade {found.dist}" if found.dist else f"Run the site with Python {range_}."
    return [make_problem("python-range", message, remedy, found.place)]


def _check_tags(found: Found, environment: Environment) -> list[Problem]:
    if not found.tags or any(tag.endswith("-none-any") and "py3" in tag for tag in found.tags):
        return []
    if not set(found.tags).isdisjoint(environment.find_tags()):
        return []
    message = (
        f"The wheel of plugin {found.label} is for {', '.join(found.tags)}, which this Python can't run."
    )
    return [
        make_problem("wrong-platform", message, f"pip install --force-reinstall {found.dist}", found.place)
    ]


def _check_hook_level(found: Found, environment: Environment) -> list[Problem]:
    if found.manifest is None or found.manifest.hook_api in environment.hook_levels:
        return []
    levels, wanted = environment.hook_levels, found.manifest.hook_api
    offered = f"{levels[0]} to {levels[-1]}" if len(levels) > 1 else f"{levels[0]}"
    message = f"Plugin {found.label} needs hook API {wanted}; shopdb-core {environment.core_version} offers {offered}."
    newer = "pip install --upgrade shopdb-core"
    remedy = newer if wanted > levels[-1] else f"pip install --upgrade {found.dist or found.name}"
    return [make_problem("hook-api", message, remedy, found.package_dir)]


def _check_requirements(found: Found, environment: Environment, everything: Sequence[Found]) -> list[Problem]:
    problems: list[Problem] = []
    plugins = find_providers(everything)
    has_core_range = False
    for text in found.requires:
        requirement = parse(text)
        if requirement is None:
            problems.append(_unreadable(found, text))
        elif not applies(requirement, environment.markers):
            continue
        elif canonicalize_name(requirement.name) == CORE:
            has_core_range = has_core_range or bool(requirement.specifier)
            problems += _check_core(found, requirement.specifier, environment)
        elif not is_plugin(requirement, plugins):
            problems += _check_third_party(found, requirement, environment, everything)
    if not has_core_range and not any(problem.code == "invalid-requirement" for problem in problems):
        problems.append(_no_core_range(found))
    return problems


def _unreadable(found: Found, text: str) -> Problem:
    message = f"Plugin {found.label} has a requirement that can't be read: {text[:200]!r}."
    remedy = f"Correct {text[:200]!r} in its requirements and build the package again."
    return make_problem("invalid-requirement", message, remedy, found.place)


def _no_core_range(found: Found) -> Problem:
    message = f"Plugin {found.label} doesn't say which shopdb-core it needs."
    key = "dependencies in pyproject.toml" if found.dist else "requires in shopdb-plugin.toml"
    return make_problem("no-core-range", message, f'Add "shopdb-core>=1.0,<2" to {key}.', found.place)


def _check_core(found: Found, range_: SpecifierSet, environment: Environment) -> list[Problem]:
    core = environment.core_version
    if satisfies(core, range_):
        return []
    message = f"Plugin {found.label} needs shopdb-core {range_}, but {core} is installed."
    if range_.contains(core, prereleases=True):
        message = f"{message} A pre-release counts only where the range names one."
    remedy = f"pip install 'shopdb-core{range_}'"
    if _is_above(core, range_) and found.dist:
        remedy = f"pip install --upgrade {found.dist}"
    return [make_problem("core-range", message, remedy, found.place)]


def _is_above(version: str, range_: SpecifierSet) -> bool:
    """Whether a version is too new for a range, rather than too old."""
    floors = [spec for spec in range_ if spec.operator in (">=", ">", "~=", "==", "===")]
    return all(_is_at_least(version, spec.version.removesuffix(".*")) for spec in floors)


def _is_at_least(version: str, floor: str) -> bool:
    try:
        return Version(version) >= Version(floor)
    except InvalidVersion:
        return False


def _check_third_party(
    found: Found, requirement: Requirement, environment: Environment, everything: Sequence[Found]
) -> list[Problem]:
    name = canonicalize_name(requirement.name)
    version = environment.versions.get(name)
    if version is None:
        message = f"Plugin {found.label} needs {requirement.name}, which isn't installed."
        return [
            make_problem("requirement-missing", message, f"pip install {_quoted(requirement)}", found.place)
        ]
    # pip took what is installed, pre-release or not, so it counts (PEP 440, "Handling of pre-releases").
    if not requirement.specifier.contains(version, prereleases=True):
        message = f"Plugin {found.label} needs {requirement.name} {requirement.specifier}, but {version} is installed."
        message += _also_wanted(name, found, everything)
        return [
            make_problem("requirement-version", message, f"pip install {_quoted(requirement)}", found.place)
        ]
    return _check_extras(found, requirement, environment)


def _also_wanted(name: NormalizedName, found: Found, everything: Sequence[Found]) -> str:
    wishes = []
    for other in everything:
        if other is found:
            continue
        for requirement in filter(None, map(parse, other.requires)):
            if canonicalize_name(requirement.name) == name and requirement.specifier:
                wishes.append(f"plugin {other.label} needs {requirement.specifier}")
    return f" At the same time {' and '.join(wishes)}." if wishes else ""


def _check_extras(found: Found, requirement: Requirement, environment: Environment) -> list[Problem]:
    for extra in sorted(requirement.extras):
        for text in environment.find_requires(canonicalize_name(requirement.name)):
            inner = parse(text)
            if inner is None or inner.marker is None or applies(inner, environment.markers):
                continue
            version = environment.versions.get(canonicalize_name(inner.name))
            if applies(inner, environment.markers, extra) and version is None:
                message = f"Plugin {found.label} needs {requirement.name}[{extra}], whose {inner.name} isn't installed."
                remedy = f"pip install {_quoted(requirement)}"
                return [make_problem("requirement-missing", message, remedy, found.place)]
    return []


def _quoted(requirement: Requirement) -> str:
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    if requirement.url:
        return f"'{requirement.name}{extras} @ {requirement.url}'"
    text = f"{requirement.name}{extras}{requirement.specifier}"
    return text if text.replace("-", "").replace("_", "").isalnum() else f"'{text}'"


def _judge_asset_types(judged: Sequence[Judged], owners: Mapping[str, str]) -> list[Judged]:
    claims: dict[str, list[Found]] = {}
    for one in judged:
        if one.is_sound:
            for slug in one.found.asset_types:
                claims.setdefault(slug, []).append(one.found)
    return [one.with_problems(_taken(one.found, claims, owners)) if one.is_sound else one for one in judged]


def _taken(found: Found, claims: Mapping[str, list[Found]], owners: Mapping[str, str]) -> list[Problem]:
    problems = []
    for slug in found.asset_types:
        owner = owners.get(slug)
        others = [other.label for other in claims.get(slug, []) if other.name != found.name]
        if owner == found.name or (owner is None and not others):
            continue
        named = repr(owner) if owner else " and ".join(others)
        message = f"Plugin {found.label} claims the asset type {slug!r}, which plugin {named} has."
        remedy = f"pip uninstall -y {found.dist}" if found.dist else f"Rename {slug!r} in {found.place}."
        problems.append(make_problem("asset-type-taken", message, remedy, found.package_dir))
    return problems
