"""From a change to a receiver: channels, rules, the outbox and its repetitions."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from receiver import Receiver, mailbox, receiving

from shopdb.jobs.housekeeping import deliver_events
from shopdb.plugins import now
from shopdb.testing import ENGINES, SiteUnderTest
from shopdb_notifications import delivery, rule

ALLOWED = {"SHOPDB_OUTBOUND_ALLOW": "127.0.0.0/8", "SHOPDB_BASE_URL": "https://shop.example.com"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on loopback."""
    with receiving() as made:
        yield made


@pytest.fixture(params=ENGINES)
def site(
    request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest], receiver: Receiver
) -> SiteUnderTest:
    """A site with a webhook to the receiver, on each engine."""
    made = shopdb_site("notifications", engine=request.param, environ=ALLOWED)
    add_channel(made, receiver.url)
    return made


@pytest.fixture
def lone_site(shopdb_site: Callable[..., SiteUnderTest], receiver: Receiver) -> SiteUnderTest:
    """A site with a webhook to the receiver, on SQLite."""
    made = shopdb_site("notifications", environ=ALLOWED)
    add_channel(made, receiver.url)
    return made


def add_channel(site: SiteUnderTest, url: str, **values: Any) -> None:
    answer = site.post(
        "notifications/channels", {"name": "Hook", "kind": "webhook", "url": url, "secret": "k", **values}
    )
    assert answer.status_code == 201, answer.text


def add_rule(site: SiteUnderTest, **values: Any) -> Any:
    body = {"name": "Tags", "resource": "tags", "channel": 1, **values}
    answer = site.post("notifications/rules", body)
    assert answer.status_code == 201, answer.text
    return answer.json


def deliver(site: SiteUnderTest) -> int:
    """Do what the worker does: tell of the changes, send what is due."""
    deliver_events(site.runtime)
    return delivery.send_due(site.runtime.context_of("notifications"))


def states(site: SiteUnderTest) -> list[tuple[str, str, int]]:
    rows = site.get("notifications/deliveries?sort=id").json["items"]
    return [(row["label"], row["state"], row["attempts"]) for row in rows]


