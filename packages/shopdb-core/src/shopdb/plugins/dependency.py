"""What plugins need of each other: presence, versions, circles, and the order of loading."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from shopdb.plugins.found import Found
from shopdb.plugins.installed import Installed
from shopdb.plugins.problems import Problem, is_blocking, make_problem

CORE = canonicalize_name("shopdb-core")


@dataclass(frozen=True, slots=True)
class Judged:
    """A plugin and all that is wrong with it so far.

    Args:
        needs: Names of the plugins that must be loaded before it.
    """

    found: Found
    problems: tuple[Problem, ...]
    needs: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether nothing keeps it from being loaded."""
        return not is_blocking(self.problems)

    def with_problems(self, problems: Iterable[Problem]) -> Judged:
        """The same with more findings."""
        return replace(self, problems=(*self.problems, *problems))

    def root(self) -> Problem:
        """The first finding that keeps it from being loaded."""
        return next(problem for problem in self.problems if is_blocking([problem]))


def parse(text: str) -> Requirement | None:
    """A requirement, or None where the text isn't one."""
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


def applies(requirement: Requirement, markers: Mapping[str, str], extra: str = "") -> bool:
    """Whether a requirement's marker holds here."""
    return requirement.marker is None or requirement.marker.evaluate({**markers, "extra": extra})


def satisfies(version: str, specifier: SpecifierSet) -> bool:
    """Whether a package of ours lies in a range; a pre-release does only where the range names one.

    ``packaging`` would else take 1.3.0.dev1, which may lack what 1.3.0 has, for ``>=1.2``.
    """
    return specifier.contains(version, prereleases=bool(specifier.prereleases))


def find_providers(found: Iterable[Found]) -> dict[str, Found]:
    """Distribution name -> the plugin in it; a plain folder counts as ``shopdb-<name>``."""
    providers: dict[str, Found] = {}
    for one in found:
        providers.setdefault(canonicalize_name(one.dist or f"shopdb-{one.name}"), one)
    return providers


def is_plugin(requirement: Requirement, providers: Collection[str]) -> bool:
    """Whether a requirement speaks of a plugin, here or not."""
    name = canonicalize_name(requirement.name)
    return name in providers or name.startswith("shopdb-")


def judge_dependencies(
    judged: Sequence[Judged],
    installed: Mapping[str, Installed],
    markers: Mapping[str, str],
    *,
    assume: Collection[str] = (),
) -> list[Judged]:
    """Judge what plugins need of each other, in an order in which they can be loaded."""
    providers = find_providers(one.found for one in judged)
    linked = [replace(one, needs=_needs(one.found, providers, markers)) for one in judged]
    work = _Work(linked, providers, installed, markers, frozenset(assume))
    for one in linked:
        work.visit(one.found.name, ())
    for one in linked:  # of two plugins with one name only the first is in the graph; both are refused
        if not any(done.found is one.found for done in work.ordered):
            work.ordered.append(one)
    return work.ordered


def _dependencies(
    found: Found, providers: Mapping[str, Found], markers: Mapping[str, str]
) -> list[Requirement]:
    return [
        requirement
        for requirement in filter(None, map(parse, found.requires))
        if canonicalize_name(requirement.name) != CORE
        and is_plugin(requirement, providers)
        and applies(requirement, markers)
    ]


def _needs(found: Found, providers: Mapping[str, Found], markers: Mapping[str, str]) -> tuple[str, ...]:
    names = [canonicalize_name(one.name) for one in _dependencies(found, providers, markers)]
    return tuple(providers[name].name for name in names if name in providers)


class _Work:
    def __init__(
        self,
        judged: Sequence[Judged],
        providers: Mapping[str, Found],
        installed: Mapping[str, Installed],
        markers: Mapping[str, str],
        assume: frozenset[str],
    ):
        self.by_name: dict[str, Judged] = {}
        for one in judged:
            self.by_name.setdefault(one.found.name, one)
        self.providers = providers
        self.installed = installed
        self.markers = markers
        self.assume = assume
        self.ordered: list[Judged] = []
        self.done: dict[str, Judged] = {}

    def visit(self, name: str, above: tuple[str, ...]) -> None:
        """Depth first, so that what a plugin needs is judged before it."""
        if name in self.done:
            return
        one = self.by_name[name]
        for needed in one.needs:
            if needed not in above and needed != name:
                self.visit(needed, (*above, name))
        if name in self.done:
            return
        circle = self._find_circle(name)
        problems = [_circle_problem(one.found, circle)] if circle else self._judge(one.found)
        self.done[name] = one.with_problems(problems)
        self.ordered.append(self.done[name])

    def _find_circle(self, name: str) -> tuple[str, ...]:
        """The shortest way from a plugin back to itself."""
        ways: list[tuple[str, ...]] = [(name,)]
        seen: set[str] = set()
        while ways:
            way = ways.pop(0)
            for needed in self.by_name[way[-1]].needs:
                if needed == name:
                    return (*way, name)
                if needed not in seen:
                    seen.add(needed)
                    ways.append((*way, needed))
        return ()

    def _judge(self, found: Found) -> list[Problem]:
        problems = []
        for requirement in _dependencies(found, self.providers, self.markers):
            problem = self._judge_one(found, requirement)
            if problem is not None:
                problems.append(problem)
        return problems

    def _judge_one(self, found: Found, requirement: Requirement) -> Problem | None:
        provider = self.providers.get(canonicalize_name(requirement.name))
        wanted = f"{requirement.name} {requirement.specifier}".strip()
        if provider is None:
            message = f"Plugin {found.label} needs {wanted}, which isn't there."
            remedy = f"pip install '{requirement.name}{requirement.specifier}'"
            return make_problem("dependency-missing", message, remedy, found.place)
        if not _lies_in(provider.version, requirement.specifier):
            message = f"Plugin {found.label} needs {wanted}, but {provider.version} is installed."
            remedy = f"pip install '{requirement.name}{requirement.specifier}'"
            return make_problem("dependency-version", message, remedy, found.place)
        return self._judge_state(found, provider)

    def _judge_state(self, found: Found, provider: Found) -> Problem | None:
        needed = self.done.get(provider.name) or self.by_name[provider.name]
        if not needed.is_sound:
            root = needed.root()
            message = f"{root.message} Plugin {found.label} needs {provider.name!r}."
            return make_problem("dependency-refused", message, root.remedy, root.where)
        if found.name not in self.installed and found.name not in self.assume:
            return None
        if provider.name in self.assume:
            return None
        row = self.installed.get(provider.name)
        if row is None:
            message = f"Plugin {found.label} needs {provider.name!r}, which this site hasn't installed."
            return make_problem(
                "dependency-not-installed", message, f"shopdb plugin install {provider.name}", found.place
            )
        if not row.enabled:
            message = f"Plugin {found.label} needs {provider.name!r}, which is disabled."
            return make_problem(
                "dependency-disabled", message, f"shopdb plugin enable {provider.name}", found.place
            )
        return None


def _lies_in(version: str, specifier: SpecifierSet) -> bool:
    try:
        Version(version)
    except InvalidVersion:
        return True  # said already of the plugin itself, which is then refused
    return satisfies(version, specifier)


def _circle_problem(found: Found, circle: tuple[str, ...]) -> Problem:
    message = f"Plugins need each other in a circle: {' -> '.join(circle)}."
    remedy = f"Remove {circle[1]!r} from what {found.name!r} requires, or the other way round."
    return make_problem("dependency-cycle", message, remedy, found.place)
