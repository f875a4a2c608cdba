"""The hooks as data, and the functions of a plugin that implement them, checked strictly.

pluggy alone takes a misspelt hook without a word, and stops everything at the first wrong argument.
"""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pluggy

from shopdb.plugins import hookspecs
from shopdb.plugins.found import Found
from shopdb.plugins.hookspecs import PROJECT, Kind
from shopdb.plugins.problems import Problem, make_problem


@dataclass(frozen=True, slots=True)
class Hook:
    """One hook, as ``plugin hooks`` lists it."""

    name: str
    kind: Kind
    since: int
    arguments: tuple[str, ...]
    doc: str

    def asdict(self) -> dict[str, Any]:
        """The shape of ``plugin hooks --json``."""
        return {"name": self.name, "kind": self.kind, "since": self.since, "arguments": list(self.arguments)}


@dataclass(frozen=True, slots=True)
class Implementation:
    """A plugin's function for a hook, and the arguments that it takes."""

    plugin: str
    function: Callable[..., Any]
    arguments: tuple[str, ...]

    def call(self, values: Mapping[str, Any]) -> Any:
        """Call it with those of the hook's arguments that it takes."""
        return self.function(**{name: values[name] for name in self.arguments})


def _read_specs() -> dict[str, Hook]:
    hooks = {}
    for name, function in vars(hookspecs).items():
        level = getattr(function, "shopdb_since", None)
        if level is not None:
            kind: Any = name.split("_")[1]
            arguments = tuple(inspect.signature(function).parameters)
            hooks[name] = Hook(name, kind, level, arguments, inspect.getdoc(function) or "")
    return hooks


HOOKS: Mapping[str, Hook] = _read_specs()


_ABOUT = """\
# Hooks

What a plugin can implement. Mark each function with `@hookimpl` of `shopdb.plugins`, and name those of the arguments that
it wants. `shopdb plugin hooks` lists them; [Extend ShopDB](../how-to/extend.md) has examples.

| hook | kind | since | arguments |
|---|---|---|---|
"""
_WHEN: Mapping[Kind, str] = {
    "register": "Once at each start.",
    "add": "Each time that a page renders.",
    "on": "After a commit, in the worker.",
}


def render_page(users: Mapping[str, Sequence[str]]) -> str:
    """The reference page of all hooks, in Markdown.

    Args:
        users: Hook -> the packages that come with ShopDB and implement it.
    """
    parts = [_ABOUT]
    for hook in HOOKS.values():
        arguments = ", ".join(f"`{name}`" for name in hook.arguments) or "none"
        parts.append(f"| [{hook.name}](#{hook.name}) | {hook.kind} | {hook.since} | {arguments} |\n")
    for kind, when in _WHEN.items():
        parts.append(f"\n## shopdb_{kind}_…\n\n{when}\n")
        parts += [
            _render_hook(hook, users.get(hook.name, ())) for hook in HOOKS.values() if hook.kind == kind
        ]
    return "".join(parts)


def _render_hook(hook: Hook, users: Sequence[str]) -> str:
    signature = inspect.signature(getattr(hookspecs, hook.name))
    text = re.sub(r"``(.+?)``", r"`\1`", hook.doc).replace("\nArgs:\n", "\nArguments:\n\n")
    text = re.sub(r"^    (\w+): ", r"- `\1`: ", text, flags=re.MULTILINE).strip()
    used = ", ".join(f"`{name}`" for name in users) or "nobody yet"
    code = f"def {hook.name}{signature}".replace("'", "")
    told = f"Since hook-API level {hook.since}. Used by {used}."
    return f"\n### {hook.name}\n\n```python\n{code}\n```\n\n{text.strip()}\n\n{told}\n"


