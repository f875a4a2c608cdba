"""Asking the plugins' sources: all at the same time, each with its own session, none for longer than a moment."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from shopdb.db import Database
from shopdb.plugins.plugin_set import HARMFUL, PluginSet
from shopdb.search.source import SearchHit, SearchSource
from shopdb.search.term import SearchTerm

DEADLINE_S = 2.0
SHORT_DEADLINE_S = 0.3
"""For suggestions, which stand while somebody types: better without a source than late."""
MOST_AT_ONCE = 4
"""So many calls of one source may run in a process: one that hangs takes up no more threads than these."""

Outcome = Literal["answered", "failed", "late", "busy"]
ANSWERED: Outcome = "answered"
FAILED: Outcome = "failed"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one source said.

    Args:
        outcome: ``failed``, where it raised; ``late``, where it wasn't back in time; ``busy``, where it wasn't
            asked because earlier calls of it haven't come back.
        took_s: Seconds until it answered, or until it was left alone.
    """

    source: SearchSource
    hits: tuple[SearchHit, ...] = ()
    outcome: Outcome = "answered"
    took_s: float = 0.0


class Inquiry:
    """The sources of a started site. A hung call can't be ended, so it is left behind and counted."""

    def __init__(self, plugins: PluginSet, database: Database, *, deadline_s: float = DEADLINE_S):
        self._plugins = plugins
        self._database = database
        self._deadline_s = deadline_s
        self._gate = _Gate()

    def ask(
        self,
        term: SearchTerm,
        *,
        limit: int,
        may: Callable[[str], bool],
        only: str | None = None,
        deadline_s: float | None = None,
    ) -> list[Answer]:
        """What each source finds that the person may ask, in the order of the plugins.

        Args:
            limit: Most hits from each.
            may: Whether the person has a permission.
            only: Ask this source alone.
            deadline_s: Wait no longer than this, where it is shorter than usual. A source that isn't back by then
                has not failed.
        """
        calls = [
            _Call(
                source,
                find=partial(self._find, source, term, limit),
                note=partial(self._plugins.note_failure, plugin, f"search source {source.name}"),
                gate=self._gate,
            )
            for plugin, source in self._plugins.search_sources()
            if only in (None, source.name) and may(source.permission)
        ]
        for call in calls:
            call.begin()
        given_s = min(self._deadline_s, deadline_s or self._deadline_s)
        until = time.monotonic() + given_s
        return [call.wait(until, is_failure=given_s == self._deadline_s) for call in calls]

    def _find(self, source: SearchSource, term: SearchTerm, limit: int) -> tuple[SearchHit, ...]:
        with self._database.read() as session:
            hits = tuple(source.find(session, term, limit))[:limit]
        if not all(isinstance(hit, SearchHit) for hit in hits):
            raise TypeError(f"Search source {source.name!r} must return SearchHit values only")
        return hits


class _Gate:
    """How many calls of each source are running in this process."""

    def __init__(self) -> None:
        self._running: Counter[str] = Counter()
        self._lock = threading.Lock()

    def enter(self, name: str) -> bool:
        with self._lock:
            if self._running[name] >= MOST_AT_ONCE:
                return False
            self._running[name] += 1
            return True

    def leave(self, name: str) -> None:
        with self._lock:
            self._running[name] -= 1


@dataclass(slots=True, kw_only=True)
class _Call:
    """One call of one source, in a thread of its own.

    Args:
        note: Counts and logs the exception that is being handled.
    """

    source: SearchSource = field(kw_only=False)
    find: Callable[[], tuple[SearchHit, ...]]
    note: Callable[[], None]
    gate: _Gate
    began: float = 0.0
    answer: Answer | None = None
    thread: threading.Thread | None = None

    def begin(self) -> None:
        self.began = time.monotonic()
        if self.gate.enter(self.source.name):
            self.thread = threading.Thread(target=self._run, name=f"search {self.source.name}", daemon=True)
            self.thread.start()

    def wait(self, until: float, *, is_failure: bool) -> Answer:
        """The answer, or that there was none; what comes later goes nowhere.

        Args:
            is_failure: Whether none in time counts against the plugin.
        """
        if self.thread is None:
            return Answer(self.source, outcome="busy")
        self.thread.join(max(0.0, until - time.monotonic()))
        answer = self.answer
        if answer is not None:
            return answer
        took_s = time.monotonic() - self.began
        if is_failure:
            self._note_late(took_s)
        return Answer(self.source, outcome="late", took_s=took_s)

    def _note_late(self, took_s: float) -> None:
        try:
            raise TimeoutError(f"Search source {self.source.name!r} isn't back after {took_s:.1f} s")
        except TimeoutError:
            self.note()

    def _run(self) -> None:
        try:
            hits, outcome = self.find(), ANSWERED
        except HARMFUL:
            hits, outcome = (), FAILED
            self.note()
        finally:
            self.gate.leave(self.source.name)
        self.answer = Answer(self.source, hits, outcome, time.monotonic() - self.began)
