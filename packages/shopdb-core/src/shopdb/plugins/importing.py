"""Import a plugin's code in this process, whatever it does, and say what went wrong."""

from __future__ import annotations

import difflib
import importlib
import inspect
import re
import signal
import sys
import threading
import traceback
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from shopdb.errors import PluginError
from shopdb.plugins.found import SITE_PACKAGE, Found
from shopdb.plugins.problems import Problem, make_problem

T = TypeVar("T")
_MODULE_OF_PACKAGE = {
    "yaml": "PyYAML",
    "PIL": "Pillow",
    "serial": "pyserial",
    "usb": "pyusb",
    "dateutil": "python-dateutil",
}


def import_plugin(found: Found) -> object:
    """The module or object that the entry point names.

    Raises:
        PluginError: whatever kept it away; a real Ctrl-C passes through.
    """
    before = set(sys.modules)
    _make_importable(found)
    try:
        module = guard(partial(importlib.import_module, found.module), partial(explain_import, found))
        return _resolve(found, module)
    except PluginError:
        _forget(found, before)
        raise


def guard(call: Callable[[], T], explain: Callable[[BaseException], Problem]) -> T:
    """Run a plugin's code; whatever it raises becomes a problem, unless a person pressed Ctrl-C.

    Raises:
        PluginError: with what ``explain`` makes of the exception.
    """
    with _interrupts() as was_pressed:
        try:
            return call()
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt) and was_pressed():
                raise
            raise PluginError(explain(error)) from error


@contextmanager
def _interrupts() -> Iterator[Callable[[], bool]]:
    """Tells a signal from a KeyboardInterrupt that the plugin raised itself."""
    pressed: list[int] = []
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield lambda: False
        return

    def note(number: int, frame: types.FrameType | None) -> None:
        pressed.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _make_importable(found: Found) -> None:
    importlib.invalidate_caches()
    if found.import_path is None:
        return
    if not found.target.startswith(f"{SITE_PACKAGE}."):
        if str(found.import_path) not in sys.path:
            sys.path.insert(0, str(found.import_path))
        return
    package = sys.modules.get(SITE_PACKAGE)
    if package is None:
        package = types.ModuleType(SITE_PACKAGE, "The site's own plugins.")
        package.__path__ = []
        sys.modules[SITE_PACKAGE] = package
    if str(found.import_path) not in package.__path__:
        package.__path__ = [str(found.import_path)]  # one site a process


def _forget(found: Found, before: set[str]) -> None:
    """Drop what a failed import left, so that another try begins anew."""
    own = own_package(found)
    for name in set(sys.modules) - before:
        if name == own or name.startswith(f"{own}."):
            del sys.modules[name]


def own_package(found: Found) -> str:
    """The package that the plugin's modules are in."""
    parts = found.module.split(".")
    return ".".join(parts[:2]) if parts[0] == SITE_PACKAGE else parts[0]


def _resolve(found: Found, module: types.ModuleType) -> object:
    target: Any = module
    for name in filter(None, found.attribute.split(".")):
        owner = target
        target = guard(partial(getattr, owner, name), partial(_no_attribute, found, owner, name))
    if inspect.isclass(target):
        return guard(target, partial(_constructor, found, target))
    return target


