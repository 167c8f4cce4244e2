"""Owns how passwords are kept: scrypt of the standard library, parameters beside the hash; pure.

Scrypt costs memory as well as time, so a stolen table is dear to try on graphics cards; the
PBKDF2 of datasette-auth-passwords costs time alone, and the plugin would be one more dependency
for a sign-in page without a throttle.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """What one hash costs: 128·n·r bytes of memory, p times over."""

    n: int
    r: int
    p: int


#: OWASP Password Storage Cheat Sheet (2025): n = 2¹⁴, r = 8, p = 5 is one of its equal choices;
#: 16 MB a sign-in, which a small server has.
COST = Cost(2**14, 8, 5)
#: NIST SP 800-63B-4, 3.1.1: length counts, not the kinds of characters. The longest keeps a
#: request small.
SHORTEST, LONGEST = 12, 200


def refusal(password: str, name: str) -> str | None:
    """Why it is no password to keep, in one English line; None if it may be kept."""
    if len(password) < SHORTEST:
        return f"the password needs {SHORTEST} characters or more"
    if len(password) > LONGEST:
        return f"the password may have {LONGEST} characters at most"
    if len(set(password)) < 5 or name.casefold() in password.casefold():
        return "the password repeats few characters or holds the account's name"
    return None


def hash_password(password: str, cost: Cost = COST) -> str:
    """``scrypt$n$r$p$salt$hash``, with a salt of its own."""
    salt = secrets.token_bytes(16)
    parts = (salt, _derive(password, salt, cost))
    told = "$".join(base64.b64encode(part).decode("ascii") for part in parts)
    return f"scrypt${cost.n}${cost.r}${cost.p}${told}"


def is_password(password: str, kept: str) -> bool:
    """Whether it is the password of which ``kept`` is the hash; takes as long either way."""
    cost, salt, digest = _read(kept)
    return hmac.compare_digest(_derive(password, salt, cost), digest)


def is_cheaper(kept: str, cost: Cost = COST) -> bool:
    """Whether the hash was made at another cost than today's and should be made anew."""
    return _read(kept)[0] != cost


def _read(kept: str) -> tuple[Cost, bytes, bytes]:
    kind, n, r, p, salt, digest = kept.split("$")
    if kind != "scrypt":
        raise ValueError(f"{kind}: no kind of hash this program writes")
    return Cost(int(n), int(r), int(p)), base64.b64decode(salt), base64.b64decode(digest)


def _derive(password: str, salt: bytes, cost: Cost) -> bytes:
    # The same letter can be typed as one character or as two (RFC 8265, OpaqueString: NFC).
    text = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    memory = 128 * cost.r * (cost.n + cost.p + 2)
    return hashlib.scrypt(text, salt=salt, n=cost.n, r=cost.r, p=cost.p, maxmem=memory, dklen=32)
