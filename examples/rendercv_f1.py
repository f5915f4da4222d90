"""Field F1 of the parser's rules on CVs that RenderCV made: NAME.pdf beside NAME.yaml.

    python examples/rendercv_f1.py FOLDER

RenderCV's files are other people's work and no part of this repository.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import yaml

from spanwise.documents import read_or_fail
from spanwise.tasks.resume.comparison import compare
from spanwise.tasks.resume.model import Resume, from_json_resume
from spanwise.tasks.resume.parser import parse

SITES = {"LinkedIn": "linkedin.com/in", "GitHub": "github.com"}


def truth(cv: dict[str, Any]) -> Resume:
    """What of a RenderCV file the parser is to find; highlights and places of jobs are not compared."""
    sections = cv["sections"]
    city, _, region = cv["location"].partition(", ")
    profiles = [
        {"network": each["network"], "url": f"https://{SITES[each['network']]}/{each['username']}"}
        for each in cv["social_networks"]
    ]
    basics = {"name": cv["name"], "email": cv["email"], "url": cv["website"], "profiles": profiles}
    names = {"company": "name", "position": "position"}
    studies = {"institution": "institution", "degree": "studyType", "area": "area"}
    awards = [re.fullmatch(r"(.*) \(.*?(\d{4})\)", each["bullet"]) for each in sections["selected_honors"]]
    return from_json_resume(
        {
            "basics": basics | {"location": {"city": city, "region": region}},
            "work": [entry(each, names) for each in sections["experience"]],
            "education": [entry(each, studies) for each in sections["education"]],
            "skills": [{"keywords": each["details"].split(", ")} for each in sections["skills"]],
            "projects": [
                {"name": re.sub(r"\[(.*?)\].*", r"\1", each["name"])} for each in sections["projects"]
            ],
            "publications": [
                {"name": each["title"], "releaseDate": each["date"]} for each in sections["publications"]
            ],
            "awards": [{"title": each[1], "date": each[2]} for each in awards if each],
        }
    )


def entry(item: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    """A job or a course of study with its dates; what goes on has no end."""
    found = {other: item[name] for name, other in names.items()}
    for name, other in (("start_date", "startDate"), ("end_date", "endDate")):
        if item[name] != "present":
            found[other] = item[name]
    return found


def main(folder: Path) -> None:
    """Write a line for each pair of files."""
    for path in sorted(folder.glob("*.yaml")):
        expected = truth(yaml.safe_load(path.read_text(encoding="utf-8"))["cv"])
        found = parse(read_or_fail(path.with_suffix(".pdf"))).resume
        compared = compare(expected, found, region="US")
        counts = [sum(column) for column in zip(*compared.fields.values(), strict=True)]
        right, got, true = counts
        print(f"{path.stem}: F1 {2 * right / (got + true):.3f} over {true} values")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
