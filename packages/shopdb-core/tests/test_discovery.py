"""Finding plugins, sound and broken, without running any of their code."""

import os
import sys
import zipfile
from pathlib import Path

import pytest
from plugin_wheels import Wheel, manifest_of, write_directory_plugin

from shopdb.errors import SettingsError
from shopdb.plugins.discovery import find_plugins
from shopdb.plugins.found import Found

BOMB = "raise SystemExit('imported')"


def find(*folders: Path, site: Path | None = None, check_files: bool = False) -> list[Found]:
    return find_plugins(site, path=[str(folder) for folder in folders], check_files=check_files)


def find_one(*folders: Path, site: Path | None = None, check_files: bool = False) -> Found:
    found = find(*folders, site=site, check_files=check_files)
    assert len(found) == 1, found
    return found[0]


def codes(found: Found) -> list[str]:
    return [problem.code for problem in found.problems]


def test_a_wheel_is_described_from_its_files(tmp_path: Path) -> None:
    Wheel(code=BOMB, requires=["shopdb-core>=1,<2", "orjson>=3"], requires_python=">=3.11").install(tmp_path)
    found = find_one(tmp_path)
    assert (found.name, found.dist, found.version, found.source) == (
        "scales",
        "shopdb-scales",
        "1.0.0",
        "wheel",
    )
    assert found.requires == ("shopdb-core>=1,<2", "orjson>=3")
    assert found.requires_python == ">=3.11"
    assert found.manifest is not None
    assert found.manifest.title == "Scales"
    assert found.package_dir == tmp_path / "shopdb_scales"
    assert found.problems == ()


def test_distributions_without_our_entry_points_are_left_alone(tmp_path: Path) -> None:
    Wheel(entry_points="[console_scripts]\nx = shopdb.plugins:x\n").install(tmp_path)
    assert find(tmp_path) == []


def test_a_manifest_in_an_outer_package_is_found(tmp_path: Path) -> None:
    wheel = Wheel(
        manifest=None,
        target="acme_shop.parts.plugin",
        package="acme_shop",
        files={
            "acme_shop/parts/plugin.py": BOMB,
            "acme_shop/parts/shopdb-plugin.toml": manifest_of("scales"),
        },
    )
    wheel.install(tmp_path)
    assert find_one(tmp_path).package_dir == tmp_path / "acme_shop/parts"


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        (None, "is missing"),
        ("Name: x\n" + "X: y\n" * 300_000, "larger"),
        ("Metadata-Version: 2.4\n\n", "lacks Name"),
    ],
)
def test_broken_metadata_is_one_plugins_problem(tmp_path: Path, metadata: str | None, reason: str) -> None:
    Wheel(metadata=metadata).install(tmp_path)
    Wheel(name="clocks").install(tmp_path)
    clocks, scales = find(tmp_path)
    assert codes(clocks) == []
    assert codes(scales) == ["broken-metadata"]
    assert reason in scales.problems[0].message
    assert scales.problems[0].remedy == "pip install --force-reinstall shopdb-scales"


def test_metadata_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    info = Wheel().install(tmp_path)
    (info / "METADATA").write_bytes(b"Name: shopdb-scales\nVersion: 1\nAuthor: \xff\n")
    assert codes(find_one(tmp_path)) == ["broken-metadata"]


@pytest.mark.parametrize(
    "text",
    [
        "[shopdb.plugins]\nscales\n",
        "[shopdb.plugins]\nscales = shopdb_scales.plugin\n[other]\na = b\n[shopdb.plugins]\nx = y\n",
        "[shopdb.plugins]\nscales = \n",
        "[shopdb.plugins]\nscales = not a module\n",
        "[shopdb.plugins\nscales = shopdb_scales.plugin\n",
    ],
)
def test_malformed_entry_points_are_that_distributions_problem(tmp_path: Path, text: str) -> None:
    Wheel(entry_points=text).install(tmp_path)
    Wheel(name="clocks").install(tmp_path)
    clocks, *scales = find(tmp_path)
    assert codes(clocks) == []
    assert scales[0].name == "scales"
    assert all("malformed-entry-points" in codes(one) for one in scales)


def test_entry_points_that_are_not_utf8_are_told(tmp_path: Path) -> None:
    info = Wheel().install(tmp_path)
    (info / "entry_points.txt").write_bytes(b"[shopdb.plugins]\nscales = shopdb_scales.plugin\n# \xff\n")
    assert codes(find_one(tmp_path)) == ["malformed-entry-points"]


@pytest.mark.parametrize(
    ("name", "code"),
    [("Scales", "illegal-name"), ("my-scales", "illegal-name"), ("", "illegal-name"), ("9lives", "illegal-name"),
     ("é", "illegal-name"), ("db", "reserved-name"), ("assets", "reserved-name"), ("api", "reserved-name")],
)  # fmt: skip
def test_a_name_that_is_no_name_is_refused(tmp_path: Path, name: str, code: str) -> None:
    Wheel(entry_points=f"[shopdb.plugins]\n{name} = shopdb_scales.plugin\n").install(tmp_path)
    assert code in codes(find_one(tmp_path))


