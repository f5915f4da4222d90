from __future__ import annotations

from spanwise.tasks.resume import fields


def test_each_label_is_listed_once() -> None:
    named = [value for name, value in vars(fields).items() if name.isupper() and isinstance(value, str)]
    assert sorted(named) == sorted(fields.LABELS)
    assert set(fields.CONTACT) < set(fields.LABELS)
