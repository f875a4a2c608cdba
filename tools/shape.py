"""Figures of the code's shape: ``python tools/shape.py`` prints them and fails where one is past its bound."""

from __future__ import annotations

import ast
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from pathlib import Path

from shopdb.plugins import hookspecs

ROOT = Path(__file__).parents[1]
PACKAGES = ROOT / "packages"
SURFACE = {f"shopdb.{name}" for name in ("plugins", "db", "services", "outbound", "errors", "testing")}
LONG_FUNCTION_LINES = 40
MAX_COMPLEXITY = 10
NAMED = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
FREE_OF_ANNOTATION = {"self", "cls", "mcs"}
BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.match_case)
NO_CODE = frozenset(
    {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
)
SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore)\b")
EXPLAINED = re.compile(r"#\s*(noqa:\s*[A-Z]+[0-9]+[^#]* - \S|type:\s*ignore\[[a-z, -]+\]\s+#\s*\S)")
"""A suppression names its code and its reason."""


@dataclass(frozen=True)
class Module:
    """One source file of a package."""

    name: str
    path: Path

    @cached_property
    def text(self) -> str:
        """What is in it."""
        return self.path.read_text("utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax."""
        return ast.parse(self.text)

    @property
    def where(self) -> str:
        """Its path in the repository."""
        return str(self.path.relative_to(ROOT))


@dataclass(frozen=True)
class Figure:
    """A figure, its bound, and what is past it."""

    title: str
    value: float
    bound: float
    culprits: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether it is within its bound."""
        return self.value <= self.bound


def read_modules() -> list[Module]:
    """Every module of every package, revisions of schemas left out: those are written once."""
    found = []
    for source in sorted(PACKAGES.glob("*/src")):
        for path in sorted(source.rglob("*.py")):
            parts = path.relative_to(source).with_suffix("").parts
            if "versions" not in parts:
                found.append(Module(".".join(parts).removesuffix(".__init__"), path))
    return found


def functions_of(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def complexity_of(function: ast.AST) -> int:
    """McCabe's number, one and the branches; functions inside left out."""
    total = 1
    pending = list(ast.iter_child_nodes(function))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        total += isinstance(node, BRANCHES)
        pending += ast.iter_child_nodes(node)
    return total


def judge_sizes(modules: list[Module]) -> Iterator[Figure]:
    """Modules and functions: long ones, complex ones."""
    lines = {module.where: module.text.count("\n") for module in modules}
    long = tuple(f"{where}: {count}" for where, count in lines.items() if count > 400)
    yield Figure("lines of the largest module (aim 400)", max(lines.values()), 600, long)
    functions = [(module, function) for module in modules for function in functions_of(module)]
    complex_ones = [
        f"{m.where}:{f.lineno} {f.name}" for m, f in functions if complexity_of(f) > MAX_COMPLEXITY
    ]
    yield Figure("functions of a complexity over 10", len(complex_ones), 0, tuple(complex_ones))
    tall = [
        f"{m.where}:{f.lineno} {f.name}"
        for m, f in functions
        if (f.end_lineno or f.lineno) - f.lineno + 1 > LONG_FUNCTION_LINES
    ]
    share = 100 * len(tall) / max(1, len(functions))
    yield Figure("functions over 40 lines (%)", round(share, 1), 3, tuple(tall))


def judge_names(modules: list[Module]) -> Iterator[Figure]:
    """Annotations, docstrings, suppressions."""
    bare = [
        f"{m.where}:{f.lineno} {f.name}({a.arg})"
        for m in modules
        for f in functions_of(m)
        for a in [*f.args.posonlyargs, *f.args.args, *f.args.kwonlyargs]
        if a.annotation is None and a.arg not in FREE_OF_ANNOTATION
    ]
    yield Figure("parameters without annotation", len(bare), 0, tuple(bare))
    silent = [f"{m.where} {name}" for m in modules for name in undocumented(m)]
    yield Figure("public names without docstring", len(silent), 0, tuple(silent))
    mute = [
        f"{m.where}:{number}"
        for m in modules
        for number, line in enumerate(m.text.splitlines(), start=1)
        if SUPPRESSION.search(line) and not EXPLAINED.search(line)
    ]
    yield Figure("suppressions without code and reason", len(mute), 0, tuple(mute))


def undocumented(module: Module) -> Iterator[str]:
    """Public classes, and functions of the module and of its public classes, without a docstring.

    Methods that fulfil a protocol or override a documented one are told by their class.
    """
    if module.path.name == "__main__.py":
        return
    if ast.get_docstring(module.tree) is None:
        yield "(the module)"
    for node in module.tree.body:
        is_public = isinstance(node, NAMED) and not node.name.startswith("_")
        if is_public and ast.get_docstring(node) is None:  # type: ignore[arg-type]  # is_public narrows it
            yield node.name  # type: ignore[attr-defined]  # as above


def imports_of(module: Module, names: set[str], *, everywhere: bool = False) -> set[str]:
    """The modules that it imports when it is imported itself, or at any time."""
    found: set[str] = set()
    pending: list[ast.AST] = list(module.tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (inner & names) or {node.module}
        elif everywhere or not is_deferred(node):
            pending += ast.iter_child_nodes(node)
    return found


def is_deferred(node: ast.AST) -> bool:
    """Whether what is inside is not run when the module is imported."""
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def find_cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that import each other in a circle, by Tarjan's algorithm."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    cycles: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for other in graph[name]:
            if other not in order:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], order[other])
        if low[name] == order[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                cycles.append(sorted(group))

    for name in graph:
        if name not in order:
            visit(name)
    return cycles


def judge_imports(modules: list[Module]) -> Iterator[Figure]:
    """Cycles, and what plugins import of core."""
    names = {module.name for module in modules}
    graph = {module.name: imports_of(module, names) & names for module in modules}
    cycles = find_cycles(graph)
    in_cycles = tuple(" <-> ".join(cycle) for cycle in cycles)
    yield Figure("modules in an import cycle", sum(map(len, cycles)), 0, in_cycles)
    used = {
        name
        for module in modules
        if not module.name.startswith("shopdb.") and module.name != "shopdb"
        for name in imports_of(module, names, everywhere=True)
        if name == "shopdb" or name.startswith("shopdb.")
    }
    beyond = tuple(sorted(name for name in used if name not in SURFACE and not within_surface(name, names)))
    yield Figure("core modules that plugins import", len({surface_of(n) for n in used}), 6, beyond)


def surface_of(name: str) -> str:
    """``shopdb.plugins.hookimpl`` counts as ``shopdb.plugins``."""
    return ".".join(name.split(".")[:2])


def within_surface(name: str, names: set[str]) -> bool:
    """Whether it is a name in a module of the surface, and no module of its own."""
    return surface_of(name) in SURFACE and name not in names


def judge_hooks(modules: list[Module]) -> Iterator[Figure]:
    """Hooks, and those that no shipped plugin implements."""
    hooks = [name for name in vars(hookspecs) if name.startswith("shopdb_")]
    yield Figure("hooks", len(hooks), 15, tuple(hooks) if len(hooks) > 15 else ())
    shipped = "\n".join(m.text for m in modules if not m.name.startswith("shopdb."))
    unused = tuple(name for name in hooks if f"def {name}(" not in shipped)
    yield Figure("hooks without a shipped user", len(unused), 0, unused)


def judge_adding(plugin: str = "usb") -> Figure:
    """Files outside its own folder that name a plugin: those to touch to add one."""
    own = PACKAGES / f"shopdb-{plugin}"
    named = (f"shopdb_{plugin}", f"shopdb-{plugin}")
    files = [ROOT / "pyproject.toml", ROOT / "noxfile.py", *PACKAGES.glob("*/pyproject.toml")]
    files += [path for path in PACKAGES.glob("*/src/**/*.py") if path.is_file()]
    touched = [
        str(path.relative_to(ROOT))
        for path in files
        if own not in path.parents and any(name in path.read_text("utf-8") for name in named)
    ]
    return Figure("files outside its folder to touch to add a plugin", len(touched), 2, tuple(touched))


def lines_of_code(module: Module) -> int:
    """Lines that are neither blank nor a comment alone; docstrings count."""
    held: set[int] = set()
    for token in tokenize.generate_tokens(StringIO(module.text).readline):
        if token.type not in NO_CODE:
            held.update(range(token.start[0], token.end[0] + 1))
    return len(held)


def plugin_sizes(modules: list[Module]) -> dict[str, int]:
    """Lines of Python of each plugin, its migrations left out."""
    sizes: Counter[str] = Counter()
    for module in modules:
        package, *inner = module.name.split(".")
        if package != "shopdb" and "migrations" not in inner:
            sizes[package] += lines_of_code(module)
    return dict(sorted(sizes.items()))


def main() -> int:
    """Print every figure; 1 where one is past its bound."""
    modules = read_modules()
    figures = [
        *judge_sizes(modules),
        *judge_names(modules),
        *judge_imports(modules),
        *judge_hooks(modules),
        judge_adding(),
    ]
    for figure in figures:
        print(
            f"{'ok  ' if figure.is_good else 'PAST'} {figure.value:>6g} (at most {figure.bound:g})  {figure.title}"
        )
        if not figure.is_good or figure.title.startswith(("lines", "functions over 40")):
            for culprit in figure.culprits:
                print(f"              {culprit}")
    for package, size in plugin_sizes(modules).items():
        print(f"     {size:>6} (no bound)  lines of Python of {package}")
    return 0 if all(figure.is_good for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
