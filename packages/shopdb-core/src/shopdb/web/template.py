"""Where templates come from: core's own, and each plugin's below its name."""

from __future__ import annotations

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader

from shopdb.runtime import Runtime


def template_loader(runtime: Runtime) -> BaseLoader:
    """Core's templates first, so that no plugin replaces one; then ``<plugin>/…`` from the plugin's package.

    A plugin keeps them in ``<package>/templates/<plugin>/``.
    """
    own: dict[str, BaseLoader] = {
        plugin.name: FileSystemLoader(plugin.package_dir / "templates" / plugin.name)
        for plugin in runtime.plugins.plugins
        if plugin.package_dir is not None and plugin.name != "core"
    }
    return ChoiceLoader([PackageLoader("shopdb.web"), PrefixLoader(own)])
