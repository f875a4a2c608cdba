"""The pages of the documentation that are made from the code."""

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from shopdb.plugins.manifest import BUNDLED_ASSET_TYPES, MAX_BYTES, OUTBOUND, Manifest

ROOT = Path(__file__).parents[1]


def test_settings_command_line_http_permissions_hooks_and_problems_are_documented_as_they_are() -> None:
    command = [sys.executable, ROOT / "tools" / "reference_pages.py", "--check"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_manifest_is_documented_as_it_is_read() -> None:
    page = (ROOT / "docs" / "reference" / "manifest.md").read_text("utf-8")
    rows = re.findall(r"^\| (`.+?`) \|", page, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == {field.name for field in fields(Manifest)}
    for plugin, slugs in BUNDLED_ASSET_TYPES.items():
        assert f"- {plugin}: {', '.join(f'`{slug}`' for slug in slugs)}\n" in page
    assert f"{MAX_BYTES // 1024} kB" in page
    assert all(f"`{way}`" in page for way in OUTBOUND)
