"""Loading plugins: each on its own, nothing taken up before all of it is checked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from plugin_wheels import MODEL, Wheel, manifest_of, scale_wheel, write_directory_plugin

from shopdb.models import CoreBase
from shopdb.plugins.discovery import find_plugins
from shopdb.plugins.hooks import HOOKS, render_page
from shopdb.plugins.loader import LoadedPlugin, load_core, load_one
from shopdb.plugins.plugin_set import PluginSet, required_failures
from shopdb.plugins.problems import Problem, make_problem
from shopdb.plugins.verdict import Verdict


@pytest.fixture
def site_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on Python's path; what was imported from it is forgotten afterwards."""
    folder = tmp_path / "lib"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before, tables = set(sys.modules), set(CoreBase.metadata.tables)
    yield folder
    for name in set(CoreBase.metadata.tables) - tables:  # what a bad plugin left there is no table of core's
        CoreBase.metadata.remove(CoreBase.metadata.tables[name])
    for name in set(sys.modules) - before:
        if name.startswith(("shopdb_", "acme_")):
            del sys.modules[name]


SOURCE = (
    "@hookimpl\ndef shopdb_register_search_sources(): return "
    "[SearchSource(name='{name}', title='MACs', permission='{permission}', find={find})]"
)
LINK = (
    "from flask import Blueprint\n@hookimpl\ndef shopdb_register_views(): return "
    "[Views(blueprint=Blueprint('b', 'b'), permissions={}, links=[PageLink(endpoint='kiosk', title='K')])]"
)
COLUMNS = (
    "from shopdb.db import Str, ItemRow, field, model_base\n"
    "class Note(ItemRow, model_base('scales')):\n    __tablename__ = 'scales_note'\n    said = field(Str(9))\n"
    "@hookimpl\ndef shopdb_register_resources(): return "
    "[Resource(name='scales', title='Notes', title_one='Note', model=Note, columns=('said', 'colour'))]"
)


def load(folder: Path, **sources: tuple[Any, str]) -> tuple[LoadedPlugin | None, list[Problem]]:
    (found,) = find_plugins(None, path=[str(folder)])
    assert found.problems == ()
    return load_one(found, sources)


def refuse(folder: Path, wheel: Wheel, **sources: tuple[Any, str]) -> Problem:
    wheel.install(folder)
    loaded, problems = load(folder, **sources)
    assert loaded is None
    return problems[0]


def hooks(body: str) -> str:
    text = "from shopdb.plugins import *\nfrom shopdb.plugins import hookimpl\n"
    return text + textwrap.dedent(body)


def test_a_sound_plugin_brings_its_resource_filled_with_its_name(site_packages: Path) -> None:
    scale_wheel().install(site_packages)
    loaded, problems = load(site_packages)
    assert problems == []
    assert loaded is not None
    assert [(one.name, one.plugin) for one in loaded.contribution.resources] == [("scales", "scales")]


def test_core_comes_through_the_same_hooks() -> None:
    core = load_core()
    assert core.name == "core"
    assert "assets" in {one.name for one in core.contribution.resources}


@pytest.mark.parametrize(
    ("code", "expected", "in_message"),
    [
        ("raise RuntimeError('kaput')", "import-failed", "RuntimeError: kaput"),
        ("import nowhere_at_all", "import-missing-module", "'nowhere_at_all'"),
        ("from yaml_not_there.x import y", "import-missing-module", "yaml_not_there"),
        ("import shopdb_scales.gone", "import-missing-own-module", "'shopdb_scales.gone'"),
        ("import shopdb.gone", "import-missing-name", "'shopdb.gone'"),
        ("from shopdb.plugins import Resorce", "import-missing-name", "Did you mean 'Resource'?"),
        ("raise SystemExit(0)", "import-exited", "SystemExit"),
        ("raise KeyboardInterrupt", "import-exited", "KeyboardInterrupt"),
        ("raise GeneratorExit", "import-exited", "GeneratorExit"),
        ("class Mine(BaseException): pass\nraise Mine('x')", "import-exited", "Mine: x"),
        ("def f(): f()\nf()", "import-failed", "RecursionError"),
        ("raise MemoryError", "import-failed", "MemoryError"),
        ("def broken(:", "syntax-error", "isn't valid Python"),
        ("class E(Exception):\n    def __str__(self): raise ValueError\nraise E", "import-failed", "E: "),
    ],
)
def test_an_import_that_fails_says_how(
    site_packages: Path, code: str, expected: str, in_message: str
) -> None:
    problem = refuse(site_packages, Wheel(code=code))
    assert problem.code == expected
    assert in_message in problem.message
    assert problem.where is not None
    assert "shopdb_scales/plugin.py:" in problem.where
    assert not [name for name in sys.modules if name.startswith("shopdb_scales")]


