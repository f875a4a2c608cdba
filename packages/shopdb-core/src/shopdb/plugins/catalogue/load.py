"""Codes that are found in the plugin's code: by reading, loading and running it."""

from shopdb.plugins.catalogue.entry import Entry, Outcome


def _load(title: str, cause: str, remedy: str, outcome: Outcome | None = "quarantined") -> Entry:
    return Entry(title, "load", outcome, cause, remedy)


_AUTHOR = "Mend the line that `where` names, raise the version and build the wheel again."


STATIC = {
    "syntax-error": Entry(
        "A file isn't valid Python",
        "static",
        "quarantined",
        "A syntax error, or syntax of a newer Python than the one that runs this site.",
        _AUTHOR,
    ),
    "unreadable-source": Entry(
        "A file can't be read as Python",
        "static",
        "quarantined",
        "The source isn't UTF-8, holds a NUL byte, or can't be opened.",
        _AUTHOR,
    ),
}

IMPORT = {
    "import-failed": _load(
        "Importing it raised an error",
        "The plugin's own code failed while it was imported.",
        _AUTHOR,
    ),
    "import-exited": _load(
        "Importing it tried to end the process",
        "The plugin's code raised SystemExit, KeyboardInterrupt or GeneratorExit while it was imported.",
        _AUTHOR,
    ),
    "import-missing-module": _load(
        "It imports a module that isn't installed",
        "A module of another package is missing, and the plugin's requirements don't name that package.",
        "Install the package with pip, and name it in the plugin's `dependencies`.",
    ),
    "import-missing-own-module": _load(
        "It imports a module of its own that isn't there",
        "A file was left out of the wheel, or the import is misspelt.",
        _AUTHOR,
    ),
    "import-missing-name": _load(
        "It imports a name that isn't there",
        "The module is there, the name in it isn't: it was renamed or removed, or the import is misspelt.",
        "Install the version of the other package that has the name, or correct the import.",
    ),
    "entry-point-missing": _load(
        "The entry point names what isn't there",
        "The module has no attribute of the name after the colon.",
        "Correct the entry point in `pyproject.toml` and build the package again.",
    ),
    "not-a-plugin": _load(
        "The entry point names no plugin",
        "What it names carries no function marked with `@hookimpl`.",
        "Point it at the module that holds the functions marked with `@hookimpl` from `shopdb.plugins`.",
    ),
    "constructor-failed": _load(
        "The plugin's class can't be made",
        "The entry point names a class whose constructor raises or needs arguments.",
        "Let the constructor take no arguments, or point the entry point at an object.",
    ),
}

REGISTRATION = {
    "unknown-hook": _load(
        "It implements a hook that this core doesn't have",
        "The hook's name is misspelt, or of a newer core.",
        "Correct the name (`shopdb plugin hooks` lists them), or install a newer core.",
    ),
    "hook-arguments": _load(
        "A hook's function takes arguments that the hook doesn't give",
        "A function may take any of the hook's arguments, by their names, and no others.",
        "Correct the arguments: `shopdb plugin hooks` lists them.",
    ),
    "hook-option": _load(
        "A hook's function is marked in a way that isn't offered",
        "Wrappers would let one plugin change what another says.",
        "Mark it with plain `@hookimpl`.",
    ),
    "hook-unmarked": _load(
        "A function has a hook's name, but no mark",
        "Without `@hookimpl` it is never called.",
        "Write `@hookimpl` above it, or rename it.",
        None,
    ),
    "hook-raised": _load(
        "A hook raised an error at start",
        "The plugin's code failed while core asked what it brings.",
        _AUTHOR,
    ),
    "hook-result": _load(
        "A hook returned something else than a list",
        "A `shopdb_register_…` hook returns a list of the values that its page names.",
        "Return a list; an empty one adds nothing.",
    ),
    "invalid-contribution": _load(
        "Something that it brings is wrong in itself",
        "A resource, job, setting, command or view has a value that can't be.",
        _AUTHOR,
    ),
    "outside-space": _load(
        "Something that it brings lies outside its space",
        "A plugin's things carry its name: tables `<plugin>_*`, resources `<plugin>` and `<plugin>/…`, permissions, jobs and settings `<plugin>.…`.",
        "Rename it as the message says.",
    ),
    "duplicate-contribution": _load(
        "It brings two things of one name",
        "Two resources, jobs, settings, commands or views of the plugin have the same name.",
        "Rename one of the two.",
    ),
    "wrong-asset-type": _load(
        "A resource's asset type isn't in the manifest",
        "The manifest's `asset_types` lists every asset type of the plugin.",
        "Add the type to `asset_types` in `shopdb-plugin.toml`, or correct the resource.",
    ),
    "table-taken": _load(
        "A table belongs to another plugin",
        "Two plugins declare one table, or a table begins with another plugin's longer prefix.",
        "Rename the table, or uninstall one of the two.",
    ),
    "shared-metadata": _load(
        "A model hangs in another registry",
        "A model isn't made from the plugin's own `shopdb.db.model_base(name)`, so an error in it could break others.",
        'Derive the model from `model_base("<plugin>")`.',
    ),
    "broken-model": _load(
        "The models don't fit together",
        "SQLAlchemy can't configure them: often a misspelt `relationship()`.",
        _AUTHOR,
    ),
    "app-wide-view": _load(
        "A blueprint reaches beyond its space",
        "App-wide hooks of Flask (`before_app_request`, `app_errorhandler`, …) would let one plugin break every page.",
        "Use the blueprint's own: `before_request`, `errorhandler`.",
    ),
    "setting-invalid": _load(
        "A setting has the wrong type",
        "The value in `shopdb.toml` or in the environment isn't of the kind that the plugin asks for.",
        "Correct the value: `shopdb settings` lists each one with its origin.",
    ),
    "setting-unknown": _load(
        "A setting isn't known",
        "`shopdb.toml` or the environment gives the plugin a setting that it doesn't have. It is left aside.",
        "Correct or remove it.",
        None,
    ),
}

RUN = {
    "hook-failing": Entry(
        "A hook raised an error while the site ran",
        "run",
        "degraded",
        "What the hook would have added was left out; the page or the delivery went on.",
        "Read the log for the traceback, and tell the plugin's author.",
    ),
}
