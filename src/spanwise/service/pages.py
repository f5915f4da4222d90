"""The page at `/`: a person's way to try the service, with files that come from it and from nowhere else."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter, HTTPException, Response

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
"""Nothing inline and nothing from elsewhere; and no text can become markup, whatever the script does."""

HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
TYPES = {
    "index.html": "text/html; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "answers.js": "text/javascript; charset=utf-8",
    "marking.js": "text/javascript; charset=utf-8",
}


def router() -> APIRouter:
    """`/`, and `/static/NAME` for what it loads; neither is part of the API."""
    folder = files("spanwise.service.web") / "static"
    known = {name: (folder / name).read_bytes() for name in TYPES}
    routes = APIRouter(include_in_schema=False)

    @routes.get("/", name="page")
    async def page() -> Response:
        return Response(known["index.html"], media_type=TYPES["index.html"], headers=HEADERS)

    @routes.get("/static/{name}", name="page")
    async def static(name: str) -> Response:
        if name not in known:
            raise HTTPException(404)
        return Response(known[name], media_type=TYPES[name], headers=HEADERS)

    return routes
