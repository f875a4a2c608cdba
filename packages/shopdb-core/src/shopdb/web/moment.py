"""Times as people read them: the moment with its zone, and how long ago that is.

The server writes UTC; a browser with scripts rewrites it in its own zone and keeps the age fresh.
"""

from datetime import UTC, date, datetime, timedelta

from markupsafe import Markup

from shopdb import clock

_STEPS = (
    (timedelta(minutes=1), timedelta(seconds=1), "s"),
    (timedelta(hours=1), timedelta(minutes=1), "min"),
    (timedelta(days=1), timedelta(hours=1), "h"),
    (timedelta(days=60), timedelta(days=1), "d"),
    (timedelta(days=730), timedelta(days=30), "months"),
)


def age(then: datetime, *, now: datetime | None = None) -> str:
    """How long ago, in one unit: ``4 min ago``; ``in 3 d`` for what is yet to come."""
    delta = (now or clock.now()) - then
    span = abs(delta)
    if span < timedelta(seconds=5):
        return "just now"
    text = f"{span // timedelta(days=365)} years"
    for below, unit, name in _STEPS:
        if span < below:
            text = f"{span // unit} {name}"
            break
    return f"{text} ago" if delta > timedelta(0) else f"in {text}"


def moment(value: datetime | str | None, *, empty: str = "Not known") -> Markup:
    """A ``<time>`` with date, time, zone and age."""
    if value is None or value == "":
        return Markup('<span class="none">{}</span>').format(empty)
    at = _parsed(value) if isinstance(value, str) else value
    utc = at.astimezone(UTC)
    return Markup(
        '<time datetime="{}" data-moment>{} UTC <span class="quiet" data-age>{}</span></time>'
    ).format(utc.isoformat(timespec="seconds"), f"{utc:%Y-%m-%d %H:%M}", age(utc))


def short_moment(value: datetime | str | None) -> Markup:
    """A ``<time>`` that shows its age, and the moment with its zone on hover and to screen readers."""
    if value is None or value == "":
        return Markup('<span class="none">Never</span>')
    at = _parsed(value) if isinstance(value, str) else value
    utc = at.astimezone(UTC)
    return Markup('<time datetime="{}" data-moment="short" title="{} UTC">{}</time>').format(
        utc.isoformat(timespec="seconds"), f"{utc:%Y-%m-%d %H:%M}", age(utc)
    )


def day(value: date | str | None) -> Markup:
    """A calendar date, which has no zone."""
    if value is None or value == "":
        return Markup('<span class="none">–</span>')
    return Markup('<time datetime="{0}">{0}</time>').format(str(value))


def _parsed(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
