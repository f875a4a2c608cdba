"""The reference page of the permissions: what asks for each, and which of a new site's roles hold it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shopdb.services.permission import is_granted
from shopdb.services.role import SEEDS

_ABOUT = """\
What core and the plugins of the bundled set ask for. Roles hold permissions, or patterns of them such as `*.view` and
`printers.*`; [who may do what](../explanation/access.md) says how they are looked up. On a site of yours, with your plugins,
`GET /api/v1/roles/permissions` lists them, and the page of a role shows them to be ticked.

| role of a new site | what it may |
|---|---|
"""


def render(asked: Iterable[str], titles: Mapping[str, str], *, made: str) -> str:
    """The page.

    Args:
        asked: Every permission that something asks for.
        titles: Plugin -> what people call it.
        made: The remark that says how the page comes about.
    """
    parts = [f"# Permissions\n\n{made}\n{_ABOUT}"]
    for name, (about, patterns) in SEEDS.items():
        held = ", ".join(f"`{pattern}`" for pattern in patterns)
        parts.append(f"| {name} | {about} Holds {held}. |\n")
    by_plugin: dict[str, list[str]] = {}
    for permission in sorted(asked):
        by_plugin.setdefault(permission.partition(".")[0], []).append(permission)
    for plugin, permissions in by_plugin.items():
        heads = "".join(f" {name} |" for name in SEEDS)
        rules = "".join("---|" for _ in SEEDS)
        parts.append(f"\n## {titles.get(plugin, plugin)}\n\n| permission |{heads}\n|---|{rules}\n")
        parts += [_row(permission) for permission in permissions]
    return "".join(parts)


def _row(permission: str) -> str:
    marks = "".join(" yes |" if is_granted(patterns, permission) else " |" for _, patterns in SEEDS.values())
    return f"| `{permission}` |{marks}\n"
