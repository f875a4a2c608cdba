"""The settings that every plugin has that asks devices."""

from shopdb.plugins.values import Setting


def poll_settings(one: str, many: str) -> list[Setting]:
    """``poll_interval_s``, ``poll_deadline_s``, ``poll_timeout_s``, ``poll_tries`` and ``poll_at_once``.

    Args:
        one: What a device is called: ``printer``.
        many: What several are called: ``printers``.
    """
    from shopdb.outbound import PollSettings  # who asks devices has imported it; nobody else needs it

    usual = PollSettings()
    return [
        Setting(
            name="poll_interval_s",
            kind=int,
            default=usual.interval_s,
            minimum=30,
            doc=f"Seconds between two polls of a {one}.",
        ),
        Setting(
            name="poll_deadline_s",
            kind=float,
            default=usual.deadline_s,
            minimum=1,
            doc=f"After so many seconds a {one} is given up until its next turn.",
        ),
        Setting(
            name="poll_timeout_s",
            kind=float,
            default=usual.timeout_s,
            minimum=0.1,
            doc="Seconds until a request is sent again.",
        ),
        Setting(
            name="poll_tries", kind=int, default=usual.tries, minimum=1, doc="How often a request is sent."
        ),
        Setting(
            name="poll_at_once",
            kind=int,
            default=usual.at_once,
            minimum=1,
            doc=f"How many {many} are asked at the same time.",
        ),
    ]