def find_implementations(found: Found, plugin: object) -> tuple[dict[str, Implementation], list[Problem]]:
    """The plugin's functions by hook, and what is wrong with them."""
    manager = pluggy.PluginManager(PROJECT)
    implementations: dict[str, Implementation] = {}
    problems: list[Problem] = []
    marked = 0
    for attribute in sorted(set(dir(plugin))):
        options = manager.parse_hookimpl_opts(plugin, attribute)
        if options is None:
            problems += _find_unmarked(found, plugin, attribute)
            continue
        marked += 1
        name = options.get("specname") or attribute
        function = getattr(plugin, attribute)
        if name not in HOOKS:
            problems += [] if options.get("optionalhook") else [_unknown(found, name, function)]
        elif name in implementations:
            problems.append(_twice(found, name, function))
        elif options.get("wrapper") or options.get("hookwrapper"):
            problems.append(_wrapper(found, name, function))
        else:
            arguments, wrong = _read_arguments(found, HOOKS[name], function)
            problems += [wrong] if wrong else []
            implementations[name] = Implementation(found.name, function, arguments)
    if not marked:
        problems.insert(0, _no_plugin(found, plugin))
    return implementations, problems


def place_of(function: Any) -> str | None:
    """``file:line`` of a function."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else None


def _find_unmarked(found: Found, plugin: object, attribute: str) -> list[Problem]:
    if attribute not in HOOKS or not inspect.isroutine(inspect.getattr_static(plugin, attribute)):
        return []
    function = getattr(plugin, attribute)
    if getattr(hookspecs, attribute) is function:
        return []
    where = place_of(function)
    message = (
        f"{attribute} of plugin {found.label} has a hook's name but no @hookimpl, so it is never called."
    )
    return [make_problem("hook-unmarked", message, f"Write @hookimpl above it in {where}.", where)]


def _unknown(found: Found, name: str, function: Any) -> Problem:
    where = place_of(function)
    near = difflib.get_close_matches(name, HOOKS, 1, cutoff=0.75)
    message = f"Plugin {found.label} implements {name}, which this core doesn't have."
    if near:
        return make_problem(
            "unknown-hook", f"{message} Did you mean {near[0]}?", f"Rename it to {near[0]} in {where}.", where
        )
    message = f"{message} It may be a hook of a newer core."
    return make_problem("unknown-hook", message, "pip install --upgrade shopdb-core", where)


def _twice(found: Found, name: str, function: Any) -> Problem:
    where = place_of(function)
    message = f"Plugin {found.label} implements {name} twice."
    return make_problem("hook-option", message, f"Keep one of the two: {where}.", where)


def _wrapper(found: Found, name: str, function: Any) -> Problem:
    where = place_of(function)
    message = f"Plugin {found.label} marks {name} as a wrapper, which would change what other plugins say."
    return make_problem("hook-option", message, f"Mark it with plain @hookimpl in {where}.", where)


def _no_plugin(found: Found, plugin: object) -> Problem:
    what = f"the module {plugin.__name__}" if inspect.ismodule(plugin) else f"{plugin!r:.80}"
    message = f"The entry point {found.name} = {found.target!r} names {what}, which has no function marked @hookimpl."
    remedy = f"Point {found.name} at the module that holds them, such as {found.module.split('.')[0]}.plugin."
    return make_problem("not-a-plugin", message, remedy, found.place)


def _read_arguments(
    found: Found, hook: Hook, function: Callable[..., Any]
) -> tuple[tuple[str, ...], Problem | None]:
    taken: list[str] = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if parameter.kind is parameter.POSITIONAL_ONLY or name not in hook.arguments:
            if parameter.default is not parameter.empty:
                continue
            return (), _wrong_argument(found, hook, function, name)
        taken.append(name)
    return tuple(taken), None


def _wrong_argument(found: Found, hook: Hook, function: Callable[..., Any], name: str) -> Problem:
    where = place_of(function)
    given = ", ".join(hook.arguments) or "none"
    near = difflib.get_close_matches(name, hook.arguments, 1)
    message = f"{hook.name} of plugin {found.label} takes {name!r}, but the hook gives: {given}."
    remedy = f"Rename {name} to {near[0]} in {where}." if near else f"Remove {name} in {where}."
    return make_problem("hook-arguments", message, remedy, where)
