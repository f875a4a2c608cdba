"""The base of core's own models."""

from sqlalchemy.orm import DeclarativeBase

from shopdb.db import new_metadata


class CoreBase(DeclarativeBase):
    """Registry and MetaData of core's tables."""

    metadata = new_metadata()
