"""What is installed."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from shopdb.columns import Str, UtcDateTime
from shopdb.models.core import CoreBase


class InstalledPlugin(CoreBase):
    """A plugin that this site has installed; stays when its code goes."""

    __tablename__ = "plugins"
    name: Mapped[str] = mapped_column(Str(60), primary_key=True)
    dist: Mapped[str | None] = mapped_column(Str(200))
    version: Mapped[str | None] = mapped_column(Str(80))
    title: Mapped[str] = mapped_column(Str(120))
    enabled: Mapped[bool] = mapped_column(default=True)
    installed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Lease(CoreBase):
    """Who does a periodic piece of work now, so that two schedulers don't double it."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(Str(120), primary_key=True)
    holder: Mapped[str] = mapped_column(Str(200))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_run_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(Str(500))
