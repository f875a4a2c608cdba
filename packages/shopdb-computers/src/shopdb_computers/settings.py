"""The plugin's settings."""

from shopdb.plugins import Setting

SETTINGS = [
    Setting(
        name="stale_days",
        kind=int,
        default=90,
        minimum=1,
        doc="Days after which a computer that nobody has seen is listed.",
    ),
    Setting(
        name="image_days",
        kind=int,
        default=365,
        minimum=1,
        doc="Days after which the image of a computer that drives a machine is too old, where the computer says nothing.",
    ),
    Setting(
        name="support_warning_days",
        kind=int,
        default=180,
        minimum=0,
        doc="Days before the end of support from which it is told.",
    ),
]
