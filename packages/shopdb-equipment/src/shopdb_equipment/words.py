"""The trade's words: what is stored -> what people read."""

from shopdb.plugins import Badge

KINDS = {
    "machining_centre": "Machining centre",
    "lathe": "Lathe",
    "mill_turn": "Mill-turn",
    "grinder": "Grinder",
    "edm": "EDM",
    "saw": "Saw",
    "press": "Press",
    "laser": "Laser or plasma cutter",
    "welding": "Welding cell",
    "additive": "Additive",
    "robot": "Robot",
    "cmm": "CMM",
    "measuring": "Measuring machine",
    "gauge": "Gauge",
    "washer": "Washer",
    "furnace": "Furnace",
    "handling": "Crane or conveyor",
    "utility": "Compressor or utility",
    "other": "Other",
}
MEASURES = frozenset({"cmm", "measuring", "gauge"})
"""Kinds whose whole purpose is to measure."""

CRITICALITY = {
    "A": "A – stops the line",
    "B": "B – slows the line",
    "C": "C – can wait",
}
ORDER_KINDS = {
    "breakdown": "Breakdown",
    "maintenance": "Maintenance",
    "calibration": "Calibration",
    "inspection": "Inspection",
    "improvement": "Improvement",
}
PRIORITIES = {"urgent": "Urgent", "high": "High", "normal": "Normal", "low": "Low"}
STATUSES = {
    "open": "Open",
    "in_progress": "In progress",
    "waiting": "Waiting",
    "done": "Done",
    "cancelled": "Cancelled",
}
CLOSED = ("done", "cancelled")
RESULTS = {"passed": "Passed", "adjusted": "Passed after adjustment", "failed": "Failed"}
METERS = {"hours": "Operating hours", "parts": "Parts made"}

CALIBRATION = {
    "in": Badge("In calibration", "good"),
    "due_soon": Badge("Due soon", "warning"),
    "out": Badge("Out of calibration", "danger"),
}
MAINTENANCE = {
    "in": Badge("In time", "good"),
    "due_soon": Badge("Due soon", "warning"),
    "overdue": Badge("Overdue", "danger"),
}
TIMING = {
    "late": Badge("Late", "danger"),
    "due_soon": Badge("Due soon", "warning"),
}
STATUS_BADGES = {
    "open": Badge("Open", "notice"),
    "in_progress": Badge("In progress", "notice"),
    "waiting": Badge("Waiting", "warning"),
    "done": Badge("Done", "good"),
}
PRIORITY_BADGES = {
    "urgent": Badge("Urgent", "danger"),
    "high": Badge("High", "warning"),
}
