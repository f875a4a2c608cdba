"""Judging what was found: pure, nothing is installed or read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from shopdb.plugins.compat import Environment, judge
from shopdb.plugins.dependency import Judged
from shopdb.plugins.found import Found
from shopdb.plugins.installed import Installed
from shopdb.plugins.manifest import Manifest
from shopdb.plugins.problems import Problem


def found_of(name: str, requires: Sequence[str] = (), *, version: str = "1.0.0", **values: Any) -> Found:
    level = values.pop("hook_api", 1)
    types = values.pop("asset_types", ())
    manifest = Manifest(name=name, title=name.capitalize(), hook_api=level, asset_types=types)
    core = () if any("shopdb-core" in text for text in requires) else ("shopdb-core>=1,<2",)
    defaults: dict[str, Any] = {"dist": f"shopdb-{name}", "source": "wheel", "place": Path("/lib") / name}
    return Found(
        name=name, version=version, manifest=manifest, requires=(*core, *requires), **{**defaults, **values}
    )


def environment(
    *, core: str = "1.4.0", versions: Mapping[str, str] | None = None, **values: Any
) -> Environment:
    return Environment(
        core_version=core,
        python_version=values.pop("python", "3.11.7"),
        hook_levels=values.pop("hook_levels", range(1, 2)),
        versions=versions or {},
        markers={"python_version": "3.11", "sys_platform": "linux", "extra": ""},
        **values,
    )


def installed_of(*names: str, disabled: Sequence[str] = ()) -> dict[str, Installed]:
    return {
        name: Installed(name=name, title=name, enabled=name not in disabled) for name in (*names, *disabled)
    }


def problems_of(judged: Sequence[Judged], name: str) -> list[Problem]:
    return list(next(one for one in judged if one.found.name == name).problems)


def judge_one(found: Found, where: Environment | None = None) -> list[Problem]:
    return problems_of(judge([found], where or environment(), {}), found.name)


def codes(problems: Sequence[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def test_a_plugin_that_fits_has_no_problem() -> None:
    assert judge_one(found_of("scales")) == []


@pytest.mark.parametrize(
    ("range_", "core", "remedy"),
    [
        (">=2,<3", "1.9.0", "pip install 'shopdb-core<3,>=2'"),
        ("<1.4", "1.4.0", "pip install --upgrade shopdb-scales"),
        ("==1.3.*", "1.4.0", "pip install --upgrade shopdb-scales"),
        ("~=1.5", "1.4.0", "pip install 'shopdb-core~=1.5'"),
        (">=1.4", "1.4.0rc1", "pip install 'shopdb-core>=1.4'"),
    ],
)
def test_a_core_outside_the_range_is_incompatible(range_: str, core: str, remedy: str) -> None:
    problems = judge_one(found_of("scales", [f"shopdb-core{range_}"]), environment(core=core))
    assert [(problem.code, problem.outcome) for problem in problems] == [("core-range", "incompatible")]
    assert f"but {core} is installed" in problems[0].message
    assert "'scales' (shopdb-scales 1.0.0) needs shopdb-core" in problems[0].message
    assert problems[0].remedy == remedy


def test_a_prerelease_counts_only_where_the_range_names_one() -> None:
    where = environment(core="1.5.0.dev1")
    refused = judge_one(found_of("scales", ["shopdb-core>=1.2"]), where)
    assert codes(refused) == ["core-range"]
    assert "pre-release" in refused[0].message
    assert judge_one(found_of("scales", ["shopdb-core>=1.5.0.dev0"]), where) == []


def test_no_range_for_core_is_a_warning() -> None:
    found = found_of("scales", ["shopdb-core"])
    assert [(problem.code, problem.outcome) for problem in judge_one(found)] == [("no-core-range", None)]


def test_another_python_is_incompatible() -> None:
    problems = judge_one(found_of("scales", requires_python=">=3.14"))
    assert [(problem.code, problem.outcome) for problem in problems] == [("python-range", "incompatible")]
    assert "this is 3.11.7" in problems[0].message


@pytest.mark.parametrize(
    ("level", "remedy"),
    [(3, "pip install --upgrade shopdb-core"), (1, "pip install --upgrade shopdb-scales")],
)
def test_a_hook_level_that_core_lacks_is_incompatible(level: int, remedy: str) -> None:
    problems = judge_one(found_of("scales", hook_api=level), environment(hook_levels=range(2, 3)))
    assert [(problem.code, problem.outcome) for problem in problems] == [("hook-api", "incompatible")]
    assert problems[0].remedy == remedy


@pytest.mark.parametrize("version", ["1.0-final-x", "", "one"])
def test_a_version_that_is_none_is_quoted(version: str) -> None:
    problems = judge_one(found_of("scales", version=version))
    assert codes(problems) == ["invalid-version"]
    assert repr(version) in problems[0].message


@pytest.mark.parametrize("text", ["orjson>=2,<<3", "???", "shopdb-network>=x"])
def test_a_requirement_that_is_none_is_quoted(text: str) -> None:
    problems = judge_one(found_of("scales", [text]))
    assert codes(problems) == ["invalid-requirement"]
    assert text in problems[0].message


def test_a_missing_package_is_named_with_its_command() -> None:
    problems = judge_one(found_of("scales", ["pyserial>=3.5"]))
    assert codes(problems) == ["requirement-missing"]
    assert problems[0].remedy == "pip install 'pyserial>=3.5'"


def test_a_package_of_the_wrong_version_names_who_wants_the_other() -> None:
    one, other = found_of("scales", ["pysnmp<6"]), found_of("clocks", ["PySNMP>=7"])
    judged = judge([one, other], environment(versions={"pysnmp": "7.1"}), {})
    problems = problems_of(judged, "scales")
    assert codes(problems) == ["requirement-version"]
    assert "7.1 is installed" in problems[0].message
    assert "'clocks' (shopdb-clocks 1.0.0) needs >=7" in problems[0].message
    assert problems_of(judged, "clocks") == []


def test_an_installed_prerelease_of_another_package_counts() -> None:
    found = found_of("scales", ["pyserial>=3.5"])
    assert judge_one(found, environment(versions={"pyserial": "4.0b1"})) == []


@pytest.mark.parametrize("marker", ["sys_platform == 'win32'", "python_version < '3.0'", "extra == 'test'"])
def test_a_requirement_whose_marker_does_not_hold_is_left_aside(marker: str) -> None:
    assert judge_one(found_of("scales", [f"nowhere>=1; {marker}"])) == []


def test_the_packages_of_an_extra_are_looked_for_too() -> None:
    where = environment(
        versions={"requests": "2.32"}, find_requires=lambda name: ["PySocks>=1.5; extra == 'socks'", "idna"]
    )
    problems = judge_one(found_of("scales", ["requests[socks]"]), where)
    assert codes(problems) == ["requirement-missing"]
    assert "PySocks" in problems[0].message
    there = environment(versions={"requests": "2.32", "pysocks": "1.7"}, find_requires=where.find_requires)
    assert judge_one(found_of("scales", ["requests[socks]"]), there) == []


def test_a_wheel_for_another_platform_names_its_tag() -> None:
    found = found_of("scales", tags=("cp39-cp39-win_amd64",))
    problems = judge_one(found, environment(find_tags=lambda: {"cp311-cp311-linux_x86_64"}))
    assert codes(problems) == ["wrong-platform"]
    assert "cp39-cp39-win_amd64" in problems[0].message
    fits = found_of("scales", tags=("cp311-cp311-linux_x86_64",))
    assert judge_one(fits, environment(find_tags=lambda: {"cp311-cp311-linux_x86_64"})) == []


def test_a_plugin_that_is_needed_and_absent_is_named() -> None:
    problems = judge_one(found_of("computers", ["shopdb-network>=1.1"]))
    assert codes(problems) == ["dependency-missing"]
    assert problems[0].remedy == "pip install 'shopdb-network>=1.1'"


def test_a_plugin_that_is_needed_in_another_version_is_told() -> None:
    judged = judge([found_of("network"), found_of("computers", ["shopdb-network>=1.1"])], environment(), {})
    problems = problems_of(judged, "computers")
    assert codes(problems) == ["dependency-version"]
    assert "1.0.0 is installed" in problems[0].message


def test_a_refused_need_takes_its_dependents_with_it_root_cause_first() -> None:
    chain = [
        found_of("a", ["shopdb-b"]),
        found_of("b", ["shopdb-c"]),
        found_of("c", ["shopdb-core>=9"]),
        found_of("other"),
    ]
    judged = judge(chain, environment(), {})
    assert codes(problems_of(judged, "b")) == codes(problems_of(judged, "a")) == ["dependency-refused"]
    message = problems_of(judged, "a")[0].message
    assert message.startswith("Plugin 'c' (shopdb-c 1.0.0) needs shopdb-core >=9")
    assert problems_of(judged, "other") == []


def test_a_disabled_need_says_enable() -> None:
    plugins = [found_of("computers", ["shopdb-network"]), found_of("network")]
    judged = judge(plugins, environment(), installed_of("computers", disabled=["network"]))
    problems = problems_of(judged, "computers")
    assert [(problem.code, problem.remedy) for problem in problems] == [
        ("dependency-disabled", "shopdb plugin enable network")
    ]


def test_a_need_that_is_only_found_says_install_unless_it_comes_along() -> None:
    plugins = [found_of("computers", ["shopdb-network"]), found_of("network")]
    judged = judge(plugins, environment(), installed_of("computers"))
    assert problems_of(judged, "computers")[0].remedy == "shopdb plugin install network"
    together = judge(plugins, environment(), {}, assume=["computers", "network"])
    assert problems_of(together, "computers") == []
    only_available = judge(plugins, environment(), {})
    assert problems_of(only_available, "computers") == []


def test_a_circle_refuses_its_members_and_prints_the_way() -> None:
    plugins = [
        found_of("a", ["shopdb-b"]),
        found_of("b", ["shopdb-c"]),
        found_of("c", ["shopdb-a"]),
        found_of("behind", ["shopdb-a"]),
        found_of("aside"),
    ]
    judged = judge(plugins, environment(), {})
    for name in "abc":
        assert codes(problems_of(judged, name)) == ["dependency-cycle"]
    assert "b -> c -> a -> b" in problems_of(judged, "b")[0].message
    assert codes(problems_of(judged, "behind")) == ["dependency-refused"]
    assert problems_of(judged, "aside") == []


def test_a_plugin_that_needs_itself_is_a_circle() -> None:
    assert codes(judge_one(found_of("a", ["shopdb-a"]))) == ["dependency-cycle"]


def test_plugins_come_in_an_order_in_which_they_can_be_loaded() -> None:
    plugins = [found_of("a", ["shopdb-z"]), found_of("m"), found_of("z", ["shopdb-m"])]
    assert [one.found.name for one in judge(plugins, environment(), {})] == ["m", "z", "a"]


def test_a_plain_folder_answers_to_the_name_that_its_wheel_would_have() -> None:
    folder = found_of("my_line", dist=None, source="directory")
    judged = judge([folder, found_of("andon", ["shopdb-my-line"])], environment(), {})
    assert [one.problems for one in judged] == [(), ()]


def test_two_claims_to_an_asset_type_refuse_both_and_name_both() -> None:
    plugins = [found_of("a", asset_types=("printer",)), found_of("b", asset_types=("printer",))]
    judged = judge(plugins, environment(), {})
    for name, other in ("ab", "ba"):
        problems = problems_of(judged, name)
        assert codes(problems) == ["asset-type-taken"]
        assert f"'{other}'" in problems[0].message


def test_the_owner_of_an_asset_type_keeps_it() -> None:
    plugins = [found_of("a", asset_types=("printer",)), found_of("b", asset_types=("printer",))]
    judged = judge(plugins, environment(), installed_of("b"), owners={"printer": "b"})
    assert problems_of(judged, "b") == []
    assert codes(problems_of(judged, "a")) == ["asset-type-taken"]
    orphaned = judge(plugins[:1], environment(), {}, owners={"printer": "gone"})
    assert "'gone'" in problems_of(orphaned, "a")[0].message


def test_a_plugin_that_is_refused_for_itself_takes_no_asset_type_from_another() -> None:
    plugins = [
        found_of("a", asset_types=("printer",)),
        found_of("b", ["shopdb-core>=9"], asset_types=("printer",)),
    ]
    assert problems_of(judge(plugins, environment(), {}), "a") == []


@pytest.mark.parametrize("names", [("scales", "scales")])
def test_plugins_with_one_name_are_all_in_the_answer(names: tuple[str, ...]) -> None:
    plugins = [found_of(name, place=Path(f"/lib/{number}")) for number, name in enumerate(names)]
    assert len(judge(plugins, environment(), {})) == len(names)
