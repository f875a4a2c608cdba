"""Write the reference of settings and commands: ``python tools/reference_pages.py``; ``--check`` only compares."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from shopdb.cli.commands import COMMANDS
from shopdb.cli.root import SiteGroup
from shopdb.setting_spec import SPECS, SettingSpec

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
MADE = "<!-- Made by tools/reference_pages.py from the code: do not edit. -->\n"


def render_settings() -> str:
    """Every setting of core."""
    lines = [
        "# Settings",
        "",
        MADE,
        "The environment (`SHOPDB_…`, then the site's `.env`) goes over `shopdb.toml`, and that over the default. A secret may",
        "also lie in a file that `SHOPDB_…_FILE` names. `shopdb settings` shows the values of a site and where each comes from.",
        "A plugin's settings are `SHOPDB_<PLUGIN>_<NAME>` or a table `[<plugin>]`; its own documentation lists them.",
        "",
        "| setting | environment | what | takes | default |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| `{spec.name}` | `{spec.variable}` | {spec.doc} | {spec.kind.expected} | {default_of(spec)} |"
        for spec in SPECS
    ]
    return "\n".join(lines) + "\n"


def default_of(spec: SettingSpec) -> str:
    """The default, where it is one value."""
    if spec.name == "secret_key":
        return "made by `shopdb init`"
    if callable(spec.default):
        return "see there"
    value = spec.kind.plain(spec.default)
    return "none" if value in (None, []) else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def render_commands() -> str:
    """Every command of core."""
    lines = [
        "# Commands",
        "",
        MADE,
        "`--site DIR`, `--safe-mode` (load no plugin) and `--debug` (show tracebacks) go with every command. What lists or shows",
        "takes `--json`. A command ends with 0 when it is done, 1 when it failed, 2 when it was called wrongly. A plugin's commands",
        "are `shopdb <plugin> …`.",
        "",
    ]
    root = SiteGroup("shopdb")
    ctx = click.Context(root, info_name="shopdb")
    for name in sorted(COMMANDS):
        command = root.get_command(ctx, name)
        assert command is not None
        lines += render_command(command, f"shopdb {name}", ctx)
    return "\n".join(lines)


def render_command(command: click.Command, path: str, above: click.Context) -> Iterator[str]:
    """A command and all below it."""
    ctx = click.Context(command, info_name=path.rpartition(" ")[2], parent=above)
    yield f"## `{path}`"
    yield ""
    yield from [" ".join((command.help or "").split()), ""]
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            inner = command.get_command(ctx, name)
            if inner is not None and not inner.hidden:
                yield from render_command(inner, f"{path} {name}", ctx)
        return
    usage = " ".join(piece for piece in command.collect_usage_pieces(ctx) if piece)
    yield from [f"    {path} {usage}", ""]
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    for option in options:
        record = option.get_help_record(ctx)
        if record is not None:
            yield f"- `{record[0]}`: {describe(option, record[1])}"
    if options:
        yield ""


def describe(option: click.Option, text: str) -> str:
    """The help of an option, on one line, for Markdown."""
    return " ".join(text.split()).replace("[", "(").replace("]", ")") or str(option.name)


def main(*arguments: str) -> int:
    """Write both pages, or say with 1 which is not what the code says."""
    pages: dict[str, Any] = {"settings.md": render_settings(), "commands.md": render_commands()}
    stale = []
    for name, text in pages.items():
        path = FOLDER / name
        if "--check" in arguments:
            stale += [] if path.exists() and path.read_text("utf-8") == text else [name]
        else:
            path.write_text(text, "utf-8")
    if stale:
        print(f"Not what the code says: {', '.join(stale)}. Run: python tools/reference_pages.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
