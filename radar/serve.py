"""Serves the published archive: the stable Datasette with our plugin, on one port."""

from __future__ import annotations

import asyncio
import socket

import uvicorn

from datasette_config.site import make_site
from radar.config import Config
from store.errors import RadarError


class ServeError(RadarError):
    """The site cannot be served; the message says why and what to do."""


def check_port(host: str, port: int) -> None:
    """Raise `ServeError` if nothing can listen on host and port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServeError(
                f"port {port} on {host} cannot be used ({error.strerror}): stop what runs "
                "there, or choose another with --port"
            ) from error


def serve(config: Config, *, host: str, port: int, banner: str | None) -> None:
    """Serve until stopped by SIGINT or SIGTERM. Raises `ServeError`."""
    for path in (config.archive, config.search):
        if not path.is_file():
            raise ServeError(f"{path} is missing: run `radar publish` first")
    check_port(host, port)
    site = make_site(config.archive, config.search, banner=banner)
    server = uvicorn.Server(
        uvicorn.Config(site.app(), host=host, port=port, log_level="warning", lifespan="on")
    )
    asyncio.run(server.serve())