def test_a_missing_module_names_the_pip_command(site_packages: Path) -> None:
    assert refuse(site_packages, Wheel(code="import serial_not_here")).remedy == "pip install serial-not-here"


def test_a_failed_import_can_be_tried_again(site_packages: Path) -> None:
    Wheel(code="raise RuntimeError").install(site_packages)
    assert load(site_packages)[0] is None
    (site_packages / "shopdb_scales/plugin.py").write_text(Wheel().contents()["shopdb_scales/plugin.py"])
    assert load(site_packages)[0] is not None


def test_a_real_ctrl_c_still_stops(tmp_path: Path) -> None:
    Wheel(code="import time\nprint('waiting', flush=True)\ntime.sleep(30)").install(tmp_path)
    script = (
        "import signal\n"
        "from shopdb.plugins.discovery import find_plugins\n"
        "from shopdb.plugins.loader import load_one\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored\n"
        f"load_one(find_plugins(None, path=[{str(tmp_path)!r}])[0], {{}})\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ) as child:  # fmt: skip
        assert child.stdout is not None
        assert child.stdout.readline() == b"waiting\n"
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=20)
    assert b"KeyboardInterrupt" in errors
    assert child.returncode != 0


@pytest.mark.parametrize(
    ("target", "code", "expected", "in_message"),
    [
        ("shopdb_scales.plugin:Plugn", "class Plugin: pass", "entry-point-missing", "Did you mean Plugin?"),
        ("shopdb_scales.plugin", "x = 1", "not-a-plugin", "the module shopdb_scales.plugin"),
        ("shopdb_scales.plugin:number", "number = 42", "not-a-plugin", "42"),
        ("shopdb_scales.plugin:nothing", "nothing = None", "not-a-plugin", "None"),
        (
            "shopdb_scales.plugin:P",
            "class P:\n    def __init__(self, x): pass",
            "constructor-failed",
            "missing 1",
        ),
        (
            "shopdb_scales.plugin:P",
            "class P:\n    def __init__(self): raise SystemExit",
            "constructor-failed",
            "Exit",
        ),
    ],
)
def test_an_entry_point_that_names_no_plugin_says_what_it_names(
    site_packages: Path, target: str, code: str, expected: str, in_message: str
) -> None:
    problem = refuse(site_packages, Wheel(target=target, code=code))
    assert problem.code == expected
    assert in_message in problem.message


def test_a_class_with_hooks_is_made_and_used(site_packages: Path) -> None:
    code = hooks("""
    class Plugin:
        @hookimpl
        def shopdb_register_jobs(self):
            return []
    """)
    Wheel(target="shopdb_scales.plugin:Plugin", code=code).install(site_packages)
    assert load(site_packages)[0] is not None