def _no_attribute(found: Found, owner: Any, name: str, error: BaseException) -> Problem:
    if not isinstance(error, AttributeError):
        return explain_import(found, error)
    near = difflib.get_close_matches(name, [one for one in dir(owner) if not one.startswith("__")], 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    message = f"The entry point {found.name} = {found.target!r} names {name!r}, which isn't there.{hint}"
    right = found.target.replace(f":{found.attribute}", f":{near[0]}" if near else "")
    return make_problem(
        "entry-point-missing",
        message,
        f'Write {found.name} = "{right}" and build the package again.',
        found.place,
    )


def _constructor(found: Found, target: type, error: BaseException) -> Problem:
    message = f"{target.__qualname__} of plugin {found.label} can't be made without arguments: {say(error)}."
    where = frame_of(found, error) or str(found.place)
    return make_problem(
        "constructor-failed", message, f"Let {target.__qualname__}() work, or name an object.", where
    )


def say(error: BaseException) -> str:
    """``ValueError: text``, short."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - an exception of a plugin's own making
        text = "(it can't be shown)"
    return f"{type(error).__name__}: {text[:300]}" if text else type(error).__name__


def frame_of(found: Found, error: BaseException) -> str | None:
    """``file:line`` of the plugin's own last frame, else of the last."""
    frames = traceback.extract_tb(error.__traceback__)
    own = str(found.package_dir) if found.package_dir else ""
    inside = [frame for frame in frames if own and frame.filename.startswith(own)]
    chosen = inside[-1] if inside else None
    return f"{chosen.filename}:{chosen.lineno}" if chosen else None


def explain_import(found: Found, error: BaseException) -> Problem:
    """What an exception at import means, and the remedy."""
    where = frame_of(found, error)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _missing_module(found, error.name, where)
    if isinstance(error, ImportError):
        return _missing_name(found, error, where)
    if isinstance(error, SyntaxError):
        place = f"{error.filename}:{error.lineno}"
        message = (
            f"{Path(error.filename or '').name} of plugin {found.label} isn't valid Python: {error.msg}."
        )
        return make_problem("syntax-error", message, f"Correct {place}.", place)
    if isinstance(error, Exception):
        message = f"Importing plugin {found.label} raised {say(error)}."
        return make_problem("import-failed", message, _mend(found, where), where)
    message = f"Importing plugin {found.label} raised {say(error)}, which would have ended the process."
    return make_problem(
        "import-exited", message, f"Remove what raises it from {where or found.module}.", where
    )


def _mend(found: Found, where: str | None) -> str:
    if found.source == "wheel" and found.dist:
        return f"pip install --upgrade {found.dist}"
    return f"Mend {where or found.module}."


def _missing_module(found: Found, name: str, where: str | None) -> Problem:
    own = own_package(found)
    if name == own or name.startswith(f"{own}."):
        message = f"Plugin {found.label} imports its own module {name!r}, which isn't there."
        remedy = (
            f"pip install --force-reinstall {found.dist}"
            if found.source == "wheel"
            else f"Add {name}, or correct {where}."
        )
        return make_problem("import-missing-own-module", message, remedy, where)
    if name == "shopdb" or name.startswith("shopdb."):
        message = f"Plugin {found.label} imports {name!r}, which this shopdb-core doesn't have."
        return make_problem("import-missing-name", message, "pip install --upgrade shopdb-core", where)
    top = name.split(".")[0]
    package = _MODULE_OF_PACKAGE.get(top, top.replace("_", "-"))
    message = f"Plugin {found.label} imports {name!r}, which isn't installed."
    return make_problem("import-missing-module", message, f"pip install {package}", where)


def _missing_name(found: Found, error: ImportError, where: str | None) -> Problem:
    match = re.match(r"cannot import name '([^']+)'", str(error))
    module = error.name or ""
    if match is None:
        message = f"Importing plugin {found.label} raised {say(error)}."
        return make_problem("import-failed", message, _mend(found, where), where)
    if "circular import" in str(error):
        message = f"Plugin {found.label} imports {match[1]!r} from {module!r} while that is still being imported: a circle."
        return make_problem(
            "import-failed", message, f"Move the import in {where} into the function that needs it.", where
        )
    near = (
        difflib.get_close_matches(match[1], dir(sys.modules.get(module)), 1) if module in sys.modules else []
    )
    hint = f" Did you mean {near[0]!r}?" if near else ""
    message = f"Plugin {found.label} imports {match[1]!r} from {module!r}, which doesn't have it.{hint}"
    if near:
        return make_problem(
            "import-missing-name", message, f"Write {near[0]} for {match[1]} in {where}.", where
        )
    top = module.split(".")[0]
    remedy = (
        f"pip install --upgrade {found.dist or top}" if top == "shopdb" else f"pip install --upgrade {top}"
    )
    return make_problem("import-missing-name", message, remedy, where)
