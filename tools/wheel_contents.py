"""What every wheel must hold and must not: ``python tools/wheel_contents.py dist``."""

from __future__ import annotations

import email
import sys
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
NEVER = ("tests/", "newsfragments/", ".snmprec", "node_modules/", ".pyc", ".env")


def find_problems(wheel: Path) -> list[str]:
    """What is wrong with a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        info = next(name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(info))
    package = ROOT / "packages" / metadata["Name"]
    project = tomllib.loads((package / "pyproject.toml").read_text("utf-8"))["project"]
    module = project["name"].replace("-", "_") if project["name"] != "shopdb-core" else "shopdb"
    problems = []
    for wanted in (f"{module}/__init__.py", f"{module}/py.typed", f"{Path(info).parent}/licenses/LICENSE"):
        if wanted not in names:
            problems.append(f"lacks {wanted}")
    if module != "shopdb" and f"{module}/shopdb-plugin.toml" not in names:
        problems.append(f"lacks {module}/shopdb-plugin.toml")
    if metadata["Version"] != project["version"]:
        problems.append(f"says version {metadata['Version']}, its project says {project['version']}")
    problems += [f"holds {name}" for name in names if any(word in name for word in NEVER)]
    problems += [f"lacks {path}" for path in find_sources(package) if path not in names]
    return problems


def find_sources(package: Path) -> list[str]:
    """Every file of the package's source folder that git would keep or that its build makes."""
    source = package / "src"
    return [
        str(path.relative_to(source))
        for path in sorted(source.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and ".egg-info" not in str(path)
    ]


def main(folder: str) -> int:
    """Print what is wrong with each wheel of the folder; 1 where anything is, or one is missing."""
    wheels = sorted(Path(folder).glob("*.whl"))
    missing = len(list((ROOT / "packages").iterdir())) - len(wheels)
    problems = [f"{wheel.name} {problem}" for wheel in wheels for problem in find_problems(wheel)]
    problems += [f"{missing} wheel(s) missing in {folder}"] if missing else []
    print("\n".join(problems) or f"{len(wheels)} wheels are as they should be.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