@pytest.mark.parametrize(
    ("body", "expected", "in_message"),
    [
        ("@hookimpl\ndef shopdb_register_resource(): return []", "unknown-hook", "Did you mean shopdb_register_resources?"),
        ("@hookimpl\ndef shopdb_on_moon_landed(): pass", "unknown-hook", "newer core"),
        ("@hookimpl\ndef shopdb_add_panels(resource, itm): return []", "hook-arguments", "'itm'"),
        ("@hookimpl\ndef shopdb_register_jobs(app): return []", "hook-arguments", "the hook gives: none"),
        ("@hookimpl(wrapper=True)\ndef shopdb_register_jobs(): yield", "hook-option", "wrapper"),
        ("@hookimpl(hookwrapper=True)\ndef shopdb_register_jobs(): yield", "hook-option", "wrapper"),
        ("@hookimpl\ndef shopdb_register_jobs(): raise OSError('disk')", "hook-raised", "OSError: disk"),
        ("@hookimpl\ndef shopdb_register_jobs(): raise SystemExit", "hook-raised", "SystemExit"),
        ("@hookimpl\ndef shopdb_register_jobs(): pass", "hook-result", "returned None"),
        ("@hookimpl\ndef shopdb_register_jobs(): yield 1", "hook-result", "a generator"),
        ("@hookimpl\ndef shopdb_register_jobs(): return ['x']", "hook-result", "a Job is expected"),
        ("@hookimpl\ndef shopdb_register_commands(): return [print]", "hook-result", "Command is expected"),
        ("@hookimpl\ndef shopdb_register_jobs(): return [Job(name='poll', run=print, every_s=5)]", "outside-space", "'poll'"),
        ("@hookimpl\ndef shopdb_register_jobs(): return [Job(name='scales.poll', run=print, every_s='no_setting')]",
         "invalid-contribution", "no_setting"),
        ("@hookimpl\ndef shopdb_register_jobs(): return [Job(name='scales.a', run=print, every_s=5)] * 2",
         "duplicate-contribution", "2 times"),
        (LINK, "invalid-contribution", "endpoint 'kiosk'"),
        (COLUMNS, "invalid-contribution", "the columns colour"),
        (SOURCE.format(name="macs", permission="scales.macs.view", find="print"), "outside-space", "'macs'"),
        (SOURCE.format(name="scales.macs", permission="usb.devices.view", find="print"), "outside-space", "'usb.devices.view'"),
        (SOURCE.format(name="scales.macs", permission="scales.macs.view", find="None"), "invalid-contribution", "a function"),
        (SOURCE.format(name="scales.macs", permission="scales.macs.view", find="print") + " * 2", "duplicate-contribution", "2 times"),
        ("@hookimpl\ndef shopdb_register_settings(): return [Setting(name='X', kind=int, default=1, doc='')]",
         "invalid-contribution", "'X'"),
        ("@hookimpl\ndef shopdb_register_settings(): return [Setting(name='x', kind=int, default='a', doc='')]",
         "invalid-contribution", "isn't a whole number"),
        ("@hookimpl\ndef shopdb_register_settings(): return [Setting(name='x', kind=list, default=[], doc='')]",
         "invalid-contribution", "str, int, float or bool"),
    ],
)  # fmt: skip
def test_registration_is_strict(site_packages: Path, body: str, expected: str, in_message: str) -> None:
    problem = refuse(site_packages, Wheel(code=hooks(body)))
    assert problem.code == expected
    assert in_message in problem.message
    assert str(site_packages) in str(problem.where) or str(site_packages) in problem.remedy


def test_all_that_is_wrong_is_told_at_once(site_packages: Path) -> None:
    body = """
    @hookimpl
    def shopdb_register_jobs(): raise OSError
    @hookimpl
    def shopdb_register_commands(): return None
    """
    Wheel(code=hooks(body)).install(site_packages)
    _, problems = load(site_packages)
    assert {problem.code for problem in problems} == {"hook-raised", "hook-result"}


def test_a_hook_without_its_mark_is_a_warning(site_packages: Path) -> None:
    body = "@hookimpl\ndef shopdb_register_jobs(): return []\ndef shopdb_register_commands(): return []"
    Wheel(code=hooks(body)).install(site_packages)
    loaded, problems = load(site_packages)
    assert loaded is not None
    assert [(problem.code, problem.outcome) for problem in problems] == [("hook-unmarked", None)]


def test_an_optional_hook_of_another_core_is_let_be(site_packages: Path) -> None:
    body = "@hookimpl\ndef shopdb_register_jobs(): return []\n@hookimpl(optionalhook=True)\ndef shopdb_on_x_done(): pass"
    Wheel(code=hooks(body)).install(site_packages)
    assert load(site_packages)[1] == []


@pytest.mark.parametrize(
    ("old", "new", "expected", "in_message"),
    [
        ('name="scales"', 'name="printers"', "outside-space", "'printers'"),
        ('name="scales"', 'name="scales-more"', "outside-space", "'scales-more'"),
        ('name="scales"', 'name="scales/../x"', "invalid-contribution", "scales/../x"),
        ('asset_type="acme-scales"', 'asset_type="acme-other"', "wrong-asset-type", "lists acme-scales"),
        ('asset_type="acme-scales"', "asset_type=None", "wrong-asset-type", "names no asset_type"),
        ("model=Scale", "model=int", "invalid-contribution", "AttributeError"),
        (
            'asset_type="acme-scales"',
            'asset_type="acme-scales", actions=(1,)',
            "invalid-contribution",
            "actions",
        ),
    ],
)
def test_a_resource_outside_its_space_is_refused(
    site_packages: Path, old: str, new: str, expected: str, in_message: str
) -> None:
    wheel = scale_wheel()
    problem = refuse(site_packages, scale_wheel(code=wheel.code.replace(old, new)))
    assert problem.code == expected
    assert in_message in problem.message


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        (MODEL.format(name="scales").replace('model_base("scales")', "CoreBase").replace("from sqlalchemy import Integer", "from sqlalchemy import Integer\nfrom shopdb.models import CoreBase"), "shared-metadata"),
        (MODEL.format(name="scales").replace('model_base("scales")', 'model_base("other")').replace("scales_scale", "other_scale"), "outside-space"),
        (MODEL.format(name="scales") + "    from sqlalchemy.orm import relationship, Mapped\n    x: Mapped['Misspelt'] = relationship('Misspelt')\n", "broken-model"),
        (MODEL.format(name="scales").replace('__tablename__ = "scales_scale"', '__tablename__ = "assets"'), "import-failed"),
    ],
)  # fmt: skip
def test_models_keep_to_their_own_tables_and_registry(
    site_packages: Path, models: str, expected: str
) -> None:
    problem = refuse(site_packages, scale_wheel(files={"shopdb_scales/models.py": models}))
    assert problem.code == expected
    assert "assets" in {one.name for one in load_core().contribution.resources}


