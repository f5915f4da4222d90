"""Values and their paths."""

from __future__ import annotations

from typing import Any

from spanwise.tasks.resume.model import Resume, to_json_resume
from spanwise.tasks.resume.value import Value, located, plain, squeezed

WHOLE: dict[str, Any] = {
    "basics": {
        "name": "n", "headline": "n", "email": "a@b", "phone": "n", "url": "n://n", "summary": "n",
        "location": {"street": "n", "postcode": "n", "city": "n", "region": "n", "country_code": "DE"},
        "profiles": [{"network": "n", "username": "n", "url": "n://n"}],
    },
    "work": [{"employer": "n", "position": "n", "start": "2019", "end": "2020", "location": "n",
              "summary": "n", "highlights": ["n"]}],
    "education": [{"school": "n", "degree": "n", "area": "n", "start": "2019", "end": "2020"}],
    "skills": [{"name": "n", "level": "n", "keywords": ["n"]}],
    "languages": [{"language": "n", "fluency": "n"}],
    "certificates": [{"name": "n", "issuer": "n", "date": "2019"}],
    "projects": [{"name": "n", "description": "n", "start": "2019", "end": "2020"}],
    "awards": [{"title": "n", "awarder": "n", "date": "2019"}],
    "publications": [{"name": "n", "publisher": "n", "date": "2019"}],
    "references": [{"name": "n", "reference": "n"}],
}  # fmt: skip


def valued(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: valued(child) for name, child in node.items()}
    if isinstance(node, list):
        return [valued(child) for child in node]
    return Value(node, 0, 1, 0.5)


def paths(node: Any, path: str = "") -> list[str]:
    if isinstance(node, dict):
        return [
            each for name, child in node.items() for each in paths(child, f"{path}.{name}" if path else name)
        ]
    if isinstance(node, list):
        return [each for index, child in enumerate(node) for each in paths(child, f"{path}[{index}]")]
    return [path]


def test_paths_are_those_of_json_resume_for_every_field() -> None:
    resume = Resume.model_validate(WHOLE)
    assert all(getattr(resume, name) for name in Resume.model_fields)
    expected = paths(to_json_resume(resume))
    assert sorted(path for path, _ in located(valued(WHOLE))) == sorted(expected)


def test_a_tree_of_values_becomes_plain() -> None:
    assert plain(valued(WHOLE)) == WHOLE


def test_white_space_is_squeezed() -> None:
    assert squeezed(" a\n b\tc ") == "a b c"
