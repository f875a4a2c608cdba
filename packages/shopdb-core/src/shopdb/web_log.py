"""gunicorn's messages, in the site's log."""

from __future__ import annotations

import logging

from gunicorn.config import Config
from gunicorn.glogging import Logger


class WebLog(Logger):
    """Hands gunicorn's messages on to the process's log instead of writing them itself."""

    def setup(self, cfg: Config) -> None:
        """Set the level; the site's log has the handlers."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            log.handlers[:] = []
            log.propagate = True
        self.error_log.setLevel(logging.WARNING)