@pytest.mark.parametrize(
    "method", ["before_app_request", "app_errorhandler", "app_template_filter", "record"]
)
def test_a_blueprint_that_reaches_beyond_its_space_is_refused(site_packages: Path, method: str) -> None:
    use = {
        "app_errorhandler": "app_errorhandler(500)(f)",
        "app_template_filter": "app_template_filter('x')(f)",
    }
    body = f"""
    from flask import Blueprint
    bp = Blueprint("scales", __name__)
    def f(*a): pass
    bp.{use.get(method, f"{method}(f)")}
    @hookimpl
    def shopdb_register_views():
        return [Views(blueprint=bp, permissions={{}})]
    """
    problem = refuse(site_packages, Wheel(code=hooks(body)))
    assert problem.code == "app-wide-view"


def test_an_ordinary_blueprint_is_taken(site_packages: Path) -> None:
    body = """
    from flask import Blueprint
    bp = Blueprint("scales", __name__, template_folder="templates", static_folder="static")
    @bp.get("/levels")
    def levels(): return "x"
    @bp.before_request
    def before(): pass
    @bp.errorhandler(404)
    def gone(error): return "x"
    @hookimpl
    def shopdb_register_views():
        return [Views(blueprint=bp, permissions={"levels": "scales.scales.view"})]
    """
    Wheel(code=hooks(body)).install(site_packages)
    assert load(site_packages)[1] == []


def test_a_permission_of_another_plugin_is_refused(site_packages: Path) -> None:
    body = """
    from flask import Blueprint
    @hookimpl
    def shopdb_register_views():
        return [Views(blueprint=Blueprint("scales", __name__), permissions={"levels": "usb.devices.view"})]
    """
    problem = refuse(site_packages, Wheel(code=hooks(body)))
    assert (problem.code, "'usb.devices.view'" in problem.message) == ("outside-space", True)


SETTINGS = hooks("""
@hookimpl
def shopdb_register_settings():
    return [
        Setting(name="interval_s", kind=int, default=60, doc="x", minimum=10),
        Setting(name="factor", kind=float, default=1.5, doc="x"),
        Setting(name="on", kind=bool, default=True, doc="x"),
        Setting(name="password", kind=str, default=None, doc="x", secret=True),
    ]
""")


def test_settings_are_read_as_their_kind(site_packages: Path) -> None:
    Wheel(code=SETTINGS).install(site_packages)
    env = "SHOPDB_SCALES_X"
    loaded, problems = load(site_packages, interval_s=("30", env), factor=(2, "toml"), on=("no", env))
    assert problems == []
    assert loaded is not None
    assert loaded.settings == {"interval_s": 30, "factor": 2.0, "on": False, "password": None}


@pytest.mark.parametrize(
    ("name", "raw", "in_message"),
    [
        ("interval_s", "soon", "'soon' in shopdb.toml, but a whole number from 10 is expected"),
        ("interval_s", 5, "5 in shopdb.toml"),
        ("interval_s", True, "True"),
        ("interval_s", 1.5, "1.5"),
        ("on", "perhaps", "true or false is expected"),
        ("factor", "nan", "factor"),
        ("password", 1234, "***"),
    ],
)
def test_a_setting_of_the_wrong_kind_refuses_the_plugin_and_names_the_key(
    site_packages: Path, name: str, raw: Any, in_message: str
) -> None:
    problem = refuse(site_packages, Wheel(code=SETTINGS), **{name: (raw, "shopdb.toml")})
    assert problem.code == "setting-invalid"
    assert in_message in problem.message
    assert "1234" not in problem.message + problem.remedy


def test_an_unknown_setting_warns_with_the_near_one(site_packages: Path) -> None:
    Wheel(code=SETTINGS).install(site_packages)
    loaded, problems = load(site_packages, intervall_s=("30", "shopdb.toml"))
    assert loaded is not None
    assert [problem.code for problem in problems] == ["setting-unknown"]
    assert "Did you mean 'interval_s'?" in problems[0].message


