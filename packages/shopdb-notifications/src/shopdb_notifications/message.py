"""What a rule tells, as text and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shopdb.services import TextTemplate

TOLD = {"create": "added", "update": "changed", "delete": "deleted"}
UNTOLD = frozenset({"version", "created_at", "updated_at"})
"""What changes with every change."""

SUBJECT = TextTemplate(
    "{% if changes|length == 1 %}{{ label }} was {{ told }}{% else %}{{ rule.name }}: {{ changes|length }} changes"
    "{% endif %}"
)
BODY = TextTemplate(
    "{% for change in changes %}"
    "{{ change.label }} ({{ change.resource }}) was {{ change.told }} by {{ change.actor }}, {{ change.at|when }}.\n"
    "{% for each in change.diff %}"
    "  {{ each.field|words }}: {{ each.before or 'nothing' }} -> {{ each.after or 'nothing' }}\n"
    "{% endfor %}"
    "{% if change.url %}{{ change.url }}\n{% endif %}"
    "{% endfor %}"
)


@dataclass(frozen=True, slots=True)
class Message:
    """One message, ready to be sent.

    Args:
        id: Stays the same however often it is sent, so that a receiver knows a repetition.
        changes: As `describe` makes them.
    """

    id: str
    site: str
    rule: Mapping[str, Any]
    changes: Sequence[Mapping[str, Any]]
    subject: str
    body: str

    def asdict(self) -> dict[str, Any]:
        """What a webhook is sent."""
        return {
            "id": self.id,
            "site": self.site,
            "rule": dict(self.rule),
            "subject": self.subject,
            "text": self.body,
            "changes": list(self.changes),
        }


def describe(change: Mapping[str, Any]) -> dict[str, Any]:
    """A change for receivers: who did what to which item, and what differs.

    Args:
        change: A row of the changes, with ``before`` and ``after``.
    """
    before, after = change["before"] or {}, change["after"] or {}
    names = [name for name in (after or before) if name not in UNTOLD and name != "id"]
    is_update = change["action"] == "update"
    diff = [
        {"field": name, "before": before.get(name), "after": after.get(name)}
        for name in names
        if is_update and before.get(name) != after.get(name)
    ]
    secret = [name for name in change["fields"] if name not in after and is_update]
    return {
        "id": change["id"],
        "at": change["at"].isoformat(timespec="seconds"),
        "action": change["action"],
        "told": TOLD.get(change["action"], change["action"]),
        "resource": change["resource"],
        "item_id": change["item_id"],
        "label": change["label"] or f"{change['resource']} {change['item_id']}",
        "actor": change["actor"],
        "source": change["source"],
        "fields": list(change["fields"]),
        "diff": diff + [{"field": name, "before": None, "after": None} for name in secret],
        "item": after or before,
    }


def compose(
    message_id: str,
    rule: Mapping[str, Any],
    changes: Sequence[Mapping[str, Any]],
    *,
    site: str,
    base_url: str | None,
) -> Message:
    """Fill in the rule's templates; the first change stands beside the list for those that tell of one.

    Raises:
        InvalidError: a template can't be filled in with these values.
    """
    root = (base_url or "").rstrip("/")
    linked = [
        {**each, "url": f"{root}/{each['resource']}/{each['item_id']}" if root else None} for each in changes
    ]
    told = {"id": rule["id"], "name": rule["name"]}
    values = {**linked[0], "changes": linked, "rule": told, "site": site}
    subject = TextTemplate(rule["subject"]) if rule["subject"] else SUBJECT
    body = TextTemplate(rule["body"]) if rule["body"] else BODY
    line = " ".join(subject.render(values).split())[:200]
    return Message(message_id, site, told, linked, line or rule["name"], body.render(values).strip())


def sample(site: str) -> Message:
    """What a channel is tested with."""
    body = f"If you read this, {site} can send here. Nothing has happened."
    rule = {"id": None, "name": "Test"}
    return Message("00000000-0000-0000-0000-000000000000", site, rule, [], f"Test from {site}", body)
