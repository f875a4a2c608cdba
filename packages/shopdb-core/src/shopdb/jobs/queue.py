"""Jobs that someone asks for now: written down signed, taken up by a worker within a second or two."""

from __future__ import annotations

from typing import Any

from huey import RedisHuey, SqliteHuey
from huey.serializer import SignedSerializer

from shopdb.settings import Settings
from shopdb.site import VAR_DIR

NAME = "shopdb"
SALT = "shopdb.jobs"


class JobQueue:
    """The site's queue: in Redis where a URL is set, else a SQLite file in the site's ``var/``.

    What is in it is signed with the site's secret key: what someone else wrote is refused unread.
    """

    def __init__(self, settings: Settings):
        options: dict[str, Any] = {
            "results": False,
            "serializer": SignedSerializer(secret=settings.secret_key, salt=SALT),
        }
        if settings.redis_url is not None:
            self._huey = RedisHuey(NAME, url=settings.redis_url, blocking=False, **options)
        else:
            path = settings.site_dir / VAR_DIR / "queue.sqlite3"
            path.parent.mkdir(exist_ok=True)
            self._huey = SqliteHuey(NAME, filename=str(path), **options)
        self._request = self._huey.task(name="run_job")(lambda name: None)

    def request(self, job: str) -> None:
        """Ask for a run of the job of that name as soon as a worker is free of it."""
        self._request(job)

    def take(self) -> str | None:
        """The oldest request, which is then gone from the queue; None where there is none.

        Raises:
            ValueError: it was not signed with the site's secret key; it is gone all the same.
        """
        if not self._huey.pending_count():
            return None
        task = self._huey.dequeue()
        return None if task is None else str(task.args[0])

    def close(self) -> None:
        """Close its connection; the next use opens one anew."""
        self._huey.storage.close()
