"""Import and export over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, request, stream_with_context

from shopdb import access
from shopdb.api.collection import require, to_json
from shopdb.errors import InvalidError
from shopdb.resources.compiled import CompiledResource
from shopdb.resources.exchange import export_csv, export_json, import_sheet
from shopdb.resources.query import reader_of
from shopdb.resources.sheet import read_sheet
from shopdb.resources.values import parse_boolean
from shopdb.runtime import Runtime

FORMATS = {"csv": ("text/csv; charset=utf-8", export_csv), "json": ("application/json", export_json)}
_SWITCHES = ("dry_run", "update", "skip_unknown")
_TEXTS = ("encoding", "delimiter")


class Sheets:
    """The import and export views of one resource."""

    def __init__(self, runtime: Runtime, compiled: CompiledResource):
        self.database = runtime.database
        self.compiled = compiled
        self.name = compiled.name
        self.parameters = reader_of(runtime.registry, compiled.name).parameters

    def export(self) -> Response:
        """``GET /<resource>/export?format=csv|json`` with the collection's filters."""
        pairs = list(request.args.items(multi=True))
        chosen = [value for name, value in pairs if name == "format"]
        kind = chosen[0] if chosen else "csv"
        if len(chosen) > 1 or kind not in FORMATS:
            text = f"{kind[:40]!r} is not one of {', '.join(FORMATS)}."
            raise InvalidError(f"format: {text}", errors={"format": [text]})
        query = self.parameters.parse((n, v) for n, v in pairs if n != "format")
        mimetype, write = FORMATS[kind]

        def pieces() -> Iterator[str]:
            with self.database.read() as session:
                yield from write(session, self.name, query)

        name = f"{self.name.replace('/', '-')}.{kind}"
        response = Response(stream_with_context(pieces()), content_type=mimetype)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def take(self) -> Response:
        """``POST /<resource>/import``: a sheet as the body or as the form's ``file``."""
        switches, texts = _parameters()
        require(self.compiled, ["add", *(["change"] if switches["update"] else [])])
        # Only a multipart body is a form here: to look for one would eat a sheet that curl sends as form data.
        is_form = request.mimetype == "multipart/form-data"
        uploaded = request.files.get("file") if is_form else None
        data = uploaded.read() if uploaded is not None else request.get_data()
        sheet = read_sheet(data, encoding=texts["encoding"], delimiter=texts["delimiter"])
        actor = access.current_actor("import")
        with self.database.write() as session:
            report = import_sheet(session, self.name, sheet, actor=actor, **switches)
        return to_json(report.asdict())


def _parameters() -> tuple[dict[str, bool], dict[str, str | None]]:
    errors: dict[str, list[str]] = {}
    switches = dict.fromkeys(_SWITCHES, False)
    texts: dict[str, str | None] = dict.fromkeys(_TEXTS)
    for name, value in request.args.items(multi=True):
        if name in switches:
            try:
                switches[name] = parse_boolean(value)
            except ValueError as error:
                errors[name] = [str(error)]
        elif name in texts:
            texts[name] = value
        else:
            errors[name[:80]] = [f"is not one of {', '.join((*_SWITCHES, *_TEXTS))}."]
    if errors:
        name, messages = next(iter(errors.items()))
        raise InvalidError(f"{name} {messages[0]}", errors=errors)
    return switches, texts
