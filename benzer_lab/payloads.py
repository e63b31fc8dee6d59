"""What pages fetch by its hash, and browsers may keep: points of a map, their colors, the library that draws them."""

import hashlib
import threading
from collections import OrderedDict

KEPT = 256_000_000  # bytes: of 150 maps of 100,000 points with their colors

_held: OrderedDict[str, bytes] = OrderedDict()
_lock = threading.Lock()


def key_of(content: bytes) -> str:
    """Return under which key a content is fetched: 32 hexadecimal digits, a hash of it."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def offer(content: bytes) -> str:
    """Let the pages of this process fetch a content.

    Parameters
    ----------
    content : bytes
        Anything. `KEPT` bytes are held in all; what was offered or fetched longest ago goes first.

    Returns
    -------
    str
        Its key.
    """
    key = key_of(content)
    with _lock:
        _held[key] = content
        _held.move_to_end(key)
        while sum(map(len, _held.values())) > KEPT and len(_held) > 1:
            _held.popitem(last=False)
    return key


def payload(key: str) -> bytes | None:
    """Return what was offered under a key.

    Parameters
    ----------
    key : str
        What a browser sent.

    Returns
    -------
    bytes or None
        None where this process never offered it, or holds it no more: the page then asks its own session for it.
    """
    with _lock:
        if key in _held:
            _held.move_to_end(key)
        return _held.get(key)
