"""How the documentation is built: ``nox -s docs``."""

from shopdb import __version__

project = "ShopDB"
author = "The ShopDB authors"
copyright = author
release = __version__
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"ShopDB {release}"
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = True
html_copy_source = False
html_show_sphinx = False
