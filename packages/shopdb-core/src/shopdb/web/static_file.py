"""Core's own static files: an address that changes with the content, so that a browser may keep it for good."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Response, abort, request, send_from_directory, url_for

STATIC = Path(__file__).parent / "static"
_FOR_GOOD = "public, max-age=31536000, immutable"
_BRIEFLY = "public, max-age=300"


def static_url(filename: str) -> str:
    """The address of a file of core's, with its content's hash."""
    return url_for("pages.static_file", filename=filename, v=_content_hash(filename))


def static_file(filename: str) -> Response:
    """Answer with a file of core's, compressed when the browser takes that."""
    path = STATIC / filename
    packed = request.accept_encodings.quality("gzip") > 0 and path.with_name(f"{path.name}.gz").is_file()
    if path.name.endswith(".gz") or not path.is_file():
        abort(404)
    if not packed:
        response = send_from_directory(STATIC, filename)
    else:
        response = send_from_directory(STATIC, f"{filename}.gz", mimetype=_mimetype(filename))
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    kept = request.args.get("v") == _content_hash(filename)
    response.headers["Cache-Control"] = _FOR_GOOD if kept else _BRIEFLY
    return response


def _mimetype(filename: str) -> str:
    return "text/css" if filename.endswith(".css") else "text/javascript"


@lru_cache(maxsize=64)
def _content_hash(filename: str) -> str:
    try:
        return hashlib.sha256((STATIC / filename).read_bytes()).hexdigest()[:12]
    except FileNotFoundError:
        return "missing"
