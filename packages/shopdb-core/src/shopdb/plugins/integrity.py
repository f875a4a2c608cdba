"""Whether installed files are still those that were published, by the sums in ``RECORD``."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path

from shopdb.plugins.distributions import Distribution, read_record, scan

_CHECKED = (".py", ".toml", ".html", ".js", ".css")
_CORE = "shopdb-core"


def find_modified(root: Path, record: Mapping[str, tuple[str, int | None]]) -> list[str]:
    """Paths of ``RECORD`` whose file is gone or differs; only files that carry behaviour are read."""
    modified = []
    for path, (sum_, size) in record.items():
        algorithm, _, digest = sum_.partition("=")
        if algorithm != "sha256" or not path.endswith(_CHECKED) or path.startswith(".."):
            continue
        try:
            content = (root / path).read_bytes()
        except OSError:
            modified.append(path)
            continue
        if size not in (None, len(content)) or _digest(content) != digest:
            modified.append(path)
    return modified


def find_core_files(record: Mapping[str, tuple[str, int | None]]) -> list[str]:
    """Paths of another distribution's ``RECORD`` that lie inside core's package."""
    return [path for path in record if path.startswith("shopdb/")]


def find_damaged_core() -> list[str]:
    """Core's own files that aren't the published ones; empty for an editable core."""
    core: Distribution | None = next((dist for dist in scan() if dist.name == _CORE), None)
    record = read_record(core) if core else None
    if core is None or not record or not find_core_files(record):
        return []
    return find_modified(core.root, record)


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
