"""Every problem code, with its stage, its effect, its cause and its remedy."""

from shopdb.plugins.catalogue.entry import Entry, Outcome, Stage
from shopdb.plugins.catalogue.load import IMPORT, REGISTRATION, RUN, STATIC
from shopdb.plugins.catalogue.metadata import COMPATIBILITY, INSTALLATION, MANIFEST, SCHEMA

__all__ = ["CATALOGUE", "Entry", "Outcome", "Stage"]

CATALOGUE: dict[str, Entry] = {
    **INSTALLATION,
    **MANIFEST,
    **COMPATIBILITY,
    **SCHEMA,
    **STATIC,
    **IMPORT,
    **REGISTRATION,
    **RUN,
}
