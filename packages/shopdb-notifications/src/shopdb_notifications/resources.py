"""What the plugin declares: bulletins, channels, rules, deliveries, boards."""

from shopdb.plugins import Action, Badge, Extra, Resource
from shopdb_notifications import board, bulletin, channel, delivery, rule
from shopdb_notifications.models import Board, Bulletin, Channel, Delivery, Rule

BULLETINS = Resource(
    name="notifications",
    title="Bulletins",
    title_one="Bulletin",
    model=Bulletin,
    label="title",
    columns=("state", "severity", "starts_at", "ends_at", "location", "asset"),
    default_sort="-starts_at",
    actions=(
        Action(
            name="end",
            title="End now",
            run=bulletin.end_now,
            icon="player-stop",
            shown_when=bulletin.is_shown,
        ),
    ),
    extra=Extra(
        load=bulletin.load_states,
        schema={
            "state": {"enum": ["coming", "shown", "ended"], "title": "Whether it is shown"},
            "acknowledged": {"type": "integer", "title": "How many have acknowledged it as it is now"},
        },
        empty={"state": "coming", "acknowledged": 0},
        listed={"state": "State", "acknowledged": "Got it"},
        badges={
            "state": {
                "coming": Badge("Coming", "notice"),
                "shown": Badge("Shown now", "good"),
                "ended": Badge("Ended", "muted"),
            }
        },
        filters={"state": bulletin.is_in_state},
    ),
    check=bulletin.check_bulletin,
    derive=bulletin.fill_beginning,
    icon="speakerphone",
    group="work",
    help="What people must know for a while: a downtime, a hazard, a change. It shows on the pages it concerns.",
)
"""What people must know for a while."""

CHANNELS = Resource(
    name="notifications/channels",
    title="Channels",
    title_one="Channel",
    model=Channel,
    keys=("name",),
    columns=("health", "kind", "goes_to", "waiting", "last_sent_at", "is_active"),
    default_sort="name",
    actions=(Action(name="test", title="Send a test", run=channel.test, permission="test", icon="send"),),
    extra=Extra(
        load=channel.load_health,
        schema={
            "health": {"enum": ["unused", "working", "failing"], "title": "Whether what it sends arrives"},
            "waiting": {"type": "integer", "title": "How many deliveries wait"},
            "last_sent_at": {"type": ["string", "null"], "format": "date-time"},
        },
        empty={"health": "unused", "waiting": 0, "last_sent_at": None},
        listed={"health": "Health", "waiting": "Waiting", "last_sent_at": "Last sent"},
        badges={
            "health": {
                "unused": Badge("Not used yet", "muted"),
                "working": Badge("Works", "good"),
                "failing": Badge("Does not arrive", "danger"),
            }
        },
    ),
    check=channel.check_channel,
    derive=channel.tell_receiver,
    icon="send",
    group="admin",
    under="notifications",
    help="Ways to tell people or programs outside: mail, a webhook, a chat. Add one, send a test, then make rules.",
)
"""Ways to tell."""

RULES = Resource(
    name="notifications/rules",
    title="Notification rules",
    title_one="Notification rule",
    model=Rule,
    keys=("name",),
    default_sort="name",
    check=rule.check_rule,
    icon="filter-cog",
    group="admin",
    under="notifications",
    help="Which changes are told by which channel. Add a channel first.",
)
"""Which changes are told."""

DELIVERIES = Resource(
    name="notifications/deliveries",
    title="Deliveries",
    title_one="Delivery",
    model=Delivery,
    label="label",
    columns=("state", "action", "resource", "rule", "channel", "attempts", "last_error", "due_at"),
    default_sort="-due_at",
    writable=False,
    deletable=False,
    actions=(
        Action(
            name="send-again",
            title="Send again",
            run=delivery.send_again,
            icon="refresh",
            shown_when=lambda item: item["state"] != "sent",
        ),
    ),
    icon="mailbox",
    group="admin",
    under="notifications",
    help="What the rules have sent, what waits, and what did not arrive and why.",
)
"""What was sent."""

BOARDS = Resource(
    name="notifications/boards",
    title="Boards",
    title_one="Board",
    model=Board,
    keys=("name",),
    default_sort="name",
    actions=(
        Action(
            name="make-address",
            title="Make an address",
            run=board.make_address,
            answers={
                "address": {
                    "type": "string",
                    "title": "The board's address",
                    "description": "Open it on the screen. Whoever knows it sees the board, without signing in. "
                    "An address that was made before leads nowhere from now on.",
                }
            },
            icon="link",
        ),
    ),
    icon="device-tv",
    group="admin",
    under="notifications",
    help="Pages for screens on the wall: what is the matter now, what comes. Add one, then make its address.",
)
"""Pages for the wall."""

RESOURCES = (BULLETINS, BOARDS, CHANNELS, RULES, DELIVERIES)
