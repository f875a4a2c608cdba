"""Importing a sheet: hand it over, see what it would do, then do it."""

import base64
import zlib
from typing import Any

from flask import current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer

from shopdb.errors import InvalidError, RequestError
from shopdb.resources import Actor
from shopdb.resources.compiled import CompiledResource
from shopdb.resources.exchange import import_sheet
from shopdb.resources.sheet import ENCODINGS, read_sheet
from shopdb.web import here

MAX_SHEET_BYTES = 16 * 1024 * 1024
KEPT_S = 3600
SHOWN_ERRORS = 100


def take_sheet(name: str) -> ResponseReturnValue:
    """``GET`` and ``POST /<resource>/sheet``.

    The first POST brings the file and shows what it would do. The page then carries the file, signed, so
    that nothing has to be kept between the two; the second POST does it.
    """
    compiled = here.compiled(name)
    options = {
        "update": request.form.get("update") == "true",
        "skip_unknown": request.form.get("skip_unknown") == "true",
    }
    if options["update"] and not here.may_do(compiled.declared, "change"):
        options["update"] = False
    if request.method == "GET":
        return _page(compiled, options), 200
    try:
        data = _data()
        sheet = read_sheet(data, encoding=request.form.get("encoding") or None)
        is_final = bool(request.form.get("confirmed"))
        actor = Actor(name=here.actor().name, user_id=here.actor().user_id, source="import")
        with here.runtime().database.write() as session:
            report = import_sheet(session, name, sheet, actor=actor, dry_run=not is_final, **options)
    except RequestError as error:
        return _page(compiled, options, problem=error), error.status
    if is_final:
        flash(
            f"{report.created} added, {report.updated} changed, {report.unchanged} were as they are, "
            f"{report.rejected} left out.",
            "good" if not report.rejected else "warning",
        )
        return redirect(here.page_url(name), 303)
    carried = _serializer().dumps(base64.b85encode(zlib.compress(data, 6)).decode())
    return _page(compiled, options, report=report, carried=carried, sheet=sheet), 200


def _data() -> bytes:
    carried = request.form.get("carried")
    if carried:
        try:
            packed: str = _serializer().loads(carried, max_age=KEPT_S)
        except BadSignature:
            raise InvalidError("The sheet was handed over too long ago: choose the file once more.") from None
        return zlib.decompress(base64.b85decode(packed))
    uploaded = request.files.get("file")
    if uploaded is None or not uploaded.filename:
        raise InvalidError("Choose a file first: CSV, or JSON as exported.")
    data: bytes = uploaded.read(MAX_SHEET_BYTES + 1)
    if len(data) > MAX_SHEET_BYTES:
        raise InvalidError(
            f"The file is larger than {MAX_SHEET_BYTES // 1024 // 1024} MB. Split it, or use shopdb import."
        )
    return data


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="shopdb.web.sheet")


def _page(compiled: CompiledResource, options: dict[str, bool], **context: Any) -> str:
    columns = [f for f in compiled.fields if f.writable]
    return render_template(
        "sheet.html",
        resource=compiled.declared,
        options=options,
        columns=columns,
        encodings=ENCODINGS,
        encoding=request.form.get("encoding", ""),
        may_update=here.may_do(compiled.declared, "change"),
        shown_errors=SHOWN_ERRORS,
        **{"report": None, "carried": None, "sheet": None, "problem": None, **context},
    )
