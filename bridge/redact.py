"""Secrets that people type into chats and notes, replaced before anything leaves. Values are never kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

# Thirteen to nineteen digits, single spaces or dashes between them: a card number if Luhn agrees.
_CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
# The word, an optional "is" or sign, then one token. Placeholders of ours are left alone, also the word in them; what
# was taken for a sign is not given back, or it would be the first character of a token.
_PASSWORD = re.compile(
    r"(?P<word>\b(?!(?<=\[)password removed\])"
    r"(?:password|passwort|passcode|passphrase|pwd|kennwort|mot de passe|contraseña)\b"
    r"(?:\s+(?:is|ist|est|es)\b)?+\s*+[:=]?+\s*+)(?P<value>[^\s\[][^\s]{2,127})",
    re.IGNORECASE,
)
_BEARER = re.compile(r"(?P<word>\bbearer\s+)(?P<value>[A-Za-z0-9._~+/-]{16,}=*)", re.IGNORECASE)
# Words that follow "password" in ordinary sentences and are no password.
_ORDINARY = frozenset(
    {
        "and", "are", "as", "at", "but", "by", "can", "cannot", "didn't", "does", "doesn't", "expired", "for",
        "from", "has", "have", "here", "how", "in", "is", "it", "may", "must", "not", "of", "on", "or", "please",
        "protected", "reset", "screen", "should", "that", "the", "then", "there", "to", "too", "wants", "was",
        "what", "when", "will", "with", "you", "your", "policy", "prompt", "field", "manager", "change", "changed",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Redacted:
    text: str
    counts: Counter[str]


def redact(text: str) -> Redacted:
    """The text with card numbers, passwords after their usual words and bearer tokens replaced."""
    counts: Counter[str] = Counter()
    text = _CARD.sub(_counting(counts, "card number", _card), text)
    text = _BEARER.sub(_counting(counts, "token", _after_word), text)
    text = _PASSWORD.sub(_counting(counts, "password", _password), text)
    return Redacted(text, counts)


def _counting(
    counts: Counter[str], name: str, replace: Callable[[re.Match[str], str], str | None]
) -> Callable[[re.Match[str]], str]:
    def substitute(match: re.Match[str]) -> str:
        replaced = replace(match, f"[{name} removed]")
        if replaced is None:
            return match.group()
        counts[name] += 1
        return replaced

    return substitute


def _card(match: re.Match[str], placeholder: str) -> str | None:
    return placeholder if _luhn([int(c) for c in match.group() if c.isdigit()]) else None


def _after_word(match: re.Match[str], placeholder: str) -> str:
    return match["word"] + placeholder


def _password(match: re.Match[str], placeholder: str) -> str | None:
    if match["value"].strip(".,;:!?").lower() in _ORDINARY:
        return None
    return _after_word(match, placeholder)


def _luhn(digits: list[int]) -> bool:
    doubled = [d * 2 - 9 if d * 2 > 9 else d * 2 for d in digits[-2::-2]]
    return any(digits) and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
