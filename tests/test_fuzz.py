"""Requests generated from OpenAPI, right and wrong, each asked of the same site on three engines.

No answer is a server error, every answer is one that OpenAPI names, and its status is the same on each engine.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import schemathesis
from fuzz_site import ENGINES, Filled, fill, headers_of
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi import checks

from shopdb.testing import SiteUnderTest

REQUESTS = int(os.environ.get("SHOPDB_TEST_FUZZ_REQUESTS", "600"))
"""How many of each engine; ``nox -s fuzz`` asks 5,000 and more."""
LEFT_OUT = ("/api/v1/auth/", "/api/docs", "/healthz", "/metrics", "/readyz", "/events")
"""Signing in and out would end the run; the rest is no resource."""
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


@pytest.fixture
def apart() -> Iterator[ThreadPoolExecutor]:
    """A thread to answer in, as a server's are: a browser test leaves an event loop running in this one."""
    with ThreadPoolExecutor(max_workers=1) as executor:
        yield executor


@pytest.fixture
def sites(shopdb_site: Callable[..., SiteUnderTest]) -> Iterator[dict[str, Filled]]:
    yield {engine: fill(shopdb_site, engine) for engine in ENGINES}


def test_generated_requests_get_the_same_documented_answer_on_three_engines(
    sites: dict[str, Filled], apart: ThreadPoolExecutor
) -> None:
    assert len({json.dumps(filled.ids) for filled in sites.values()}) == 1
    first = next(iter(sites.values()))
    schema = schemathesis.openapi.from_dict(first.site.client().get("/api/openapi.json").get_json())
    operations = [found.ok() for found in schema.get_all_operations()]
    operations = [one for one in operations if not one.path.startswith(LEFT_OUT)]
    each = -(-REQUESTS // len(operations))
    statuses: Counter[int] = Counter()
    wrong: list[str] = []

    for operation in operations:

        @settings(
            max_examples=each,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases_of(operation, first), use_etag=st.booleans(), pick=st.integers(0, 39))
        def ask(case: Case, use_etag: bool, pick: int) -> None:
            assume(not is_spared(case, first))
            aim_references(case, first, pick)
            answers = {
                engine: apart.submit(answer_of, filled, case, use_etag).result()
                for engine, filled in sites.items()
            }
            statuses[answers["sqlite"].status_code] += 1
            wrong.extend(judge(case, answers))

        ask()
    print(f"\n{statuses.total()} requests of each engine, {len(operations)} operations: {dict(statuses)}")
    assert wrong == []


def cases_of(operation: Any, filled: Filled) -> st.SearchStrategy[Case]:
    """Right and wrong requests, most of them aimed at something that is there."""
    name = operation.path.removeprefix("/api/v1/").split("/{")[0]
    known = [{"id": number} for number in filled.ids.get(name, ())]
    aimed: Any = st.sampled_from(known) if known and "{id}" in operation.path else st.none()
    modes = st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    return st.tuples(modes, st.one_of(aimed, aimed, st.none())).flatmap(
        lambda drawn: operation.as_strategy(
            generation_mode=drawn[0], **({"path_parameters": drawn[1]} if drawn[1] else {})
        )
    )


def is_spared(case: Case, filled: Filled) -> bool:
    """Whether it is aimed at the user or the token that asks, or at a record whose id engines don't share."""
    path = f"{case.formatted_path}/".removeprefix("/api/v1/")
    if path.startswith("changes/") and case.path_parameters:
        return case.path_parameters.get("id") not in filled.ids["changes"]
    return path.startswith(filled.spared)


def aim_references(case: Case, filled: Filled, pick: int) -> None:
    """Let two of three bodies refer to things that are there."""
    name = case.operation.path.removeprefix("/api/v1/").split("/{")[0]
    compiled = filled.site.runtime.registry.find(name)
    if compiled is None or not isinstance(case.body, dict) or pick % 3 == 0:
        return
    for field in compiled.fields:
        known = filled.ids.get(field.references or "", ())
        if field.name in case.body and known and isinstance(case.body[field.name], int):
            case.body[field.name] = known[pick % len(known)]


def answer_of(filled: Filled, case: Case, use_etag: bool) -> Any:
    """What one site answers."""
    etag = None
    if use_etag and case.method in ("PATCH", "DELETE") and case.path_parameters:
        read = filled.site.client().get(case.formatted_path, headers=headers_of(filled, None))
        etag = read.headers.get("ETag")
    return case.call(headers=headers_of(filled, etag), app=filled.site.app)


def judge(case: Case, answers: dict[str, Any]) -> list[str]:
    """What is wrong with the answers to one request."""
    found = []
    told = f"{case.method} {case.formatted_path} {case.query!r} {str(case.body)[:300]}"
    by_engine = {engine: answer.status_code for engine, answer in answers.items()}
    if len(set(by_engine.values())) > 1:
        texts = {engine: answer.text[:200] for engine, answer in answers.items()}
        found.append(f"{told}: {by_engine} {texts}")
    for engine, answer in answers.items():
        if answer.status_code >= 500:
            found.append(f"{told}: {engine} {answer.text[:300]}")
            continue
        try:
            case.validate_response(answer, checks=CHECKS)
        except Exception as error:  # noqa: BLE001 - whatever a check raises is a finding to be told
            found.append(f"{told}: {engine} {error}"[:900])
    return found
