"""The plugin's settings."""

from shopdb.plugins import Setting

SETTINGS = [
    Setting(
        name="lead_days",
        kind=int,
        default=14,
        minimum=0,
        doc="Days before maintenance or calibration falls due that it counts as due soon and gets its work order.",
    ),
    Setting(
        name="time_zone",
        kind=str,
        default="UTC",
        doc="The site's time zone, such as Europe/Stockholm: by it days begin and end. An unknown one counts as UTC.",
    ),
]
"""Lead time and time zone."""
