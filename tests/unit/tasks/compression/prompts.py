"""Prompts that are hard to shorten: what must stay, what may go, and signs that only look like either."""

from __future__ import annotations

from hypothesis import strategies as st

PIECES = (
    *(
        "please note that",
        "the",
        "report",
        "is due on 3 May 2024",
        "do not send",
        "it",
        "never",
        "12.5 mg/day",
    ),
    *("https://a.example/x?y=1,2", "a.b@c.example", "{name}", "{{ x }}", "<id>", "%s", '"a quoted, thing"'),
    *("however", ",", ".", "!", "?", "(roughly", ")", "(", "because", "only if", "unless", "ord_8f3a2c91"),
    *("getValue()", "and", "of", "up to 5 users", "--dry-run", "/usr/bin/x", "\n", "\n\n", "\n- ", "\n# "),
    *("\n```py\nx = 1\n\ny\n```\n", '{"a": [1, 2]}', "user:", "l'été", "n'est pas", "ne", "pas", "sans"),
    *("日本語。", "é", "\u200b", "\x00", "\t", "don't", "rather than", "no more than", "10 - 3 = 7"),
    *("Anna Smith", "Berlin", "U.S.", "e.g.", "\ud800", "🎉", "| a | b |\n", "key: value\n", ";", ":"),
    *("over", "the 3 weeks", "five", "per cent", "not only", "No.", "«très bien»", "\u2014", "*bold*"),
)
PROMPTS = st.tuples(st.sampled_from(("", " ")), st.lists(st.sampled_from(PIECES), max_size=40)).map(
    lambda drawn: drawn[0].join(drawn[1])
)
RATES = st.sampled_from((None, 0.3, 0.62, 0.9))


def is_subsequence(short: str, text: str) -> bool:
    """Whether the characters of one stand in the other, in order."""
    rest = iter(text)
    return all(character in rest for character in short)
