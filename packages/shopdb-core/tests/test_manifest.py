"""The manifest."""

from pathlib import Path

import pytest
from plugin_wheels import manifest_of

from shopdb.plugins.manifest import BUNDLED_ASSET_TYPES, MAX_BYTES, Manifest, read_manifest
from shopdb.plugins.problems import Problem


def read(tmp_path: Path, text: str | bytes, **options: bool) -> tuple[Manifest | None, list[Problem]]:
    path = tmp_path / "shopdb-plugin.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_manifest(path, **options)


def test_all_keys_are_read(tmp_path: Path) -> None:
    text = manifest_of(
        "scales",
        asset_types='["printer", "acme-scale"]',
        organisation='"acme"',
        outbound='["snmp"]',
        requires_schema='{core = "core_0001"}',
        source_url='"https://git.example.com/scales"',
    )
    manifest, problems = read(tmp_path, text)
    assert problems == []
    assert manifest == Manifest(
        name="scales",
        title="Scales",
        hook_api=1,
        asset_types=("printer", "acme-scale"),
        organisation="acme",
        outbound=("snmp",),
        requires_schema={"core": "core_0001"},
        source_url="https://git.example.com/scales",
    )


@pytest.mark.parametrize("key", ["name", "title", "hook_api"])
def test_a_required_key_that_is_missing_is_named_with_the_line_to_add(tmp_path: Path, key: str) -> None:
    manifest, problems = read(tmp_path, manifest_of("scales", **{key: ""}))
    assert manifest is None
    assert [problem.code for problem in problems] == ["manifest-invalid"]
    assert repr(key) in problems[0].message
    assert f"{key} = " in problems[0].remedy


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("hook_api", "true"),
        ("hook_api", '"1"'),
        ("hook_api", "0"),
        ("title", '""'),
        ("title", '"two\\nlines"'),
        ("name", '"Scales"'),
        ("asset_types", '"acme-scale"'),
        ("asset_types", '["acme scale"]'),
        ("asset_types", '["printer", "printer"]'),
        ("asset_types", "[1]"),
        ("asset_types", "[[]]"),
        ("outbound", '["telnet"]'),
        ("outbound", "[{}]"),
        ("requires_schema", '["core"]'),
        ("requires_schema", "{core = 1}"),
        ("organisation", '"Acme Corp"'),
    ],
)
def test_a_value_of_the_wrong_kind_is_quoted(tmp_path: Path, key: str, value: str) -> None:
    _, problems = read(tmp_path, manifest_of("scales", **{key: value}))
    assert "manifest-invalid" in {problem.code for problem in problems}
    assert any(f"The manifest's {key} is " in problem.message for problem in problems)


def test_an_unknown_key_warns_and_names_the_near_one(tmp_path: Path) -> None:
    manifest, problems = read(tmp_path, manifest_of("scales", asset_type='["printer"]'))
    assert manifest is not None
    assert [(problem.code, problem.outcome) for problem in problems] == [("manifest-unknown-key", None)]
    assert "Did you mean 'asset_types'?" in problems[0].message


def test_version_is_unknown_in_a_wheel_and_required_in_a_folder(tmp_path: Path) -> None:
    _, in_wheel = read(tmp_path, manifest_of("scales", version='"1.0"'))
    assert [problem.code for problem in in_wheel] == ["manifest-unknown-key"]
    _, in_folder = read(tmp_path, manifest_of("scales"), is_directory_plugin=True)
    assert [problem.message for problem in in_folder] == [
        "The manifest lacks the required key 'version'.",
        "The manifest lacks the required key 'requires'.",
    ]


def test_an_asset_type_outside_cores_list_begins_with_the_organisation(tmp_path: Path) -> None:
    _, problems = read(tmp_path, manifest_of("scales", organisation='"acme"', asset_types='["scale"]'))
    assert [problem.code for problem in problems] == ["asset-type-name"]
    assert 'Name it "acme-scale"' in problems[0].remedy
    _, without = read(tmp_path, manifest_of("scales", asset_types='["scale"]'))
    assert 'organisation = "acme"' in without[0].remedy


@pytest.mark.parametrize(
    "text",
    [
        b"name = \xff",
        b"name = ",
        b"a = " + b"[" * 5000,
        b"# " + b"x" * MAX_BYTES,
        b'name = "a"\nname = "b"',
        b"\x00",
    ],
    ids=["not UTF-8", "not TOML", "deep", "large", "twice", "NUL"],
)
def test_a_file_that_cannot_be_read_is_one_problem(tmp_path: Path, text: bytes) -> None:
    manifest, problems = read(tmp_path, text)
    assert manifest is None
    assert [problem.code for problem in problems] == ["manifest-unreadable"]
    assert problems[0].where == str(tmp_path / "shopdb-plugin.toml")


def test_the_reference_lists_cores_asset_types() -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "manifest.md"
    text = page.read_text("utf-8")
    for plugin, slugs in BUNDLED_ASSET_TYPES.items():
        assert f"- {plugin}: {', '.join(f'`{slug}`' for slug in slugs)}\n" in text
