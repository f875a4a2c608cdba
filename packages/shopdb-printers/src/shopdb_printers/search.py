"""What printers say of themselves, for the search box: it may differ from what the register says."""

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shopdb.plugins import SearchHit, SearchTerm
from shopdb.services import table_of
from shopdb_printers.models import Reading


def find_reported(session: Session, term: SearchTerm, limit: int) -> list[SearchHit]:
    """Printers whose reported model or serial number has every word, where the register doesn't say so itself."""
    assets = table_of("assets")
    reported = func.coalesce(Reading.model_reported, "") + " " + func.coalesce(Reading.serial_reported, "")
    registered = func.lower(
        func.coalesce(assets.c.serial_number, "") + " " + func.coalesce(assets.c.name, "")
    )
    statement = (
        select(
            assets.c.id, assets.c.name, assets.c.asset_tag, Reading.model_reported, Reading.serial_reported
        )
        .join(assets, assets.c.id == Reading.asset_id)
        .where(
            *(func.lower(reported).contains(word, autoescape=True) for word in term.words),
            or_(*(~registered.contains(word, autoescape=True) for word in term.words)),
        )
        .order_by(Reading.asset_id)
        .limit(limit)
    )
    return [
        SearchHit(
            title=name or tag,
            resource="printers",
            item_id=asset_id,
            detail=f"Says it is {model or 'of an unknown model'}, serial number {serial or 'unknown'}",
            is_exact=term.is_exact(serial),
        )
        for asset_id, name, tag, model, serial in session.execute(statement)
    ]
