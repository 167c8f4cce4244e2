"""Tells a page that asks for a login from what was asked for. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

#: Names of login pages in addresses: of German portals, and of the usual single sign-on systems.
_LOGIN_PATH = re.compile(
    r"(?:^|[/._-])(?:log-?in|log-?on|sign-?in|anmelden|anmeldung|einloggen|sso|oauth2?|openid-connect"
    r"|saml2?|adfs|cas|shibboleth|idp|wp-login\.php)(?:$|[/._-])",
    re.IGNORECASE,
)
_PASSWORD = re.compile(rb"""<input\b[^<>]*\btype\s*=\s*["']?password\b""", re.IGNORECASE)


def login_page(url: str, body: bytes, *, redirected: bool, a_page: bool) -> bool:
    """Whether an answer is a login page instead of what was asked for.

    Many pages carry a small login form beside their content: where a page was asked for
    (``a_page``), its address must say the same. Where a feed was, a password field is enough.
    """
    by_name = _LOGIN_PATH.search(urlsplit(url).path) is not None
    if by_name and redirected:
        return True
    return (by_name or not a_page) and _PASSWORD.search(body) is not None
