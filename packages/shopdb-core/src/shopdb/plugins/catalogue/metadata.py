"""Codes that are found in files, before any code of the plugin runs."""

from shopdb.plugins.catalogue.entry import Entry, Outcome


def _metadata(title: str, cause: str, remedy: str, outcome: Outcome | None = "quarantined") -> Entry:
    return Entry(title, "metadata", outcome, cause, remedy)


_REINSTALL = "Run `pip install --force-reinstall DIST`; if that doesn't help, the wheel was built wrong: tell its author."

INSTALLATION = {
    "broken-metadata": _metadata(
        "The distribution's metadata can't be read",
        "`METADATA` is missing, larger than 1 MB, or not UTF-8: an installation was cut short, or the wheel is damaged.",
        _REINSTALL,
    ),
    "invalid-version": _metadata(
        "The version isn't one",
        "The version doesn't follow PEP 440, so no range can be compared with it.",
        "Give the package a version such as `1.0.0` and build it again.",
    ),
    "invalid-requirement": _metadata(
        "A requirement can't be read",
        "A requirement or a version range doesn't follow PEP 508 or PEP 440, such as `>=2,<<3`.",
        "Correct the requirement in `pyproject.toml` (or in the manifest's `requires`) and build the package again.",
    ),
    "malformed-entry-points": _metadata(
        "`entry_points.txt` can't be read",
        "A line without `=`, a section that stands twice, or a file that isn't UTF-8.",
        _REINSTALL,
    ),
    "illegal-name": _metadata(
        "The plugin's name isn't allowed",
        "A name is lower case: a letter, then letters, digits and underscores. It becomes a table prefix, an address and a command.",
        "Rename the entry point and the manifest's `name`, and build the package again.",
    ),
    "reserved-name": _metadata(
        "The plugin's name belongs to core",
        "Core's commands, resources and first path segments can't be plugin names.",
        "Rename the entry point and the manifest's `name`, and build the package again.",
    ),
    "duplicate-name": _metadata(
        "Two packages bring a plugin of the same name",
        "Two distributions have an entry point of this name. Neither is loaded, since nobody can say which is meant.",
        "Uninstall one of the two: `pip uninstall DIST`.",
    ),
    "duplicate-entry-point": _metadata(
        "One package names the plugin twice",
        "The distribution's `entry_points.txt` has two entries of this name.",
        "Remove one entry from `pyproject.toml` and build the package again.",
    ),
    "shadowed-distribution": _metadata(
        "The package is installed twice",
        "Two copies of the distribution lie on Python's path. Python uses the first.",
        "Uninstall it until pip finds none, then install it once.",
        None,
    ),
    "shadowed-package": _metadata(
        "Python would import another package",
        "Another distribution ships a package of the same name, which comes first on Python's path.",
        "Uninstall the distribution that the message names.",
    ),
    "missing-package": _metadata(
        "The package's files are gone",
        "The distribution's metadata is there, but the module that its entry point names isn't: an uninstallation was cut short.",
        "Run `pip uninstall DIST`, or `pip install --force-reinstall DIST` to keep the plugin.",
    ),
    "source-gone": _metadata(
        "The source folder is gone",
        "An editable installation, or a link in the site's plugins folder, points at a folder that isn't there.",
        "Bring the folder back, or uninstall the package.",
    ),
    "directory-shadowed": _metadata(
        "A wheel and a folder bring the same plugin",
        "The plugin is installed as a package and also lies in the site's plugins folder. The package is used.",
        "Remove the folder, or uninstall the package.",
        None,
    ),
    "overwrites-core": _metadata(
        "The package ships files of core",
        "The distribution's file list names files inside the package `shopdb`, which belongs to shopdb-core.",
        "Run `pip uninstall DIST`, then `pip install --force-reinstall shopdb-core`.",
    ),
    "zipped": _metadata(
        "The package lies in a zip file",
        "Migrations, templates and the manifest are read from folders; a package in a zip file has none.",
        "Unpack it: install the wheel with pip.",
    ),
    "blocked": _metadata(
        "This version is on the site's blocklist",
        "`plugin-blocklist.toml` in the site's folder names this version, with a reason.",
        "Install a version that isn't blocked.",
    ),
    "modified": _metadata(
        "Files were changed after the installation",
        "Files differ from the sums in the distribution's file list.",
        "Run `pip install --force-reinstall DIST` to get the published files back.",
        None,
    ),
    "wrong-platform": _metadata(
        "The wheel is for another platform",
        "The wheel's tags name another Python, ABI or platform than this one.",
        "Reinstall it with this Python: `pip install --force-reinstall DIST`.",
    ),
}

