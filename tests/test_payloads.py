"""What pages fetch by its hash."""

import pytest

from benzer_lab import payloads
from benzer_lab.payloads import key_of, offer, payload


def test_what_is_offered_is_found_by_its_hash() -> None:
    key = offer(b"points")
    assert (key, payload(key), payload("0" * 32)) == (key_of(b"points"), b"points", None)


def test_what_was_used_longest_ago_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payloads, "_held", type(payloads._held)())
    monkeypatch.setattr(payloads, "KEPT", 10)
    first, second = offer(b"aaaa"), offer(b"bbbb")
    assert payload(first) == b"aaaa"
    third = offer(b"cccc")
    assert (payload(first), payload(second), payload(third)) == (b"aaaa", None, b"cccc")
    assert payload(offer(b"longer than all that may be kept")) is not None
