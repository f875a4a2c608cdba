"""Write the reference pages that the code knows best: ``python tools/reference_pages.py [--check]``.

Settings, command line, HTTP and permissions, of core and the plugins beside it; hooks and problems.
``--check`` writes nothing, and ends with 1 where a page and the code differ.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import hook_page
import permission_page
import problem_pages
from sqlalchemy import FromClause

from shopdb.api.paths import PATHS
from shopdb.cli.commands import COMMANDS
from shopdb.plugins.values import Setting
from shopdb.resources.compiled import Field
from shopdb.resources.openapi import build_spec
from shopdb.runtime import Runtime
from shopdb.setting_spec import SPECS
from shopdb.testing.site import SiteUnderTest, make_template

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"
PLUGINS = sorted(
    folder.name.removeprefix("shopdb-")
    for folder in (ROOT / "packages").iterdir()
    if folder.name != "shopdb-core"
)
_MADE = "<!-- Made by tools/reference_pages.py: edit the code, not this page. -->\n"
_METHODS = ("get", "post", "patch", "delete")
_KINDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
_SETTINGS_ABOUT = """
A setting comes from the environment, else from the site's `.env`, else from `shopdb.toml`, else it has its default.
A secret may also lie in a file that `SHOPDB_…_FILE` names. `shopdb settings` lists each with its value and where
that came from. A change takes effect at the next start.

## Core
"""
_CLI_ABOUT = """
`shopdb COMMAND --help` says the same. `--site DIR`, `--safe-mode` (load no plugin) and `--debug` (show the traceback
of an error) go before or behind every command. Where `--json` is offered, one JSON value goes to standard output
and nothing else. A command ends with 0 when it is done, with 1 when it failed, with 2 when it was called wrongly.
`flask --app shopdb COMMAND` does the same as `shopdb COMMAND`.
"""
_HTTP_ABOUT = """
A running site writes the whole of it, with every field, parameter and answer, to `/api/openapi.json`, and shows
it for people at `/api/docs`. This page is the summary.

- `Authorization: Bearer …` takes an API token or the `access_token` of a login. See [API tokens](../how-to/api-tokens.md).
- A collection takes `q`, `sort`, `limit` (1 to 1000, 50 by itself), `cursor`, `total=true`, and filters: `<field>=` or
  `<field>__<op>=` with `in`, `lt`, `lte`, `gt`, `gte`, `contains`, `startswith`, `isnull`, and `within` where it applies. It answers
  `{"items": […], "next": …}`; `next` is the `cursor` of the next page, to be sent with the same filters.
- References are ids on the way in and `{"id", "name"}` on the way out.
- An item carries an `ETag`. `PATCH` and `DELETE` want it back as `If-Match`: 428 without, 412 when the item has
  changed since.
- `bulk` takes `{"create": […], "update": [{"id", "version", …}], "delete": [{"id", "version"}]}`, all or nothing.
- An error is `application/problem+json` with `type`, `title`, `status`, `detail` and, by field, `errors`.