MANIFEST = {
    "no-manifest": _metadata(
        "The package has no manifest",
        "`shopdb-plugin.toml` isn't in the package: it was left out of the wheel, or this is no ShopDB plugin.",
        "Add `shopdb-plugin.toml` beside the plugin module, with `name`, `title` and `hook_api = 1`, and see that the wheel holds it.",
    ),
    "manifest-unreadable": _metadata(
        "The manifest can't be read",
        "`shopdb-plugin.toml` isn't valid TOML, isn't UTF-8, or is larger than 64 kB.",
        "Correct the line that the message names.",
    ),
    "manifest-invalid": _metadata(
        "A key of the manifest is missing or wrong",
        "`name`, `title` and `hook_api` are required; every key has one type.",
        "Set the key as the message says.",
    ),
    "manifest-unknown-key": _metadata(
        "The manifest has a key that core doesn't know",
        "A misspelt key, or one of a newer core. It is left aside.",
        "Correct or remove the key.",
        None,
    ),
    "name-mismatch": _metadata(
        "Manifest and entry point differ",
        "The manifest's `name` isn't the entry point's name (for a folder: the folder's name).",
        "Give both the same name.",
    ),
    "asset-type-name": _metadata(
        "An asset type lacks the organisation's prefix",
        "Asset types outside core's list begin with the manifest's `organisation` and a hyphen, so that two authors never pick the same one.",
        'Set `organisation = "acme"` and name the type `acme-…` in the manifest.',
    ),
    "asset-type-taken": _metadata(
        "Another plugin has this asset type",
        "Two plugins claim one asset type. The one whose type it is on this site keeps it; with no owner, neither is loaded.",
        "Uninstall one of the two.",
    ),
}

COMPATIBILITY = {
    "core-range": _metadata(
        "It needs another version of core",
        "The range for `shopdb-core` in the package's requirements leaves out the version that is installed.",
        "Install a core within the range, or a version of the plugin that is made for this core.",
        "incompatible",
    ),
    "no-core-range": _metadata(
        "It doesn't say which core it needs",
        "The package's requirements don't name `shopdb-core`, so nobody knows whether it fits.",
        'Add `"shopdb-core>=1.0,<2"` to `dependencies` and build the package again.',
        None,
    ),
    "python-range": _metadata(
        "It needs another Python",
        "`Requires-Python` leaves out the Python that runs this site.",
        "Run the site with a Python within the range, or install a version of the plugin for this one.",
        "incompatible",
    ),
    "hook-api": _metadata(
        "It is made for another hook API",
        "The manifest's `hook_api` is a level that this core doesn't offer.",
        "Install a core that offers the level, or a version of the plugin for this one.",
        "incompatible",
    ),
    "requirement-missing": _metadata(
        "A required package isn't installed",
        "The package needs another one that isn't installed.",
        "Install the package that the message names with pip.",
    ),
    "requirement-version": _metadata(
        "A required package has the wrong version",
        "A package that it needs is installed in a version outside the range, often because another package wants that one.",
        "Install a version within the range; if another plugin needs the present one, the two can't share a site.",
    ),
    "dependency-missing": _metadata(
        "A plugin that it needs isn't there",
        "It needs another plugin's package, which isn't installed.",
        "Install the plugin that the message names.",
    ),
    "dependency-version": _metadata(
        "A plugin that it needs has the wrong version",
        "The other plugin's version is outside the range.",
        "Install a version within the range.",
    ),
    "dependency-not-installed": _metadata(
        "A plugin that it needs is found, but not installed on this site",
        "The other plugin's package is there; `shopdb plugin install` hasn't been run for it.",
        "Run `shopdb plugin install NAME` for the plugin that the message names.",
    ),
    "dependency-disabled": _metadata(
        "A plugin that it needs is disabled",
        "An administrator has disabled the other plugin.",
        "Run `shopdb plugin enable NAME` for the plugin that the message names.",
    ),
    "dependency-refused": _metadata(
        "A plugin that it needs can't be used",
        "The other plugin has a problem of its own, which the message names first.",
        "Mend the other plugin.",
    ),
    "dependency-cycle": _metadata(
        "Plugins need each other in a circle",
        "None of them can be loaded first.",
        "Remove one of the requirements in the circle.",
    ),
}

SCHEMA = {
    "schema-behind": _metadata(
        "Its schema is behind its code",
        "The package is newer than its tables.",
        "Run `shopdb db upgrade`.",
        "needs-migration",
    ),
    "schema-required": _metadata(
        "Another package's schema is too old for it",
        "The manifest's `requires_schema` names a revision that this site doesn't have.",
        "Install the version of core or of the other plugin that brings the revision, then run `shopdb db upgrade`.",
        "incompatible",
    ),
    "schema-invalid": _metadata(
        "Its migrations or its tables don't fit together",
        "The database is ahead of the package, or the package's revisions have two heads, a missing parent or a doubled id.",
        "Install the version of the package that made the database's revision.",
    ),
    "code-gone": _metadata(
        "Its data is here, its code isn't",
        "The package was uninstalled, or the folder removed, while its tables stayed.",
        "Install the package again: everything is as before.",
        "orphaned",
    ),
    "required-missing": _metadata(
        "A required plugin isn't active",
        "`required` in `shopdb.toml` names a plugin that isn't found or isn't installed on this site.",
        "Install it, or take it out of `required`.",
    ),
}
