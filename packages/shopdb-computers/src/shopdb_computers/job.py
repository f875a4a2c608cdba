"""Work on a schedule: the ends of support follow the table that came with the newest release."""

from sqlalchemy import select

from shopdb.plugins import Actor, Job, JobContext
from shopdb.services import update_item
from shopdb_computers.models import Computer
from shopdb_computers.support import find_support_end

_ACTOR = Actor(name="computers.support", source="job")


def renew_support(context: JobContext) -> int:
    """Look up the end of support of each computer whose date isn't typed; how many have changed."""
    shown = (Computer.os_name, Computer.os_version, Computer.os_edition)
    not_typed = Computer.os_support_source.is_distinct_from("typed")
    with context.database.read() as session:
        rows = session.execute(
            select(Computer.asset_id, Computer.os_support_ends, *shown).where(not_typed)
        ).all()
    changed = [
        (id_, end)
        for id_, ends, *told in rows
        if (end := find_support_end(*told)) is not None and end != ends
    ]
    for id_, end in changed:
        with context.database.write() as session:
            update_item(session, "computers", id_, {"os_support_ends": end}, actor=_ACTOR)
    return len(changed)


JOBS = [Job(name="computers.support", run=renew_support, every_s=86_400)]