def test_a_change_reaches_the_receiver_once_with_its_diff_and_a_signature(
    site: SiteUnderTest, receiver: Receiver
) -> None:
    add_rule(site)
    site.post("tags", {"name": "audit"})
    site.patch("tags/1", {"name": "audit-2026"})

    assert (deliver(site), deliver(site)) == (2, 0)

    added, changed = receiver.bodies
    assert added["changes"][0]["action"] == "create" and added["changes"][0]["item"]["name"] == "audit"
    change = changed["changes"][0]
    assert change["diff"] == [{"field": "name", "before": "audit", "after": "audit-2026"}]
    assert (change["actor"], change["url"]) == ("admin", "https://shop.example.com/tags/1")
    assert (changed["subject"], changed["site"]) == ("audit-2026 was changed", "test")
    headers, body = receiver.posts[1]
    signed = hmac.new(b"k", f"{headers['ShopDB-Timestamp']}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["ShopDB-Signature"] == f"sha256={signed}" and headers["ShopDB-Delivery"] == changed["id"]
    assert states(site) == [("audit", "sent", 1), ("audit-2026", "sent", 1)]
    assert site.get("notifications/channels/1").json["health"] == "working"


def test_what_is_told_twice_is_queued_once(lone_site: SiteUnderTest) -> None:
    from shopdb.services.outbox import list_undelivered

    add_rule(lone_site)
    lone_site.post("tags", {"name": "audit"})
    with lone_site.runtime.database.read() as session:
        change = list_undelivered(session, limit=99)[-1][1]
    assert change is not None
    for expected in (1, 0):
        with lone_site.runtime.database.write() as session:
            assert rule.queue(session, change) == expected


def test_a_receiver_that_fails_is_tried_again_under_the_same_id(
    site: SiteUnderTest, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_rule(site)
    site.post("tags", {"name": "first"})
    site.post("tags", {"name": "second"})
    receiver.status = 503

    assert deliver(site) == 0
    assert states(site) == [("first", "waiting", 1), ("second", "waiting", 0)]
    row = site.get("notifications/deliveries?sort=id").json["items"][0]
    assert row["last_error"] == "It answers 503: answer"
    assert site.get("notifications/channels/1").json["health"] == "failing"
    receiver.status = 200
    assert deliver(site) == 1  # the second; the first waits for its turn
    monkeypatch.setattr(delivery, "now", lambda: now() + timedelta(seconds=31))
    assert deliver(site) == 1
    assert [body["changes"][0]["label"] for body in receiver.bodies] == ["first", "second", "first"]
    assert receiver.bodies[0]["id"] == receiver.bodies[2]["id"]
    assert states(site) == [("first", "sent", 2), ("second", "sent", 1)]


def test_pauses_grow_and_end_with_giving_up(
    lone_site: SiteUnderTest, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_rule(lone_site)
    lone_site.post("tags", {"name": "audit"})
    receiver.status = 500
    at = now()
    monkeypatch.setattr(delivery, "now", lambda: at)
    deliver_events(lone_site.runtime)
    at = now()
    pauses = []
    for _ in range(60):
        delivery.send_due(lone_site.runtime.context_of("notifications"))
        row = lone_site.get("notifications/deliveries").json["items"][0]
        if row["state"] == "failed":
            break
        due = datetime.fromisoformat(row["due_at"])
        pauses.append(round((due - at).total_seconds()))
        at = due + timedelta(seconds=1)
    assert pauses[:4] == [30, 60, 120, 240] and max(pauses) == 3600
    assert row["state"] == "failed" and timedelta(hours=22) < at - now() < timedelta(hours=25)
    monkeypatch.setattr(delivery, "now", now)
    receiver.status = 200
    assert lone_site.post(f"notifications/deliveries/{row['id']}/send-again").json["state"] == "waiting"
    assert deliver(lone_site) == 1
    assert lone_site.post(f"notifications/deliveries/{row['id']}/send-again").status_code == 409


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, ["create", "update", "delete"]),
        ({"on_create": False, "on_delete": False}, ["update"]),
        ({"fields": "color"}, ["create", "delete"]),
        ({"fields": "color, name"}, ["create", "update", "delete"]),
        ({"condition": "item.name == 'audit-2026'"}, ["update", "delete"]),
        ({"condition": "action == 'create'"}, ["create"]),
        ({"resource": "*", "condition": "resource == 'tags'"}, ["create", "update", "delete"]),
        ({"resource": "vendors"}, []),
        ({"is_active": False}, []),
    ],
)
def test_a_rule_tells_what_it_names_and_no_more(
    lone_site: SiteUnderTest, receiver: Receiver, values: dict[str, Any], told: list[str]
) -> None:
    add_rule(lone_site, **values)
    deliver_events(lone_site.runtime)
    lone_site.post("tags", {"name": "audit"})
    lone_site.patch("tags/1", {"name": "audit-2026"})
    lone_site.delete("tags/1")
    deliver(lone_site)
    assert [
        b["changes"][0]["action"] for b in receiver.bodies if b["changes"][0]["resource"] == "tags"
    ] == told


