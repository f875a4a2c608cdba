"""Plugin wheels for tests, written as pip would leave them on Python's path, sound or broken."""

from __future__ import annotations

import base64
import hashlib
import textwrap
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CODE = """
from shopdb.plugins import hookimpl

@hookimpl
def shopdb_register_jobs():
    return []
"""
MODEL = """
from sqlalchemy import Integer
from shopdb.db import AssetRow, Str, field, model_base

class Scale(AssetRow, model_base("{name}")):
    __tablename__ = "{name}_scale"
    range_kg = field(Integer, label="Range", listed=True)
"""
RESOURCE_CODE = """
from shopdb.plugins import Resource, hookimpl
from {package}.models import Scale

@hookimpl
def shopdb_register_resources():
    return [Resource(name="{name}", title="Scales", title_one="Scale", model=Scale, asset_type="acme-{name}")]
"""
MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "{name}_0001"
down_revision = None

def upgrade():
    op.create_table(
        "{name}_scale",
        sa.Column("asset_id", sa.Integer, sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("range_kg", sa.Integer),
    )
"""
CORE = ("shopdb-core>=1.0,<2",)


def manifest_of(name_: str, /, **values: str) -> str:
    """A manifest's text; values are written as TOML."""
    keys = {"name": f'"{name_}"', "title": f'"{name_.capitalize()}"', "hook_api": "1", **values}
    return "".join(f"{key} = {value}\n" for key, value in keys.items() if value)


@dataclass(kw_only=True)
class Wheel:
    """One plugin distribution. What is None is left out."""

    name: str = "scales"
    dist: str | None = None
    version: str = "1.0.0"
    package: str | None = None
    target: str | None = None
    manifest: str | None = ""
    code: str = CODE
    requires: Sequence[str] = CORE
    requires_python: str | None = None
    tag: str = "py3-none-any"
    metadata: str | None = ""
    entry_points: str | None = ""
    has_record: bool = True
    files: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dist = self.dist or f"shopdb-{self.name.replace('_', '-')}"
        self.package = self.package or f"shopdb_{self.name}"
        self.target = self.target or f"{self.package}.plugin"

    @property
    def info(self) -> str:
        """The name of the ``.dist-info`` folder."""
        return f"{str(self.dist).replace('-', '_')}-{self.version}.dist-info"

    def contents(self) -> dict[str, str]:
        """Path -> text of every file but RECORD."""
        found = {f"{self.package}/__init__.py": "", f"{self.package}/plugin.py": textwrap.dedent(self.code)}
        if self.manifest is not None:
            found[f"{self.package}/shopdb-plugin.toml"] = self.manifest or manifest_of(self.name)
        found |= {path: textwrap.dedent(text) for path, text in self.files.items()}
        if self.metadata is not None:
            found[f"{self.info}/METADATA"] = self.metadata or self._metadata()
        if self.entry_points is not None:
            text = self.entry_points or f"[shopdb.plugins]\n{self.name} = {self.target}\n"
            found[f"{self.info}/entry_points.txt"] = text
        found[f"{self.info}/WHEEL"] = (
            f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {self.tag}\n"
        )
        return found

    def install(self, folder: Path) -> Path:
        """Write it as installed; returns the ``.dist-info`` folder."""
        contents = self.contents()
        if self.has_record:
            contents[f"{self.info}/RECORD"] = self._record(contents)
        for path, text in contents.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        return folder / self.info

    def build(self, folder: Path) -> Path:
        """Write it as a wheel; returns the file."""
        folder.mkdir(parents=True, exist_ok=True)
        contents = self.contents()
        contents[f"{self.info}/RECORD"] = self._record(contents)
        path = folder / f"{str(self.dist).replace('-', '_')}-{self.version}-{self.tag}.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in contents.items():
                archive.writestr(name, text)
        return path

    def _metadata(self) -> str:
        lines = ["Metadata-Version: 2.4", f"Name: {self.dist}", f"Version: {self.version}"]
        lines += [f"Requires-Python: {self.requires_python}"] if self.requires_python else []
        lines += [f"Requires-Dist: {one}" for one in self.requires]
        return "\n".join(lines) + "\n\nA description: not a header\n"

    def _record(self, contents: Mapping[str, str]) -> str:
        rows = []
        for path, text in contents.items():
            content = text.encode()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            rows.append(f"{path},sha256={digest},{len(content)}")
        return "\n".join([*rows, f"{self.info}/RECORD,,"]) + "\n"


def scale_wheel(name: str = "scales", **options: object) -> Wheel:
    """A whole asset plugin: manifest, model, resource and migration."""
    package = f"shopdb_{name}"
    files = {
        f"{package}/models.py": MODEL.format(name=name),
        f"{package}/migrations/versions/{name}_0001.py": MIGRATION.format(name=name),
    }
    files |= options.pop("files", {})  # type: ignore[arg-type, operator]
    values: dict[str, object] = {
        "manifest": manifest_of(name, organisation='"acme"', asset_types=f'["acme-{name}"]'),
        "code": RESOURCE_CODE.format(name=name, package=package),
        **options,
    }
    return Wheel(name=name, files=files, **values)  # type: ignore[arg-type]


def write_directory_plugin(folder: Path, *, code: str = CODE, **values: str) -> Path:
    """A plain directory plugin: manifest with version and requires, plugin.py."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = {"version": '"0.1.0"', "requires": '["shopdb-core>=1,<2"]', **values}
    (folder / "shopdb-plugin.toml").write_text(manifest_of(folder.name, **keys), "utf-8")
    (folder / "plugin.py").write_text(textwrap.dedent(code), "utf-8")
    return folder