Beside the API: `GET /healthz` says whether the process lives, `GET /readyz` whether the site can work (503 where it
can't), and `GET /metrics` holds figures for Prometheus.
"""


def render_settings(runtime: Runtime) -> str:
    """The page of the settings."""
    parts = [f"# Settings\n\n{_MADE}{_SETTINGS_ABOUT}"]
    for spec in SPECS:
        facts = [f"`{spec.variable}` in the environment", f"{spec.kind.expected}"]
        if not callable(spec.default) and spec.default not in (None, ()):
            facts.append(f"by itself `{_as_toml(spec.kind.plain(spec.default))}`")
        if spec.secret:
            facts.append(f"a secret: it belongs in `.env` or in the file that `{spec.variable}_FILE` names")
        parts.append(f"\n### {spec.name}\n\n{spec.doc}\n\n{_bullets(facts)}")
    for plugin in runtime.plugins.plugins:
        declared = [setting for name, setting in runtime.plugins.setting_specs() if name == plugin.name]
        if declared:
            parts.append(f"\n## {plugin.title}\n\nIn `shopdb.toml` below `[{plugin.name}]`.\n")
            parts += [_plugin_setting(plugin.name, setting) for setting in declared]
    return "".join(parts)


def _plugin_setting(plugin: str, setting: Setting) -> str:
    kind = _KINDS[setting.kind]
    if setting.minimum is not None:
        kind += f", at least {setting.minimum:g}"
    facts = [f"`SHOPDB_{plugin.upper()}_{setting.name.upper()}` in the environment", kind]
    if setting.default is not None:
        facts.append(f"by itself `{_as_toml(setting.default)}`")
    return f"\n### {plugin}.{setting.name}\n\n{setting.doc}\n\n{_bullets(facts)}"


def _as_toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        f'"{value}"' if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)
    )


def _bullets(facts: Iterable[str]) -> str:
    return "".join(f"- {fact[:1].upper()}{fact[1:]}.\n" for fact in facts)


def render_cli(runtime: Runtime) -> str:
    """The page of the command line."""
    parts = [f"# Command line\n\n{_MADE}{_CLI_ABOUT}"]
    for name in sorted(COMMANDS):
        module, _, attribute = COMMANDS[name].partition(":")
        parts += _command(getattr(importlib.import_module(module), attribute), f"shopdb {name}")
    for plugin, command in runtime.plugins.commands():
        parts += _command(command, f"shopdb {plugin} {command.name}")
    return "".join(parts)


def _command(command: click.Command, path: str) -> Iterator[str]:
    level = "##" if path.count(" ") == 1 else "###"
    yield f"\n{level} {path}\n\n{_plain(command.help or '')}\n"
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from _command(command.commands[name], f"{path} {name}")
        return
    context = click.Context(command, info_name=path)
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"\n```text\n{path} {usage}\n```\n"
    records = [
        record
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.hidden
        if (record := parameter.get_help_record(context)) is not None
    ]
    if records:
        yield "\n| option | |\n|---|---|\n"
        yield "".join(f"| `{_cell(names)}` | {_cell(told)} |\n" for names, told in records)
    if command.epilog:
        yield f"\n{_plain(command.epilog)}\n"


def _plain(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.replace("\b", "").split("\n\n")).strip()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def render_http(runtime: Runtime) -> str:
    """The page of the API."""
    spec = build_spec(runtime.registry, PATHS)
    parts = [f"# HTTP\n\n{_MADE}{_HTTP_ABOUT}"]
    by_tag: dict[str, list[str]] = {}
    for path, operations in sorted(spec["paths"].items()):
        for method in filter(operations.__contains__, _METHODS):
            operation = operations[method]
            row = f"| `{method.upper()} {path}` | {operation['summary']} |\n"
            by_tag.setdefault(operation["tags"][0], []).append(row)
    schemas = {compiled.declared.title: compiled for compiled in runtime.registry}
    for tag, rows in by_tag.items():
        parts.append(f"\n## {tag}\n\n| | |\n|---|---|\n{''.join(rows)}")
        if tag in schemas:
            compiled = schemas[tag]
            is_asset = compiled.declared.is_asset
            own = [f for f in compiled.fields if not is_asset or _table_of(f) is compiled.own]
            parts.append(_fields(own, is_asset=is_asset))
    return "".join(parts)


def _table_of(field: Field) -> FromClause | None:
    return None if field.column is None else field.column.table


def _fields(fields: Iterable[Field], *, is_asset: bool) -> str:
    about = "An asset's fields, and:" if is_asset else "Fields:"
    names = ", ".join(f"`{field.name}`{_remark(field)}" for field in fields)
    return f"\n{about} {names}.\n"


def _remark(field: Field) -> str:
    remarks = []
    if field.required and field.default is None and field.name != "status":
        remarks.append("required")
    if field.secret:
        remarks.append("write-only")
    elif not field.writable:
        remarks.append("read-only")
    if field.references:
        remarks.append(f"of `{field.references}`")
    return f" ({', '.join(remarks)})" if remarks else ""


def render_pages() -> Mapping[Path, str]:
    """Every page that this writes, from a new site with every plugin installed."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "run").mkdir()
        site = SiteUnderTest(make_template(folder, PLUGINS, "sqlite"), folder / "run")
        try:
            return {
                FOLDER / "settings.md": render_settings(site.runtime),
                FOLDER / "commands.md": render_cli(site.runtime),
                FOLDER / "http.md": render_http(site.runtime),
                FOLDER / "permissions.md": permission_page.render(
                    site.get("roles/permissions").get_json()["items"],
                    {
                        "core": "Core",
                        **{plugin.name: plugin.title for plugin in site.runtime.plugins.plugins},
                    },
                    made=_MADE,
                ),
                **hook_page.render(),
                **problem_pages.render(),
            }
        finally:
            site.close()


def main() -> None:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--check", action="store_true")
    is_check = parser.parse_args().check
    pages, gone = render_pages(), problem_pages.find_gone()
    if not is_check:
        for path, text in pages.items():
            path.write_text(text, "utf-8")
        for path in gone:
            path.unlink()
        return
    stale = [path for path, text in pages.items() if not path.is_file() or path.read_text("utf-8") != text]
    for path in (*stale, *gone):
        print(f"{path.relative_to(ROOT)} and the code differ. Run: python tools/reference_pages.py")
    sys.exit(bool(stale or gone))


if __name__ == "__main__":
    main()
