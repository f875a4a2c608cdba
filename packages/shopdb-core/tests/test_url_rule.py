"""Routes that work their address out late: the same addresses, at less cost at start."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from flask import Flask, url_for
from werkzeug.routing import BuildError, Rule

from shopdb.url_rule import LazyRule


@pytest.fixture
def app() -> Flask:
    made = Flask("routes")
    made.url_rule_class = LazyRule
    made.add_url_rule("/things/<int(max=9):number>/näh", "thing", lambda number: str(number))
    made.add_url_rule("/things", "list", lambda page: str(page), defaults={"page": 1})
    return made


def test_addresses_are_as_with_the_plain_rule(app: Flask) -> None:
    plain = Flask("routes")
    for rule in app.url_map.iter_rules():
        plain.url_map.add(
            Rule(rule.rule, endpoint=rule.endpoint, defaults=rule.defaults, methods=rule.methods)
        )
    asked: list[tuple[str, dict[str, Any]]] = [
        ("thing", {"number": 3}),
        ("thing", {"number": 3, "q": "a b", "_anchor": "x", "_external": True}),
        ("list", {"page": 1}),
        ("list", {"sort": "-name"}),
    ]
    for endpoint, values in asked:
        answers = []
        for each in (app, plain):
            with each.test_request_context():
                answers.append(url_for(endpoint, **values))
        assert answers[0] == answers[1]


def test_what_does_not_fit_is_refused_as_ever(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(BuildError, match="Did you forget"):
        url_for("thing")
    assert app.test_client().get("/things/3/n%C3%A4h").text == "3"
    assert app.test_client().get("/things/10/n%C3%A4h").status_code == 404


def test_only_routes_whose_address_is_asked_for_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: Counter[str] = Counter()
    eager = Rule._compile_builder

    def counting(self: Rule, append_unknown: bool = True) -> Any:
        compiled[self.rule] += 1
        return eager(self, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", counting)
    app = Flask("routes")
    app.url_rule_class = LazyRule
    for name in ("one", "two"):
        app.add_url_rule(f"/{name}", name, lambda: "")
    assert "/two" not in compiled and "/one" not in compiled
    with app.test_request_context():
        assert [url_for("two"), url_for("two")] == ["/two", "/two"]
    assert compiled["/two"] == 1 and "/one" not in compiled
