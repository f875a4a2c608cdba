"""Who stands behind an item, and the cards that they may see."""

from __future__ import annotations

from collections.abc import Callable

from shopdb.services import find_editor, list_cards, may_view
from shopdb.testing import SiteUnderTest


def test_an_item_goes_no_further_than_its_last_editor_may_see(
    shopdb_site: Callable[..., SiteUnderTest],
) -> None:
    site = shopdb_site()
    asked = "core.assets.view"
    site.post("tags", {"name": "audit"})
    roles = {one["name"]: one["id"] for one in site.get("roles").json["items"]}
    made = {"username": "grace", "password": "a long enough password", "roles": [roles["Editor"]]}
    site.post("users", made)
    login = site.client().post(
        "/api/v1/auth/login", json={"username": "grace", "password": "a long enough password"}
    )
    bearer = {"Authorization": f"Bearer {login.json['access_token']}"}

    def editor() -> tuple[str, bool, bool] | None:
        with site.runtime.database.read() as session:
            found = find_editor(session, "tags", 1)
            return found and (found.name, found.may(asked), found.may("core.tags.delete"))

    assert editor() == ("admin", True, True)
    etag = site.get("tags/1").headers["ETag"]
    changed = site.client().patch(
        "/api/v1/tags/1", json={"name": "audit-2"}, headers={**bearer, "If-Match": etag}
    )
    assert (changed.status_code, editor()) == (200, ("grace", True, False))
    user = next(one["id"] for one in site.get("users").json["items"] if one["username"] == "grace")
    site.patch(f"users/{user}", {"is_active": False})
    assert editor() is None
    with site.runtime.database.read() as session:
        assert find_editor(session, "tags", 99) is None


def test_what_was_written_on_the_command_line_may_tell_everything(
    shopdb_site: Callable[..., SiteUnderTest],
) -> None:
    from shopdb.services import create_item

    site = shopdb_site()
    with site.runtime.database.write() as session:
        made = create_item(session, "tags", {"name": "audit"}, actor=site.actor)
        viewer = find_editor(session, "tags", made["id"])
    assert viewer is not None and viewer.may("anything.at.all")
    with site.runtime.database.read() as session:
        titles = [card.title for card in list_cards(session, viewer)]
        assert may_view(session, viewer, "tags") and not may_view(session, viewer, "no/such")
    assert titles == ["Out of order", "Warranty ends soon"]
