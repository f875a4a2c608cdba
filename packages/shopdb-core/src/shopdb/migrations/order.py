"""The order in which packages migrate."""

from collections.abc import Iterable

from shopdb.migrations.package import CORE, Package


def put_in_order(packages: Iterable[Package]) -> tuple[list[Package], dict[str, str]]:
    """Core first, then each package after those that it requires, else by name.

    Returns:
        The packages in order, and by name the reason why each of the others has no place: it requires a
        package that isn't here, or is part of (or behind) a circle.
    """
    waiting = {package.name: package for package in sorted(packages, key=_core_first)}
    here = set(waiting)
    ordered: list[Package] = []
    done: set[str] = set()
    moved = True
    while moved:
        moved = False
        for name, package in list(waiting.items()):
            if done.issuperset(package.requires):
                ordered.append(waiting.pop(name))
                done.add(name)
                moved = True
    return ordered, {name: _explain(package, here) for name, package in waiting.items()}


def _core_first(package: Package) -> tuple[bool, str]:
    return (package.name != CORE, package.name)


def _explain(package: Package, here: set[str]) -> str:
    missing = sorted(set(package.requires) - here)
    if missing:
        return (
            f"The schema of {package.title} needs that of {missing[0]!r}, which is not installed. "
            f"Run: shopdb plugin install {missing[0]}"
        )
    needed = ", ".join(repr(name) for name in sorted(package.requires))
    return (
        f"The schema of {package.title} needs that of {needed}, and they need each other or one that is missing: "
        f"mend `requires_schema` in their manifests."
    )
