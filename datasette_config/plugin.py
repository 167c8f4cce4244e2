"""The site as a Datasette plugin: the only module here that knows Datasette.

Without the plugin key ``kommunalradar`` in its metadata Datasette stays plain Datasette.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote
from weakref import WeakKeyDictionary

import jinja2
from datasette import hookimpl
from datasette.utils.asgi import Base400, NotFound, Request, Response

from datasette_config import guard
from datasette_config.routes import ROUTES, errors
from datasette_config.site import HERE, Site, SiteConfig
from datasette_config.web import Ask, MissingPageError, Page

if TYPE_CHECKING:  # Datasette loads its plugins while it is being imported itself
    from datasette.app import Datasette

View = Callable[[Site, Ask], Page]

_sites: WeakKeyDictionary[Datasette, Site] = WeakKeyDictionary()


def site_of(datasette: Datasette) -> Site | None:
    """The site this Datasette carries; None where it is not configured to carry one."""
    if datasette not in _sites:
        given = datasette.plugin_config("kommunalradar")
        if given is None:
            return None
        _sites[datasette] = Site(SiteConfig.from_plugin(given))
    return _sites[datasette]


@hookimpl  # type: ignore[untyped-decorator]
def register_routes(datasette: Datasette) -> list[tuple[str, object]]:
    """Our pages. Datasette asks plugins' routes before its own, so ``/`` is ours."""
    if site_of(datasette) is None:
        return []
    return [(pattern, _view(page)) for pattern, page in ROUTES]


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: jinja2.Environment, datasette: Datasette) -> None:
    """Put our frame around Datasette's own pages (``templates/datasette/base.html``).

    In a folder of its own, because from Python 3.12 on Datasette finds ``templates/*.html`` of any
    installed plugin by itself, even where it is to stay plain.
    """
    site = site_of(datasette)
    if site is None:
        return
    ours = jinja2.FileSystemLoader([HERE / "templates" / "datasette", HERE / "templates"])
    env.loader = jinja2.ChoiceLoader([loader for loader in (ours, env.loader) if loader])
    env.globals["site"] = site


@hookimpl  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection, datasette: Datasette) -> None:
    """Keep readers' SQL inside archive.db."""
    if site_of(datasette) is not None:
        conn.set_authorizer(guard.authorize)


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Datasette) -> Callable[[guard.Application], guard.Application]:
    """Security headers on every answer, Datasette's own included."""
    return guard.with_security_headers if site_of(datasette) is not None else lambda app: app


@hookimpl  # type: ignore[untyped-decorator]
def handle_exception(
    datasette: Datasette, request: Request, exception: Exception
) -> Callable[[], Awaitable[Response | None]] | None:
    """Errors in the site's dress, telling nothing of the machine."""
    from datasette.views.base import DatasetteError  # not yet there when plugins are loaded

    site = site_of(datasette)
    if site is None:
        return None
    title: str | None = None
    message = ""
    if isinstance(exception, NotFound):
        status = 404  # Datasette says in English what is missing
    elif isinstance(exception, Base400):
        status, message = exception.status, str(exception.args[0] or "")
    elif isinstance(exception, DatasetteError) and exception.title == "SQL Interrupted":
        status, title, message = 400, errors.TOO_LONG, errors.SHORTER
    elif isinstance(exception, DatasetteError):
        status = exception.status
        message = "" if exception.message_is_html else exception.message
    else:
        status = 500
    if request.path.endswith(".json"):
        body = {"ok": False, "error": message or errors.title_of(status), "status": status}
        return _answering(Response.json(body, status=status))
    return _answering(_response(errors.page(site, status, title=title, message=message)))


@hookimpl  # type: ignore[untyped-decorator]
def forbidden(
    datasette: Datasette, request: Request, message: str
) -> Callable[[], Awaitable[Response | None]] | None:
    """What is not for readers, said in the site's dress."""
    site = site_of(datasette)
    return _answering(_response(errors.page(site, 403))) if site else None


def _view(page: View) -> Callable[[Datasette, Request], Awaitable[Response]]:
    async def view(datasette: Datasette, request: Request) -> Response:
        site = site_of(datasette)
        assert site is not None  # the route is only there with a site
        if request.method not in ("GET", "HEAD"):
            return Response.text("Nur GET und HEAD.", status=405, headers={"Allow": "GET, HEAD"})
        loop = asyncio.get_running_loop()
        try:
            answer = await loop.run_in_executor(site.executor, page, site, _ask(site, request))
        except MissingPageError as error:
            answer = errors.page(site, 404, message=str(error))
        if answer.status == 200 and answer.etag in request.headers.get("if-none-match", ""):
            return Response("", status=304, headers=_headers(answer))
        return _response(answer)

    return view


def _ask(site: Site, request: Request) -> Ask:
    return Ask(
        path=request.path,
        parts={name: unquote(value) for name, value in request.url_vars.items() if value},
        arguments=parse_qs(request.query_string, errors="replace"),
        origin=site.config.address or f"{request.scheme}://{request.host}",
    )


def _headers(answer: Page) -> dict[str, str]:
    headers = {guard.POLICY_HEADER: guard.STRICT_POLICY, **answer.headers}
    if answer.status == 200:
        headers |= {"ETag": answer.etag, "Cache-Control": f"public, max-age={answer.max_age}"}
    return headers


def _response(answer: Page) -> Response:
    return Response(
        answer.body,
        status=answer.status,
        headers=_headers(answer),
        content_type=answer.content_type,
    )


def _answering(response: Response) -> Callable[[], Awaitable[Response | None]]:
    async def answer() -> Response | None:
        return response

    return answer
