"""Serves the published archive: Datasette with our plugin, in one process on one port."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn
from datasette.app import Datasette
from uvicorn.config import LOGGING_CONFIG

from datasette_config.app import make_datasette
from datasette_config.around import around
from datasette_config.plugin import site_of
from datasette_config.service import Service, ServiceConfig
from radar.config import Config, environment
from store.dictionary import load_dictionary
from store.errors import RadarError

#: Seconds a freshly started site may take until it answers.
START_LIMIT = 30.0
#: What helps where nothing can listen, by the system's number for the fault.
_MENDS = {
    errno.EADDRINUSE: "stop what runs there, or choose another with --port",
    errno.EACCES: "only the administrator may use it; choose one from 1024 on with --port",
}


class ServeError(RadarError):
    """The site cannot be served; the message says why and what to do."""


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def check_port(host: str, port: int) -> None:
    """Raise `ServeError` if nothing can listen on host and port."""
    try:
        host.encode("idna")  # as the socket does; it raises a TypeError
    except UnicodeError as error:
        raise ServeError(f"{host!r} is no host's name: choose another with --host") from error
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            mend = _MENDS.get(error.errno or 0, "choose an address of this machine with --host")
            raise ServeError(
                f"port {port} on {host} cannot be used ({error.strerror}): {mend}"
            ) from error


def serve(
    config: Config, *, banner: str | None, on_ready: Callable[[], None] = lambda: None
) -> None:
    """Serve until stopped by SIGINT or SIGTERM; ``on_ready`` is called once it answers.

    Raises `ServeError`.
    """
    for path in (config.archive, config.search):
        if not path.is_file():
            raise ServeError(f"{path} is missing: run `radar publish` first")
    check_port(config.site_host, config.site_port)
    site = make_datasette(
        config.archive,
        config.search,
        banner=banner,
        address=config.site_address or None,
        contact=config.site_contact or _address_in(config.crawl_contact),
        imprint=_text(config.site_imprint),
        privacy=_text(config.site_privacy),
        models=config.models if config.models.is_dir() else None,
        tdm=config.site_tdm or None,
        dumps=config.dumps,
        letters=sends_letters(config),
        desk=desk_of(config),
    )

    def ready() -> None:
        # Else the first reader whose word stands nowhere would wait a second for it.
        threading.Thread(target=load_dictionary, name="dictionary", daemon=True).start()
        on_ready()

    server = _Server(
        # One process: the site holds its index in memory, Datasette knows no workers.
        uvicorn.Config(
            around(site.app(), service_of(config, site)),
            host=config.site_host,
            port=config.site_port,
            log_level="warning",
            # As JSON its lines go the way of all others (`radar.logs`).
            log_config=None if config.log_format == "json" else LOGGING_CONFIG,
            # A reader's slow download does not hold up the end of the service.
            timeout_graceful_shutdown=5,
            # The site itself reads what a proxy says (datasette_config.peers): it must still
            # know who opened the connection.
            proxy_headers=False,
        ),
        ready,
    )
    # uvicorn stops cleanly at the first Ctrl-C and then hands the interrupt on.
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(server.serve())


def service_of(config: Config, site: Datasette) -> Service:
    """What stands beside the site: subscriptions where letters can be sent, health, metrics."""
    found = site_of(site)
    assert found is not None  # make_datasette has just made it
    return Service(
        found,
        ServiceConfig(
            newsroom=config.newsroom if config.newsroom.is_file() else None,
            letters=sends_letters(config),
            monitors=tuple(config.site_monitors.split()),
            proxies=tuple(config.desk_proxies.split()),
        ),
    )


def sends_letters(config: Config) -> bool:
    """Whether readers can order letters here."""
    return bool(config.mail_smtp_host and config.site_address) and config.newsroom.is_file()


def _address_in(contact: str) -> str | None:
    """The crawler's contact where it is an e-mail address and not a page."""
    return contact if re.fullmatch(r"[^\s@<>/]+@[^\s@<>/]+", contact) else None


def _text(path: Path) -> Path | None:
    return None if path == Path() else path


def desk_of(config: Config) -> dict[str, object] | None:
    """What the desk needs to know; None where it is closed or there is no newsroom."""
    if config.desk_open == "no" or not config.newsroom.is_file():
        return None
    return {
        "newsroom": config.newsroom,
        "models": config.models,
        "own_sources": config.own_sources,
        "backups": config.backups,
        "teaser_words": config.publish_teaser_words,
        "proxy_header": config.desk_proxy_header,
        "proxies": config.desk_proxies.split(),
    }


def stop_when_stdin_ends() -> None:
    """Ask this process to stop (SIGTERM) when standard input ends: its parent is gone."""

    def watch() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


@contextlib.contextmanager
def site_process(config: Config, stop: threading.Event) -> Iterator[None]:
    """Serve in a process of its own, so that a crawl never slows a page down.

    If the site ends by itself, ``stop`` is set and leaving the block raises `ServeError`.
    """
    command = [sys.executable, "-m", "radar", "serve", "--until-stdin-ends"]
    # A session of its own: Ctrl-C reaches us alone, and we stop the site when the round is over.
    # The pipe ends with this process however it ends, kill -9 included, and the site with it.
    with subprocess.Popen(
        command,
        env={**os.environ, **environment(config)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:

        def watch() -> None:
            process.wait()
            stop.set()

        watcher = threading.Thread(target=watch, name="site", daemon=True)
        try:
            _wait_until_it_answers(config, process)
            watcher.start()
            yield
            failed = process.poll() is not None
        finally:
            process.terminate()
    if failed:
        raise ServeError(f"the site stopped by itself (exit code {process.returncode})")


def _wait_until_it_answers(config: Config, process: subprocess.Popen[bytes]) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < START_LIMIT:
        if process.poll() is not None:
            raise ServeError(f"the site did not start (exit code {process.returncode})")
        with contextlib.suppress(OSError):
            socket.create_connection((config.site_host, config.site_port), timeout=1).close()
            return
        time.sleep(0.1)
    raise ServeError(f"the site did not answer within {START_LIMIT:.0f} s")
