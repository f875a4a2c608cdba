"""What can be done with a computer beside changing its fields."""

from shopdb.errors import InvalidError
from shopdb.plugins import Action, ActionCall, ActionField, now
from shopdb.services import update_item


def _note_image(call: ActionCall) -> None:
    at = now()
    made = call.values.get("at") or at
    if made > at:
        text = f"{made:%Y-%m-%d %H:%M} UTC is yet to come: say when it was made."
        raise InvalidError(f"at: {text}", errors={"at": [text]})
    changes = {"last_image_at": made}
    if call.values.get("location"):
        changes["image_location"] = call.values["location"]
    _change(call, **changes)


def _note_seen(call: ActionCall) -> None:
    _change(call, last_seen_at=now())


def _change(call: ActionCall, **changes: object) -> None:
    with call.context.database.write() as session:
        update_item(session, "computers", call.item["id"], changes, actor=call.actor)


ACTIONS = (
    Action(
        name="image-made",
        title="Image made",
        run=_note_image,
        icon="device-floppy",
        fields=(
            ActionField(name="at", kind="datetime", label="Made at", help="Left empty: now."),
            ActionField(name="location", label="Kept on", help="Left empty: where the last one is kept."),
        ),
    ),
    Action(name="seen", title="Seen just now", run=_note_seen, icon="eye"),
)