def test_two_packages_with_one_name_are_both_refused_and_both_named(tmp_path: Path) -> None:
    Wheel().install(tmp_path)
    Wheel(dist="acme-scales", package="acme_scales").install(tmp_path)
    found = find(tmp_path)
    assert [codes(one) for one in found] == [["duplicate-name"], ["duplicate-name"]]
    for one, other in (found, found[::-1]):
        assert str(one.dist) in one.problems[0].message
        assert str(other.dist) in one.problems[0].message


def test_one_package_that_names_the_plugin_twice_is_refused_once(tmp_path: Path) -> None:
    text = "[shopdb.plugins]\nscales = shopdb_scales.plugin\nscales = shopdb_scales.plugin:other\n"
    Wheel(entry_points=text).install(tmp_path)
    assert codes(find_one(tmp_path)) == ["duplicate-entry-point"]


def test_a_second_copy_on_the_path_is_told_with_both_places(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    Wheel(version="2.0").install(first)
    Wheel(dist="Shopdb_Scales", version="1.0").install(second)
    found = find_one(first, second)
    assert found.version == "2.0"
    assert codes(found) == ["shadowed-distribution"]
    assert str(first) in found.problems[0].message
    assert str(second) in found.problems[0].message


def test_the_same_folder_by_two_ways_is_one(tmp_path: Path) -> None:
    Wheel().install(tmp_path / "a")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert codes(find_one(tmp_path / "a", tmp_path / "b")) == []


def test_changed_files_are_told_when_asked_for(tmp_path: Path) -> None:
    Wheel().install(tmp_path)
    (tmp_path / "shopdb_scales/plugin.py").write_text("# patched\n")
    assert codes(find_one(tmp_path)) == []
    found = find_one(tmp_path, check_files=True)
    assert codes(found) == ["modified"]
    assert "shopdb_scales/plugin.py" in found.problems[0].message


def test_without_a_record_the_package_is_found_beside_its_metadata(tmp_path: Path) -> None:
    Wheel(has_record=False).install(tmp_path)
    found = find_one(tmp_path)
    assert codes(found) == []
    assert found.package_dir == tmp_path / "shopdb_scales"


def install_editable(site_packages: Path, source: Path) -> None:
    wheel = Wheel(manifest=None)
    contents = wheel.contents()
    for path in contents:
        if not path.startswith(f"{wheel.package}/"):
            file = site_packages / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(contents[path])
    info = site_packages / wheel.info
    (info / "RECORD").write_text(f"{wheel.info}/RECORD,,\n")
    (info / "direct_url.json").write_text(f'{{"url": "file://{source}", "dir_info": {{"editable": true}}}}')


def test_an_editable_installation_is_read_where_its_source_is(tmp_path: Path) -> None:
    source = tmp_path / "project"
    package = source / "src" / "shopdb_scales"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(BOMB)
    (package / "shopdb-plugin.toml").write_text(manifest_of("scales"))
    install_editable(tmp_path / "lib", source)
    found = find_one(tmp_path / "lib", source / "src")
    assert (found.source, found.package_dir, codes(found)) == ("editable", package, [])


def test_an_editable_installation_whose_source_is_gone_names_the_folder(tmp_path: Path) -> None:
    install_editable(tmp_path / "lib", tmp_path / "gone")
    found = find_one(tmp_path / "lib")
    assert codes(found) == ["source-gone"]
    assert str(tmp_path / "gone") in found.problems[0].message


def test_metadata_left_without_its_package_is_told(tmp_path: Path) -> None:
    Wheel().install(tmp_path)
    for path in (tmp_path / "shopdb_scales").iterdir():
        path.unlink()
    (tmp_path / "shopdb_scales").rmdir()
    found = find_one(tmp_path)
    assert codes(found) == ["missing-package"]
    assert "pip" in found.problems[0].remedy


def test_a_package_that_another_one_hides_names_the_culprit(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    Wheel(name="other", dist="acme-other", package="shopdb_scales", entry_points=None).install(first)
    Wheel().install(second)
    found = find_one(first, second)
    assert codes(found) == ["shadowed-package"]
    assert "acme-other" in found.problems[0].message
    assert found.problems[0].remedy == "pip uninstall -y acme-other"


def test_a_wheel_that_ships_files_of_core_is_refused(tmp_path: Path) -> None:
    Wheel(files={"shopdb/auth.py": ""}).install(tmp_path)
    assert codes(find_one(tmp_path)) == ["overwrites-core"]


def test_a_distribution_in_a_zip_file_is_refused_clearly(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    wheel = Wheel()
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in wheel.contents().items():
            archive.writestr(name, text)
    found = find_one(path)
    assert found.name == "scales"
    assert "zipped" in codes(found)


def test_a_wheel_without_a_manifest_is_told_what_to_add(tmp_path: Path) -> None:
    Wheel(manifest=None).install(tmp_path)
    found = find_one(tmp_path)
    assert codes(found) == ["no-manifest"]
    assert "shopdb-plugin.toml" in found.problems[0].remedy


def test_manifest_and_entry_point_must_agree(tmp_path: Path) -> None:
    Wheel(manifest=manifest_of("balances")).install(tmp_path)
    assert codes(find_one(tmp_path)) == ["name-mismatch"]


def test_a_plain_folder_of_the_site_is_a_plugin(tmp_path: Path) -> None:
    folder = write_directory_plugin(tmp_path / "plugins" / "andon", code=BOMB)
    found = find_one(site=tmp_path)
    assert (found.name, found.dist, found.version, found.source) == ("andon", None, "0.1.0", "directory")
    assert found.target == "shopdb_site.andon.plugin"
    assert found.package_dir == folder
    assert found.requires == ("shopdb-core>=1,<2",)
    assert codes(found) == []


def write_project(folder: Path, toml: str) -> None:
    package = folder / "src" / "acme_andon"
    package.mkdir(parents=True)
    (package / "plugin.py").write_text(BOMB)
    (package / "shopdb-plugin.toml").write_text(manifest_of("andon"))
    (folder / "pyproject.toml").write_text(toml)


PROJECT = """
[project]
name = "acme-andon"
version = "2.1"
requires-python = ">=3.11"
dependencies = ["shopdb-core>=1,<2"]
[project.entry-points."shopdb.plugins"]
andon = "acme_andon.plugin"
"""


def test_a_folder_with_a_project_is_taken_by_its_entry_point_and_src(tmp_path: Path) -> None:
    folder = tmp_path / "plugins" / "a-clone"
    write_project(folder, PROJECT)
    found = find_one(site=tmp_path)
    assert (found.name, found.dist, found.version, found.source) == (
        "andon",
        "acme-andon",
        "2.1",
        "directory",
    )
    assert found.import_path == folder / "src"
    assert found.package_dir == folder / "src" / "acme_andon"
    assert codes(found) == []


@pytest.mark.parametrize(
    ("toml", "code"),
    [("[project", "manifest-unreadable"), ("[project]\nname = 'x'", "malformed-entry-points"),
     ("project = 3", "malformed-entry-points"), (PROJECT.replace("acme_andon.plugin", "gone.plugin"), "missing-package")],
)  # fmt: skip
def test_a_broken_project_is_one_problem(tmp_path: Path, toml: str, code: str) -> None:
    write_project(tmp_path / "plugins" / "andon", toml)
    assert codes(find_one(site=tmp_path)) == [code]


def test_an_empty_folder_lacks_its_manifest_and_hidden_ones_are_passed_over(tmp_path: Path) -> None:
    for name in ("empty", ".git", "__pycache__"):
        (tmp_path / "plugins" / name).mkdir(parents=True)
    (tmp_path / "plugins" / "README").write_text("")
    assert codes(find_one(site=tmp_path)) == ["no-manifest"]


def test_a_link_to_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "andon").symlink_to(tmp_path / "nowhere")
    found = find_one(site=tmp_path)
    assert codes(found) == ["source-gone"]
    assert str(tmp_path / "nowhere") in found.problems[0].message


def test_a_package_outranks_a_folder_and_says_so(tmp_path: Path) -> None:
    Wheel().install(tmp_path / "lib")
    write_directory_plugin(tmp_path / "plugins" / "scales")
    found = find_one(tmp_path / "lib", site=tmp_path)
    assert (found.source, codes(found)) == ("wheel", ["directory-shadowed"])
    assert str(tmp_path / "plugins" / "scales") in found.problems[0].message


def test_a_blocked_version_is_refused_with_the_reason(tmp_path: Path) -> None:
    Wheel().install(tmp_path)
    entry = '[[blocked]]\nrequirement = "shopdb-scales<1.2"\nreason = "It logs passwords."\nfixed = "1.2"\n'
    (tmp_path / "plugin-blocklist.toml").write_text(entry)
    found = find_one(tmp_path, site=tmp_path)
    assert codes(found) == ["blocked"]
    assert "It logs passwords." in found.problems[0].message
    assert found.problems[0].remedy == "pip install --upgrade 'shopdb-scales>=1.2'"


def test_a_blocklist_that_cannot_be_read_stops(tmp_path: Path) -> None:
    (tmp_path / "plugin-blocklist.toml").write_text("[[blocked]]\nname = 'x'\n")
    with pytest.raises(SettingsError, match="plugin-blocklist.toml can't be read"):
        find(site=tmp_path)


def test_nothing_is_imported_and_the_path_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    Wheel(
        package="acme_outer",
        target="acme_outer.inner.plugin",
        code=BOMB,
        files={"acme_outer/__init__.py": BOMB, "acme_outer/inner/__init__.py": BOMB},
    ).install(tmp_path)
    path = list(sys.path)
    assert any(one.name == "scales" for one in find_plugins(None))
    assert "acme_outer" not in sys.modules
    assert sys.path == path


@pytest.mark.skipif(os.getuid() == 0, reason="root reads every file")
def test_a_file_without_read_permission_is_told(tmp_path: Path) -> None:
    info = Wheel().install(tmp_path)
    (info / "METADATA").chmod(0)
    assert codes(find_one(tmp_path)) == ["broken-metadata"]
