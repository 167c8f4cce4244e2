"""The site as a Datasette plugin: the only module here that knows Datasette.

Without the plugin key ``kommunalradar`` in its metadata Datasette stays plain Datasette.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote
from weakref import WeakKeyDictionary

import jinja2
from datasette import hookimpl
from datasette.utils.asgi import Base400, NotFound, Request, Response

from datasette_config import guard
from datasette_config.api.origins import open_to_all
from datasette_config.api.problems import problem
from datasette_config.delivery import Pages, Ready, Versions, answer, ready
from datasette_config.desk import request as desk_request
from datasette_config.desk.desk import Desk, DeskConfig
from datasette_config.desk.door import answer as desk_answer
from datasette_config.desk.route import Route
from datasette_config.desk.routes import ROUTES as DESK_ROUTES
from datasette_config.downloads import downloads
from datasette_config.language import language
from datasette_config.limits import Buckets, limited
from datasette_config.packing import packed
from datasette_config.peers import LOOPBACK, PEER, behind_proxies
from datasette_config.query_chart import chart, numbers
from datasette_config.routes import ROUTES, errors
from datasette_config.site import HERE, Site, SiteConfig
from datasette_config.web import Ask, MissingPageError, Page, spoken_in

if TYPE_CHECKING:  # Datasette loads its plugins while it is being imported itself
    from datasette.app import Datasette

View = Callable[[Site, Ask], Page]

_sites: WeakKeyDictionary[Datasette, Site] = WeakKeyDictionary()
_desks: WeakKeyDictionary[Datasette, Desk] = WeakKeyDictionary()
_pages: WeakKeyDictionary[Site, Pages] = WeakKeyDictionary()

#: The longest form of the desk, in bytes; the largest it sends itself is a tenth of it.
LONGEST_FORM = 256 * 1024


def site_of(datasette: Datasette) -> Site | None:
    """The site this Datasette carries; None where it is not configured to carry one."""
    if datasette not in _sites:
        given = datasette.plugin_config("kommunalradar")
        if given is None:
            return None
        _sites[datasette] = Site(SiteConfig.from_plugin(given))
    return _sites[datasette]


def desk_of(datasette: Datasette) -> Desk | None:
    """The desk of the site; None where no newsroom is configured, as for plain public hosting."""
    if datasette not in _desks:
        given = datasette.plugin_config("kommunalradar-desk")
        site = site_of(datasette)
        if given is None or site is None:
            return None
        _desks[datasette] = Desk(site, DeskConfig.from_plugin(given))
    return _desks[datasette]


def pages_of(site: Site) -> Pages:
    """The pages of the site that are already made."""
    if site not in _pages:
        _pages[site] = Pages(Versions(site.config.archive, site.config.search).now)
    return _pages[site]


@hookimpl  # type: ignore[untyped-decorator]
def register_routes(datasette: Datasette) -> list[tuple[str, object]]:
    """Our pages. Datasette asks plugins' routes before its own, so ``/`` is ours."""
    if site_of(datasette) is None:
        return []
    pages: list[tuple[str, object]] = [(pattern, _view(page)) for pattern, page in ROUTES]
    if desk_of(datasette) is not None:
        pages += [(route.pattern, _desk_view(route)) for route in DESK_ROUTES]
    return pages


@hookimpl  # type: ignore[untyped-decorator]
def skip_csrf(datasette: Datasette, scope: guard.Message) -> bool:
    """The desk looks at its forms itself (``desk.door``); Datasette would set a cookie for it."""
    path: str = scope["path"]
    return (path == "/desk" or path.startswith("/desk/")) and desk_of(datasette) is not None


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
    env.globals |= {"site": site, "chart": chart, "numbers": numbers}
    env.filters["german"] = language("de").number


@hookimpl  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Datasette) -> None:
    """Keep readers' SQL inside archive.db, and let it search there."""
    site = site_of(datasette)
    if site is None:
        return
    if database == site.config.archive.stem:
        guard.close(conn)
        site.sql.into(conn)
    else:
        conn.set_authorizer(guard.authorize_own)


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: Datasette) -> Callable[[guard.Application], guard.Application]:
    """Who asks, behind a proxy, and how often; security headers on every answer; compression."""
    from datasette import handle_exception as default_errors  # not yet there at loading either

    site = site_of(datasette)
    if site is None:
        return lambda app: app
    # Where `rich` happens to be installed Datasette prints every error with all variables of the
    # program, and fails over an error that was never raised, such as a missing page.
    default_errors.rich = None
    desk = desk_of(datasette)
    proxies = desk.config.proxies if desk is not None else LOOPBACK
    further = _site_headers(site)
    buckets = Buckets()

    def files(app: guard.Application) -> guard.Application:
        return downloads(app, site.config.dumps, site.files)

    def wrap(app: guard.Application) -> guard.Application:
        inner = limited(packed(app, but="/desk"), buckets, site.data_path)
        served = guard.named_plainly(open_to_all(files(inner)))
        return behind_proxies(guard.with_headers(served, further), proxies)

    return wrap


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
        # Of a mistake in the address Datasette says 500 where it names no number.
        status = exception.status if exception.status < 500 else 400
        message = "" if exception.message_is_html else exception.message
    elif isinstance(exception, sqlite3.Error):
        status = 400  # what was asked is no SQL: a NUL in it, say
    elif isinstance(exception, AssertionError) and request.method not in ("GET", "HEAD"):
        status = 405  # Datasette only asserts that a form is for a query that may write
    else:
        status = 500
    if _is_api(request.path):
        return _answering(_response(problem(status, message)))
    if request.path.endswith(".json"):
        body = {"ok": False, "error": message or errors.title_of(status), "status": status}
        return _answering(Response.json(body, status=status))
    page = errors.page(site, _ask(site, request), status, title=title, message=message)
    return _answering(_response(page))


