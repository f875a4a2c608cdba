"""What an action takes, from the API and from its page."""

from datetime import date
from typing import Any

import pytest

from shopdb.errors import InvalidError
from shopdb.resources import Action, ActionField
from shopdb.resources.actions import check_values
from shopdb.resources.openapi import _action_field
from shopdb.web.action import _values

KINDS = ("string", "text", "integer", "number", "boolean", "date", "datetime", "reference:people")
ACTION = Action(
    name="weigh",
    title="Weigh",
    run=lambda call: None,
    fields=tuple(ActionField(name=kind.partition(":")[0], kind=kind) for kind in KINDS),
)


@pytest.mark.parametrize(
    ("kind", "sent", "taken"),
    [
        ("integer", 3, 3),
        ("number", 3, 3.0),
        ("number", 0.5, 0.5),
        ("boolean", True, True),
        ("date", "2026-03-31", date(2026, 3, 31)),
        ("reference", 7, 7),
    ],
)
def test_a_value_is_taken_as_its_kind(kind: str, sent: Any, taken: Any) -> None:
    assert check_values(ACTION, {kind: sent}) == {kind: taken}


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("number", "3"),
        ("number", True),
        ("number", float("nan")),
        ("number", 10**400),
        ("boolean", "yes"),
        ("boolean", 1),
        ("date", "31.3.2026"),
        ("date", 20260331),
        ("integer", 2.5),
    ],
)
def test_a_value_of_another_kind_is_refused_by_name(kind: str, sent: Any) -> None:
    with pytest.raises(InvalidError, match=kind) as refused:
        check_values(ACTION, {kind: sent})
    assert list(refused.value.errors or ()) == [kind]


def test_a_page_sends_texts_that_are_read_as_their_kinds() -> None:
    texts = dict.fromkeys((field.name for field in ACTION.fields), "")
    sent = {**texts, "integer": "3", "number": "2.5", "boolean": "true", "reference": "7", "string": " oil "}
    assert _values(ACTION, sent) == {
        "integer": 3,
        "number": 2.5,
        "boolean": True,
        "reference": 7,
        "string": "oil",
    }
    with pytest.raises(InvalidError, match="value is wrong") as refused:
        _values(ACTION, {**texts, "number": "much", "integer": "1.5"})
    assert set(refused.value.errors or ()) == {"number", "integer"}


def test_each_kind_is_told_in_the_api_s_description() -> None:
    told = {kind: _action_field(kind, None) for kind in KINDS}
    assert told["number"]["type"] == ["number", "null"]
    assert told["boolean"]["type"] == ["boolean", "null"]
    assert (told["date"]["format"], told["datetime"]["format"]) == ("date", "date-time")