def test_a_folder_of_the_site_is_imported_under_its_own_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "shopdb_site", raising=False)
    folder = write_directory_plugin(
        tmp_path / "plugins" / "andon", code=Wheel().code + "from . import more\n"
    )
    (folder / "more.py").write_text("")
    (found,) = find_plugins(tmp_path, path=[])
    loaded, problems = load_one(found, {})
    assert problems == []
    assert loaded is not None
    assert loaded.module is sys.modules["shopdb_site.andon.plugin"]
    for name in [name for name in sys.modules if name.startswith("shopdb_site")]:
        monkeypatch.delitem(sys.modules, name)


def loaded_with(folder: Path, name: str, body: str) -> LoadedPlugin:
    Wheel(name=name, code=hooks(body)).install(folder)
    found = next(one for one in find_plugins(None, path=[str(folder)]) if one.name == name)
    loaded, problems = load_one(found, {})
    assert loaded is not None, problems
    return loaded


@pytest.mark.parametrize(
    "bad",
    ["raise OSError", "raise SystemExit", "return None", "return ['x']", "yield 1; raise OSError"],
)
def test_a_panel_that_fails_leaves_the_others_standing_and_is_counted(site_packages: Path, bad: str) -> None:
    panels = "@hookimpl\ndef shopdb_add_panels(resource):\n    "
    broken = loaded_with(site_packages, "bad", panels + bad)
    good = loaded_with(site_packages, "good", panels + "return [Panel(title=resource, template='x.html')]")
    verdict = Verdict(name="bad", title="Bad", dist=None, version=None, source="wheel", state="active")
    loaded = PluginSet([broken, good], [verdict])
    session: Any = None
    assert [(name, panel.title) for name, panel in loaded.add_panels("assets", {}, session)] == [
        ("good", "assets")
    ]
    assert loaded.failures == {"bad": 1}
    (now,) = loaded.verdicts
    assert (now.state, [problem.code for problem in now.problems]) == ("degraded", ["hook-failing"])


def verdict_of(name: str, state: Any, *codes: str) -> Verdict:
    problems = tuple(make_problem(code, f"{code}.", "x") for code in codes)
    return Verdict(
        name=name, title=name, dist=None, version=None, source="wheel", state=state, problems=problems
    )


def test_a_required_plugin_that_fails_keeps_the_site_from_starting() -> None:
    verdicts = [
        verdict_of("a", "active"),
        verdict_of("b", "quarantined", "import-failed"),
        verdict_of("c", "available"),
        verdict_of("d", "disabled"),
    ]
    failures = required_failures(PluginSet([], verdicts, required=("a", "b", "c", "d", "nowhere")))
    assert [(one.code, one.remedy) for one in failures] == [
        ("import-failed", "x"),
        ("required-missing", "shopdb plugin install c"),
        ("required-missing", "shopdb plugin enable d"),
        ("required-missing", "shopdb plugin install shopdb-nowhere"),
    ]
    assert required_failures(PluginSet([], verdicts, required=("b",), is_safe_mode=True)) == []


def test_strict_requires_every_installed_plugin_and_a_range_for_core() -> None:
    verdicts = [
        verdict_of("a", "active", "no-core-range"),
        verdict_of("b", "quarantined", "import-failed"),
        verdict_of("c", "available", "no-core-range"),
        verdict_of("d", "disabled", "import-failed"),
    ]
    assert required_failures(PluginSet([], verdicts)) == []
    failures = required_failures(PluginSet([], verdicts, is_strict=True))
    assert [one.code for one in failures] == ["no-core-range", "import-failed"]


def test_the_manifest_may_name_more_types_than_resources_do(site_packages: Path) -> None:
    types = '["acme-scales", "printer"]'
    scale_wheel(manifest=manifest_of("scales", organisation='"acme"', asset_types=types)).install(
        site_packages
    )
    assert load(site_packages)[1] == []


def test_the_page_of_the_hooks_tells_what_each_takes_and_who_uses_it() -> None:
    page = render_page({"shopdb_add_cards": ["shopdb-usb"]})
    for name, hook in HOOKS.items():
        assert name.startswith(f"shopdb_{hook.kind}_")
        assert hook.doc.splitlines()[0].replace("``", "`") in page
    assert "def shopdb_add_cards(viewer: Viewer, session: Session) -> list[Card]" in page
    assert "Since hook-API level 1. Used by `shopdb-usb`." in page