@hookimpl  # type: ignore[untyped-decorator]
def forbidden(
    datasette: Datasette, request: Request, message: str
) -> Callable[[], Awaitable[Response | None]] | None:
    """What is not for readers, said in the site's dress."""
    site = site_of(datasette)
    return _answering(_response(errors.page(site, _ask(site, request), 403))) if site else None


def _view(page: View) -> Callable[[Datasette, Request], Awaitable[Response]]:
    async def view(datasette: Datasette, request: Request) -> Response:
        site = site_of(datasette)
        assert site is not None  # the route is only there with a site
        if request.method not in ("GET", "HEAD"):
            return _response(_only_reading(request.path))
        pages = pages_of(site)
        ask = _ask(site, request)
        key = (request.path, request.query_string, ask.origin)
        made = pages.find(key)
        if made is None:
            begun = pages.seen
            loop = asyncio.get_running_loop()
            made = await loop.run_in_executor(site.executor, _made, page, site, ask)
            pages.keep(key, made, begun)
        return _sent(made, request.headers)

    return view


def _desk_view(route: Route) -> Callable[[Datasette, Request], Awaitable[Response]]:
    async def view(datasette: Datasette, request: Request) -> Response:
        desk = desk_of(datasette)
        assert desk is not None  # the route is only there with a desk
        asked = await _desk_request(desk, request)
        if asked is None:
            return Response.text("Das Formular ist zu lang.", status=413)
        loop = asyncio.get_running_loop()
        given = await loop.run_in_executor(desk.executor, desk_answer, desk, route, asked)
        response = Response(
            given.body,
            status=given.status,
            headers=dict(given.headers),
            content_type=given.content_type,
        )
        for cookie in given.cookies:
            response.set_cookie(
                cookie.name,
                cookie.value,
                max_age=cookie.max_age,
                path="/desk",
                secure=asked.secure,
                httponly=True,
                samesite=cookie.same_site,
            )
        return response

    return view


async def _desk_request(desk: Desk, request: Request) -> desk_request.Request | None:
    """The request as the desk knows it; None if its form is too long to be read."""
    body = b""
    if request.method == "POST":
        more = True
        while more:
            message = await request.receive()
            if message["type"] != "http.request":
                break
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > LONGEST_FORM:
                return None
    address = desk.site.config.address
    secure = request.scheme == "https" or bool(address and address.startswith("https:"))
    client = request.scope.get("client") or ("", 0)
    return desk_request.Request(
        method=request.method,
        path=request.path,
        query=request.query_string,
        parts={name: unquote(value) for name, value in request.url_vars.items() if value},
        arguments=parse_qs(request.query_string, errors="replace"),
        form=parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace"),
        cookies=request.cookies,
        headers=request.headers,
        address=str(client[0]),
        peer=str(request.scope.get(PEER, "")),
        origin=f"{'https' if secure else 'http'}://{request.host}",
    )


def _is_api(path: str) -> bool:
    return path == "/api" or path.startswith("/api/")


def _only_reading(path: str) -> Page:
    headers = {"Allow": "GET, HEAD, OPTIONS" if _is_api(path) else "GET, HEAD"}
    if _is_api(path):
        return problem(405, "Nur GET und HEAD.", headers=headers)
    return Page(b"Nur GET und HEAD.", 405, "text/plain; charset=utf-8", headers=headers)


def _ask(site: Site, request: Request) -> Ask:
    spoken, path = spoken_in(request.path)
    return Ask(
        path=path,
        language=spoken,
        parts={name: unquote(value) for name, value in request.url_vars.items() if value},
        arguments=parse_qs(request.query_string, errors="replace"),
        raw_query=request.query_string,
        origin=site.config.address or f"{request.scheme}://{request.host}",
    )


def _made(page: View, site: Site, ask: Ask) -> Ready:
    try:
        return ready(page(site, ask))
    except MissingPageError as error:
        return ready(errors.page(site, ask, 404, message=str(error)))


def _sent(made: Ready, asked: Mapping[str, str]) -> Response:
    given = answer(made, asked)
    return Response(
        given.body,
        status=given.status,
        headers=given.headers,
        content_type=given.content_type,
    )


def _response(page: Page) -> Response:
    return _sent(ready(page), {})


def _site_headers(site: Site) -> dict[str, str]:
    """What this site says with every answer besides ``guard.HEADERS``."""
    headers: dict[str, str] = {}
    if site.config.address and site.config.address.startswith("https:"):
        headers |= guard.STRICT_TRANSPORT
    if site.config.tdm is not None:
        headers["tdm-reservation"] = "1" if site.config.tdm == "reserved" else "0"
    return headers


def _answering(response: Response) -> Callable[[], Awaitable[Response | None]]:
    async def answer() -> Response | None:
        return response

    return answer
