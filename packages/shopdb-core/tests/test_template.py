"""The sandbox for templates that people write."""

from __future__ import annotations

import time
from typing import Any

import pytest

from shopdb.errors import InvalidError
from shopdb.services import Condition, TextTemplate

ITEM: dict[str, Any] = {
    "name": "Mill 3",
    "status": {"id": 2, "name": "Broken"},
    "location": None,
    "tags": ["a", "b"],
    "updated_at": "2026-11-25T17:00:00Z",
    "values": 4,
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ item.name }} is {{ item.status.name|lower }}", "Mill 3 is broken"),
        (
            "{{ item.status }}|{{ item.location }}|{{ item.location.name }}|{{ item.no.such.thing }}",
            "Broken|||",
        ),
        ("{% for tag in item.tags %}{{ loop.index }}{{ tag }}{% endfor %}", "1a2b"),
        ("{{ item.updated_at|when }} {{ 'warranty_end'|words }}", "2026-11-25 17:00 UTC warranty end"),
        ("{{ item.values + 1 }} {{ item.tags[0] }} {{ item['name'] }}", "5 a Mill 3"),
        ("{{ item.name or 'none' }}{% if not item.location %}, nowhere{% endif %}", "Mill 3, nowhere"),
        ("<b>{{ item.name }}</b>", "<b>Mill 3</b>"),
    ],
)
def test_values_stand_in_their_places(source: str, expected: str) -> None:
    assert TextTemplate(source).render({"item": ITEM}) == expected


@pytest.mark.parametrize(
    "source",
    [
        *("{{ item.name", "{% if %}", "{{ item|nosuch }}", "{{ f() }}", "{{ item.name.upper() }}"),
        *("{% set a = 1 %}", "{% macro m() %}{% endmacro %}", "{% include 'x' %}", "{% import 'x' as y %}"),
        *(
            "{{ 'x' * 999999999 }}",
            "{{ 9 ** 9 ** 9 }}",
            "{{ '%999999999d' % 1 }}",
            "{% with a=1 %}{% endwith %}",
        ),
        *("{{ item|tojson }}", "{{ range(9) }}", "{{ 'a'|center(99999999) }}", "{{ 'a'|replace('a', 'b') }}"),
        "{% for a in x %}{% for b in x %}{% for c in x %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in x recursive %}{{ loop(a) }}{% endfor %}",
        "{{ x }}" * 5000,
    ],
)
def test_what_no_template_may_is_refused_when_it_is_written(source: str) -> None:
    with pytest.raises(ValueError, match=r"Line \d+: |at most|deep"):
        TextTemplate(source)


@pytest.mark.parametrize(
    "path",
    [
        *("__class__", "__class__.__mro__", "items", "keys", "_private"),
        *("name.__class__", "tags.append", "tags.__len__", "name.format", "values.real"),
    ],
)
def test_nothing_of_the_program_is_seen_through_a_value(path: str) -> None:
    source = "{{ item." + path + " }}"
    assert TextTemplate(source).render({"item": ITEM}) == ""


def test_a_template_costs_no_more_than_its_data() -> None:
    many = TextTemplate("{% for a in x %}{% for b in x %}{{ b }}{% endfor %}{% endfor %}")
    began = time.monotonic()
    with pytest.raises(InvalidError, match="over 100000 characters"):
        many.render({"x": ["y" * 100] * 10_000})
    assert time.monotonic() - began < 5


def test_what_can_not_be_filled_in_is_told() -> None:
    with pytest.raises(InvalidError, match="can't be filled in"):
        TextTemplate("{{ item.name / 2 }}").render({"item": ITEM})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("item.status.name == 'Broken'", True),
        ("item.status.name == 'Broken' and item.location", False),
        ("'a' in item.tags", True),
        ("item.nothing.here", False),
        ("item.values > 3", True),
    ],
)
def test_a_condition_answers_yes_or_no(source: str, expected: bool) -> None:
    assert Condition(source).holds({"item": ITEM}) is expected


@pytest.mark.parametrize("source", ["item.name ==", "f()", "x %}{% set a=1 %}{% if x", ""])
def test_a_question_that_is_none_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match=r"Line|question"):
        Condition(source)
