from __future__ import annotations

import hashlib
import json
from importlib import resources
from pathlib import Path

import pytest

from spanwise.tasks.resume.model import from_json_resume, to_json_resume
from spanwise.tasks.resume.schema import load_schema, schema_faults


def test_the_schema_is_the_published_one_and_has_its_licence_beside_it() -> None:
    folder = resources.files("spanwise.tasks.resume").joinpath("json_resume")
    digest = hashlib.sha256(folder.joinpath("schema.json").read_bytes()).hexdigest()
    assert digest == "8911e912ee487954b10cb59da39265c7e62ef7cba5973706d125448adc853969"
    assert "The MIT License" in folder.joinpath("LICENSE").read_text("utf-8")


def test_the_schema_is_that_of_the_shared_data(shared_data: Path) -> None:
    assert json.loads((shared_data / "cv_files" / "jsonresume_schema.json").read_text()) == load_schema()


@pytest.mark.parametrize("date", ["Present", "", None, "03/2019"])
def test_what_is_no_date_breaks_it(date: str | None) -> None:
    [fault] = schema_faults({"work": [{"endDate": date}]})[:1]
    assert fault.startswith("work.0.endDate: breaks ")
    assert "Present" not in fault


def test_an_e_mail_address_is_checked() -> None:
    assert schema_faults({"basics": {"email": "nobody"}}) == ('basics.email: breaks format: "email"',)
    assert schema_faults({"basics": {"email": "a@b.example"}}) == ()


def test_a_list_is_no_resume() -> None:
    assert schema_faults([]) == ('the whole: breaks type: "object"',)


def test_the_sample_of_json_resume_is_held_and_written_again(shared_data: Path) -> None:
    sample = json.loads((shared_data / "cv_files" / "jsonresume_sample.resume.json").read_text())
    written = to_json_resume(from_json_resume(sample))
    assert schema_faults(written) == ()
    assert written["work"][0]["name"] == sample["work"][0]["name"]
    assert written["skills"] == sample["skills"]