def test_a_digest_is_one_message_at_its_time(
    lone_site: SiteUnderTest, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_rule(lone_site, digest="hourly")
    for name in ("a", "b", "c"):
        lone_site.post("tags", {"name": name})
    assert deliver(lone_site) == 0
    monkeypatch.setattr(delivery, "now", lambda: now() + timedelta(hours=1))
    assert deliver(lone_site) == 1
    assert [each["label"] for each in receiver.bodies[0]["changes"]] == ["a", "b", "c"]
    assert receiver.bodies[0]["subject"] == "Tags: 3 changes"
    assert {state for _, state, _ in states(lone_site)} == {"sent"}


def test_a_daily_digest_comes_at_the_sites_time_of_day(shopdb_site: Callable[..., SiteUnderTest]) -> None:
    environ = {"SHOPDB_NOTIFICATIONS_TIME_ZONE": "Europe/Berlin"}
    site = shopdb_site("notifications", environ=environ)
    add_channel(site, "https://hook.example.com/")
    add_rule(site, digest="daily", daily_at="06:30")
    site.post("tags", {"name": "audit"})
    deliver_events(site.runtime)
    due = datetime.fromisoformat(site.get("notifications/deliveries").json["items"][0]["due_at"])
    assert due.astimezone(UTC).strftime("%H:%M") in ("05:30", "04:30")
    assert now() < due <= now() + timedelta(days=1)


def test_a_rule_tells_only_what_its_editor_may_see(lone_site: SiteUnderTest, receiver: Receiver) -> None:
    role = lone_site.post("roles", {"name": "Teller", "permissions": ["notifications.*", "core.tags.view"]})
    made = {"username": "grace", "password": "a long enough password", "roles": [role.json["id"]]}
    lone_site.post("users", made)
    login = {"username": "grace", "password": "a long enough password"}
    token = lone_site.client().post("/api/v1/auth/login", json=login).json["access_token"]
    answer = lone_site.client().post(
        "/api/v1/notifications/rules",
        json={"name": "All", "resource": "*", "channel": 1},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 201
    lone_site.post("vendors", {"name": "Mazak"})
    lone_site.post("tags", {"name": "audit"})
    deliver(lone_site)
    told = {body["changes"][0]["resource"] for body in receiver.bodies}
    assert told == {"tags", "notifications/channels", "notifications/rules"}


def test_nothing_goes_to_an_address_that_the_guard_refuses(
    shopdb_site: Callable[..., SiteUnderTest], receiver: Receiver
) -> None:
    site = shopdb_site("notifications")
    add_channel(site, receiver.url)
    add_rule(site)
    site.post("tags", {"name": "audit"})
    deliver(site)
    row = site.get("notifications/deliveries").json["items"][0]
    assert "is a loopback address, which ShopDB does not talk to" in row["last_error"]
    tested = site.post("notifications/channels/1/test")
    assert tested.status_code == 409 and "a loopback address" in tested.json["detail"]
    assert receiver.posts == []


def test_a_test_tells_the_receivers_exact_words(lone_site: SiteUnderTest, receiver: Receiver) -> None:
    assert lone_site.post("notifications/channels/1/test").status_code == 200
    assert receiver.bodies[0]["subject"] == "Test from test"
    receiver.status = 418
    tested = lone_site.post("notifications/channels/1/test")
    assert (tested.status_code, tested.json["detail"]) == (409, "It answers 418: answer")


def test_secrets_go_in_and_never_come_out(lone_site: SiteUnderTest, receiver: Receiver) -> None:
    item = lone_site.get("notifications/channels/1").json
    assert (item["url_set"], item["secret_set"], "url" in item) == (True, True, False)
    assert item["goes_to"] == receiver.url.removesuffix("/hook/s3cret")
    page = lone_site.signed_in().get("/notifications/channels/1").text
    history = lone_site.get("notifications/channels/1/history").text
    assert "s3cret" not in page + history + lone_site.get("notifications/channels/export?format=csv").text
    renamed = lone_site.patch("notifications/channels/1", {"name": "Other"}).json
    assert renamed["goes_to"] == item["goes_to"]


def test_a_template_says_it_in_the_sites_own_words(lone_site: SiteUnderTest, receiver: Receiver) -> None:
    add_rule(
        lone_site,
        subject="{{ actor }}: {{ item.name|upper }}",
        body="{% for c in changes %}{{ c.label }}{% endfor %}",
    )
    lone_site.post("tags", {"name": "audit"})
    deliver(lone_site)
    assert (receiver.bodies[0]["subject"], receiver.bodies[0]["text"]) == ("admin: AUDIT", "audit")


@pytest.mark.parametrize(("kind", "key"), [("slack", "text"), ("teams", "attachments")])
def test_a_chat_gets_what_it_understands(
    lone_site: SiteUnderTest, receiver: Receiver, kind: str, key: str
) -> None:
    lone_site.patch("notifications/channels/1", {"kind": kind})
    add_rule(lone_site)
    lone_site.post("tags", {"name": "<!channel> & co"})
    deliver(lone_site)
    body = receiver.bodies[0]
    assert key in body and "ShopDB-Signature" not in receiver.posts[0][0]
    if kind == "slack":
        assert body["text"].startswith("&lt;!channel&gt; &amp; co was added")
    else:
        assert body["attachments"][0]["content"]["body"][0]["text"] == "<!channel> & co was added"


def test_mail_reaches_its_recipients(shopdb_site: Callable[..., SiteUnderTest]) -> None:
    with mailbox() as box:
        mail = {"MAIL_HOST": "127.0.0.1", "MAIL_PORT": str(box.port), "MAIL_SECURITY": "none"}
        mail["MAIL_FROM"] = "shopdb@plant.example"
        environ = {f"SHOPDB_NOTIFICATIONS_{name}": value for name, value in mail.items()}
        site = shopdb_site("notifications", environ=environ | ALLOWED)
        channel = {"name": "Mail", "kind": "mail", "recipients": "ada@plant.example, bob@plant.example"}
        assert site.post("notifications/channels", channel).json["recipients"].split() == [
            "ada@plant.example",
            "bob@plant.example",
        ]
        add_rule(site)
        site.post("tags", {"name": "Überholung"})
        assert deliver(site) == 1
    read = message_from_bytes(box.mail[0].content, policy=policy.default)
    assert box.mail[0].rcpt_tos == ["ada@plant.example", "bob@plant.example"]
    assert read["Subject"] == "Überholung was added" and read["From"] == "shopdb@plant.example"
    assert read["Message-ID"].endswith("@shop.example.com>") and read["Auto-Submitted"] == "auto-generated"
    assert "https://shop.example.com/tags/1" in read.get_content()


def test_mail_that_is_not_set_up_says_what_to_set(shopdb_site: Callable[..., SiteUnderTest]) -> None:
    site = shopdb_site("notifications")
    site.post("notifications/channels", {"name": "Mail", "kind": "mail", "recipients": "ada@plant.example"})
    tested = site.post("notifications/channels/1/test")
    assert tested.status_code == 409 and "SHOPDB_NOTIFICATIONS_MAIL_HOST" in tested.json["detail"]


@pytest.mark.parametrize(
    ("resource", "body", "field"),
    [
        ("channels", {"name": "x", "kind": "webhook"}, "url"),
        ("channels", {"name": "x", "kind": "mail"}, "recipients"),
        ("channels", {"name": "x", "kind": "mail", "recipients": "ada at plant"}, "recipients"),
        ("channels", {"name": "x", "kind": "slack", "url": "ftp://x/"}, "url"),
        ("channels", {"name": "x", "kind": "pigeon"}, "kind"),
        ("rules", {"resource": "no/such"}, "resource"),
        ("rules", {"on_create": False, "on_update": False, "on_delete": False}, "on_update"),
        ("rules", {"fields": "a b"}, "fields"),
        ("rules", {"condition": "item.name =="}, "condition"),
        ("rules", {"subject": "{{ f() }}"}, "subject"),
        ("rules", {"body": "{% set a = 1 %}"}, "body"),
        ("rules", {"daily_at": "25:00"}, "daily_at"),
        ("rules", {"channel": 9}, "channel"),
    ],
)
def test_what_is_wrong_is_refused_by_field(
    lone_site: SiteUnderTest, resource: str, body: dict[str, Any], field: str
) -> None:
    whole = body if resource == "channels" else {"name": "R", "resource": "tags", "channel": 1, **body}
    refused = lone_site.post(f"notifications/{resource}", whole)
    assert (refused.status_code, list(refused.json["errors"])) == (422, [field]), refused.text


def test_old_deliveries_are_forgotten_and_waiting_ones_are_not(
    lone_site: SiteUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_rule(lone_site)
    lone_site.post("tags", {"name": "a"})
    deliver(lone_site)
    lone_site.post("tags", {"name": "b"})
    deliver_events(lone_site.runtime)
    monkeypatch.setattr(delivery, "now", lambda: now() + timedelta(days=91))
    assert delivery.prune(lone_site.runtime.context_of("notifications")) == 1
    assert states(lone_site) == [("b", "waiting", 0)]


def test_a_channel_that_a_rule_uses_is_not_deleted(lone_site: SiteUnderTest) -> None:
    add_rule(lone_site)
    refused = lone_site.delete("notifications/channels/1")
    assert refused.status_code == 409 and "notification rule" in refused.json["detail"].lower()
