"""Documentation to click through at `/docs`: Swagger UI from an installed package; no third party is asked."""

from importlib.resources import as_file, files

from fastapi import APIRouter, Response
from starlette.responses import FileResponse, HTMLResponse

ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
# Swagger UI sets style attributes, and keeps its icons in `data:` addresses.
HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
}
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Score a video: its API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<script defer src="/docs/swagger-ui-bundle.js"></script>
<script defer src="/docs/start.js"></script>
</head>
<body><div id="swagger-ui"></div></body>
</html>
"""
START = (
    'SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, displayRequestDuration: true});\n'
)

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def read_page() -> Response:
    return HTMLResponse(PAGE, headers=HEADERS)


@router.get("/docs/start.js")
async def read_start() -> Response:
    return Response(START, headers=HEADERS, media_type="text/javascript")


@router.get("/docs/swagger-ui-bundle.js")
async def read_script() -> Response:
    return _asset("swagger-ui-bundle.js")


@router.get("/docs/swagger-ui.css")
async def read_style() -> Response:
    return _asset("swagger-ui.css")


def _asset(name: str) -> Response:
    with as_file(files("fastapi_offline") / "static" / name) as path:
        return FileResponse(path, headers=HEADERS, media_type=ASSETS[name])
