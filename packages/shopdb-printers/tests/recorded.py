"""The recordings of real printers, and what is known of them. They are no part of this project."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from shopdb.testing import Recording

FOLDER = (
    Path(os.environ.get("SHOPDB_TEST_DATA", Path(__file__).parents[3].parent / "shared" / "data")) / "snmp"
)
needs_recordings = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"the recordings are not at {FOLDER}: set SHOPDB_TEST_DATA"
)
CODES = {"-1": "unrestricted", "-2": "unknown", "-3": "some_left"}


def load_expected() -> dict[str, dict[str, Any]]:
    """Name -> what another program read from the same recording; printers alone."""
    path = FOLDER / "expected.json"
    if not path.is_file():
        return {}
    recordings = json.loads(path.read_text())["recordings"]
    return {name: each for name, each in recordings.items() if each["kind"] != "network"}


def load_recordings() -> dict[str, Recording]:
    """Community -> recording."""
    return {path.stem: Recording.from_file(path) for path in FOLDER.glob("*.snmprec")}
