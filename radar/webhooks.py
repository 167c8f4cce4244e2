"""Calls hooks: signed, to public addresses only; the only user of http.client.

Signature and headers are those of https://www.standardwebhooks.com (specification 1.0), for which
receivers find libraries in every language.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import re
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from crawler.addresses import is_public
from store.errors import RadarError

#: Seconds that connecting and each answer may take.
PATIENCE_S = 15.0
#: Seconds that a receiver is advised to take a timestamp for (the specification's own example).
TOLERANCE_S = 300

_PORTS = {"http": 80, "https": 443}

#: Host and port → the addresses it stands for.
Resolve = Callable[[str, int], Sequence[str]]


class HookError(RadarError):
    """A hook was not called with success. ``for_good``: it asks not to be called again."""

    def __init__(self, message: str, *, for_good: bool = False) -> None:
        super().__init__(message)
        self.for_good = for_good


@dataclass(frozen=True, slots=True)
class Call:
    """One call: ``message_id`` stays the same in every attempt, so a receiver knows repetitions."""

    url: str
    secret: str
    message_id: str
    body: bytes


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host. Raises ``OSError`` if there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[4][0]) for place in found))


def public_address(url: str, resolver: Resolve = resolve) -> str:
    """An address to call ``url`` at. Raises `HookError` if any of its addresses is not public.

    The call goes to this very address: a name that is asked again could say another one.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        addresses = resolver(host, parts.port or _PORTS[parts.scheme])
    except (OSError, UnicodeError) as error:
        raise HookError(f"{host}: the name is not known ({error})") from error
    hidden = [address for address in addresses if not is_public(address)]
    if hidden or not addresses:
        raise HookError(f"{host} is {hidden[0] if hidden else 'nowhere'}: not a public address")
    return addresses[0]


def check_url(url: str) -> None:
    """Raise `HookError` if no hook may have this address: https with a host, without a login."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise HookError(f"{url}: {error}") from error
    if parts.scheme != "https" or not parts.hostname or parts.username or port == 0:
        raise HookError(f"{url}: a hook's address begins with https:// and holds no login")


def sign(call: Call, at: datetime) -> dict[str, str]:
    """The headers that prove who calls, and when: a repetition of an old call is seen as one."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join([call.message_id.encode(), timestamp.encode(), call.body])
    digest = hmac.new(bytes.fromhex(call.secret), signed, hashlib.sha256).digest()
    return {
        "webhook-id": call.message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def shown_secret(secret: str) -> str:
    """The secret as the specification writes it, for the receiver's configuration."""
    return f"whsec_{base64.b64encode(bytes.fromhex(secret)).decode()}"


def verify(secret: str, headers: Mapping[str, str], body: bytes, at: datetime) -> bool:
    """What a receiver does: whether the call is ours and not older than `TOLERANCE_S`."""
    stated = headers.get("webhook-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,15}", stated, re.ASCII):
        return False
    if abs(at.timestamp() - int(stated)) > TOLERANCE_S:
        return False
    call = Call("", secret, headers.get("webhook-id", ""), body)
    expected = sign(call, datetime.fromtimestamp(int(stated), at.tzinfo))["webhook-signature"]
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected, one) for one in given)


def deliver(call: Call, at: datetime, address: str, tls: ssl.SSLContext | None = None) -> None:
    """Call the hook at ``address``; returns when it answered 2xx. Raises `HookError`.

    No redirection is followed: it could lead to where no hook may be.
    """
    parts = urlsplit(call.url)
    host = parts.hostname or ""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Kommunalradar",
        "Host": parts.netloc,
        **sign(call, at),
    }
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    port = parts.port or _PORTS[parts.scheme]
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
    try:
        stream = socket.create_connection((address, port), timeout=PATIENCE_S)
        if parts.scheme == "https":
            stream = (tls or ssl.create_default_context()).wrap_socket(stream, server_hostname=host)
        connection.sock = stream
        connection.request("POST", path, call.body, headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise HookError(f"{host}: {error or type(error).__name__}") from error
    finally:
        connection.close()
    if not 200 <= status < 300:
        # 410 Gone: "disable the endpoint", says the specification.
        raise HookError(f"{host} answered {status}", for_good=status == 410)
