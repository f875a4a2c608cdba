"""What a plugin brings, collected from its ``register`` hooks and checked before anything is committed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from shopdb.errors import PluginError
from shopdb.plugins.found import Found
from shopdb.plugins.hooks import Implementation, place_of
from shopdb.plugins.importing import frame_of, guard, say
from shopdb.plugins.plugin_setting import check_setting, resolve_settings
from shopdb.plugins.problems import Problem, is_blocking, make_problem
from shopdb.plugins.values import Job, Setting, Views
from shopdb.resources.declare import Action, Resource
from shopdb.search.source import SearchSource

if TYPE_CHECKING:
    import click

_PATH = re.compile(r"[a-z][a-z0-9_-]*(/[a-z][a-z0-9]*(-[a-z0-9]+)*)?\Z")
_VERB = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Contribution:
    """Everything that one plugin brings at start, checked."""

    resources: tuple[Resource, ...] = ()
    views: tuple[Views, ...] = ()
    commands: tuple[click.Command, ...] = ()
    jobs: tuple[Job, ...] = ()
    search_sources: tuple[SearchSource, ...] = ()
    settings: tuple[Setting, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Collector:
    """Asks one plugin for what it brings; `problems` is what was wrong."""

    found: Found
    implementations: Mapping[str, Implementation]
    problems: list[Problem] = field(default_factory=list)
    is_core: bool = False
    """Core's resources have no prefix, and its models no registry of their own."""

    def collect(self, sources: Mapping[str, tuple[Any, str]]) -> Contribution:
        """Call every ``register`` hook that runs at start and check what comes back.

        Args:
            sources: What the site says for the plugin's settings, with who said it.
        """
        settings = self._ask("shopdb_register_settings", Setting, self._check_setting)
        values, wrong = resolve_settings(self.found, settings, sources)
        self.problems += wrong
        resources = self._ask("shopdb_register_resources", Resource, self._check_resource)
        contribution = Contribution(
            resources=tuple(replace(resource, plugin=self.found.name) for resource in resources),
            views=tuple(self._ask("shopdb_register_views", Views, self._check_views)),
            commands=tuple(self._ask("shopdb_register_commands", _command_type, self._check_command)),
            jobs=tuple(self._ask("shopdb_register_jobs", Job, partial(self._check_job, values))),
            search_sources=tuple(
                self._ask("shopdb_register_search_sources", SearchSource, self._check_search_source)
            ),
            settings=tuple(settings),
            values=values,
        )
        self._find_doubles(contribution)
        if not self.is_core:
            self._check_models(contribution)
        return contribution

    @property
    def is_sound(self) -> bool:
        """Whether nothing keeps the plugin out so far."""
        return not is_blocking(self.problems)

    def _ask(self, hook: str, kind: Any, check: Callable[[Any], None]) -> list[Any]:
        implementation = self.implementations.get(hook)
        if implementation is None:
            return []
        try:
            values = guard(partial(implementation.call, {}), partial(self._raised, hook))
        except PluginError as error:
            self.problems.append(error.problem)
            return []
        if not isinstance(values, (list, tuple)):
            self._add("hook-result", hook, f"{hook} returned {_short(values)}, not a list", "Return a list")
            return []
        type_ = kind() if kind is _command_type else kind
        good = []
        for value in values:
            if not isinstance(value, type_):
                text = f"{hook} returned {_short(value)} where a {type_.__name__} is expected"
                self._add("hook-result", hook, text, f"Return {type_.__name__} values only")
                continue
            before = len(self.problems)
            try:
                guard(partial(check, value), partial(self._broken, hook))
            except PluginError as error:
                self.problems.append(error.problem)
            if len(self.problems) == before:
                good.append(value)
        return good

    def _raised(self, hook: str, error: BaseException) -> Problem:
        where = frame_of(self.found, error) or place_of(self.implementations[hook].function)
        message = f"{hook} of plugin {self.found.label} raised {say(error)}."
        return make_problem("hook-raised", message, f"Mend {where}.", where)

    def _broken(self, hook: str, error: BaseException) -> Problem:
        where = place_of(self.implementations[hook].function)
        message = f"What {hook} of plugin {self.found.label} returned can't be used: {say(error)}."
        return make_problem("invalid-contribution", message, f"Mend what {where} returns.", where)

    def _add(self, code: str, hook: str, text: str, edit: str) -> None:
        where = place_of(self.implementations[hook].function)
        message = f"Plugin {self.found.label}: {text}."
        self.problems.append(make_problem(code, message, f"{edit} in {where}.", where))

    def _check_setting(self, setting: Setting) -> None:
        wrong = check_setting(self.found.name, setting)
        if wrong:
            self._add("invalid-contribution", "shopdb_register_settings", wrong, "Correct the setting")

    def _check_resource(self, resource: Resource) -> None:
        hook, plugin = "shopdb_register_resources", self.found.name
        name = resource.name
        if not isinstance(name, str) or not _PATH.match(name):
            self._add(
                "invalid-contribution",
                hook,
                f"resource {name!r} has no name like {plugin} or {plugin}/parts",
                "Rename it",
            )
            return
        if self.is_core:
            return
        if name.split("/")[0] != plugin:
            text = f"resource {name!r} lies outside its space"
            self._add(
                "outside-space", hook, text, f"Rename it to {plugin} or {plugin}/{name.rsplit('/')[-1]}"
            )
        joined = resource.model.__table__.c.get("asset_id")
        has_asset = joined is not None and joined.primary_key  # else it only refers to one
        if resource.asset_type is not None and resource.asset_type not in self.found.asset_types:
            listed = ", ".join(self.found.asset_types) or "none"
            text = (
                f"resource {name!r} has the asset type {resource.asset_type!r}; the manifest lists {listed}"
            )
            self._add(
                "wrong-asset-type",
                hook,
                text,
                f'Add "{resource.asset_type}" to asset_types in shopdb-plugin.toml, or correct it',
            )
        elif has_asset and resource.asset_type is None:
            text = f"resource {name!r} joins assets by asset_id, but names no asset_type"
            self._add("wrong-asset-type", hook, text, "Give it asset_type=…")
        self._check_actions(resource)
        self._compile(resource)

    def _check_actions(self, resource: Resource) -> None:
        names = [action.name for action in resource.actions if isinstance(action, Action)]
        wrong = [name for name in names if not _VERB.match(name) or names.count(name) > 1]
        if len(names) != len(resource.actions) or wrong:
            text = f"the actions of resource {resource.name!r} need names of their own like poll or check-out: {wrong}"
            self._add("invalid-contribution", "shopdb_register_resources", text, "Rename them")

    def _compile(self, resource: Resource) -> None:
        from shopdb.resources.compiled import CompiledResource

        CompiledResource(resource)  # raises what the guard turns into a problem

    def _check_views(self, views: Views) -> None:
        from shopdb.plugins.blueprint import find_app_wide

        hook = "shopdb_register_views"
        blueprint = views.blueprint
        reaching = find_app_wide(blueprint)
        if reaching:
            text = f"blueprint {blueprint.name!r} uses {', '.join(reaching)}, which reaches every page"
            self._add("app-wide-view", hook, text, "Use the blueprint's own, such as before_request")
        for link in views.links:
            if link.endpoint not in views.permissions:
                text = f"the navigation is to lead to endpoint {link.endpoint!r}, which has no permission"
                self._add("invalid-contribution", hook, text, "Give it one in permissions")
        for endpoint, right in views.permissions.items():
            if right in ("public", "signed-in") or right.split(".")[0] in (self.found.name, "core"):
                continue
            text = f"endpoint {endpoint!r} asks for the permission {right!r}, which lies outside its space"
            self._add("outside-space", hook, text, f"Name it {self.found.name}.…")

    def _check_command(self, command: click.Command) -> None:
        if not command.name:
            self._add("invalid-contribution", "shopdb_register_commands", "a command has no name", "Name it")

    def _check_job(self, settings: Mapping[str, Any], job: Job) -> None:
        hook = "shopdb_register_jobs"
        prefix, _, verb = str(job.name).partition(".")
        if prefix != self.found.name or not _VERB.match(verb):
            self._add(
                "outside-space",
                hook,
                f"job {job.name!r} lies outside its space",
                f"Name it {self.found.name}.<verb>",
            )
        every = settings.get(job.every_s) if isinstance(job.every_s, str) else job.every_s
        if isinstance(every, bool) or not isinstance(every, (int, float)) or every <= 0:
            text = f"job {job.name!r} is to run every {job.every_s!r}: a number of seconds or the name of a setting is needed"
            self._add("invalid-contribution", hook, text, "Correct every_s")
        if job.deadline_s <= 0 or not callable(job.run):
            self._add(
                "invalid-contribution",
                hook,
                f"job {job.name!r} needs a function and a deadline above 0",
                "Correct it",
            )

    def _check_search_source(self, source: SearchSource) -> None:
        hook, plugin = "shopdb_register_search_sources", self.found.name
        prefix, _, last = str(source.name).partition(".")
        if prefix != plugin or not _VERB.match(last):
            text = f"search source {source.name!r} lies outside its space"
            self._add("outside-space", hook, text, f"Name it {plugin}.<what>")
        if str(source.permission).split(".")[0] not in (plugin, "core"):
            text = (
                f"search source {source.name!r} asks for the permission {source.permission!r}, "
                "which lies outside its space"
            )
            self._add("outside-space", hook, text, f"Name it {plugin}.….view")
        if not source.title or not callable(source.find):
            text = f"search source {source.name!r} needs a title and a function that finds"
            self._add("invalid-contribution", hook, text, "Correct it")

    def _find_doubles(self, contribution: Contribution) -> None:
        named: dict[str, list[str | None]] = {
            "shopdb_register_resources": [one.name for one in contribution.resources],
            "shopdb_register_commands": [one.name for one in contribution.commands],
            "shopdb_register_jobs": [one.name for one in contribution.jobs],
            "shopdb_register_search_sources": [one.name for one in contribution.search_sources],
            "shopdb_register_settings": [one.name for one in contribution.settings],
            "shopdb_register_views": [one.blueprint.name for one in contribution.views],
        }
        for hook, names in named.items():
            for name, times in Counter(names).items():
                if times > 1:
                    self._add(
                        "duplicate-contribution", hook, f"{hook} returns {name!r} {times} times", "Rename one"
                    )
        types = Counter(one.asset_type for one in contribution.resources if one.asset_type)
        for slug in [slug for slug, times in types.items() if times > 1]:
            self._add(
                "duplicate-contribution",
                "shopdb_register_resources",
                f"two resources have the asset type {slug!r}",
                "Give one another type",
            )

    def _check_models(self, contribution: Contribution) -> None:
        from shopdb.plugins.model import check_models

        self.problems += check_models(self.found, contribution.resources)


def _command_type() -> type:
    import click

    return click.Command


def _short(value: object) -> str:
    if value is None:
        return "None"
    return f"a {type(value).__name__}"
