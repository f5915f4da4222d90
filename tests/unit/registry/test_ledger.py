"""What tags say, in real repositories; see also test_promotion.py."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.errors import UserError
from spanwise.registry.ledger import Act, Event, Ledger, before, latest, parse, read_ledger
from spanwise.registry.tagging import tag_deprecation, tag_stage, tag_version
from tests.histories import History

pytestmark = pytest.mark.usefixtures("settings_of_its_own")
AT = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def history(tmp_path: Path) -> History:
    history = History(tmp_path / "clone")
    history.root.mkdir()
    for words in (
        ("init", "-q", "-b", "main"),
        ("config", "user.name", "test"),
        ("config", "user.email", "test@example.org"),
    ):
        history.run("git", *words)
    return history


def versions(history: History, name: str, *numbers: str) -> None:
    for number in numbers:
        tag_version(history.root, name, number, history.commit(), f"{number} is here", push=False)


def acts(*moves: tuple[Act, str]) -> Ledger:
    """A ledger in which versions were registered and then moved in and out of prod."""
    known = sorted({version for _, version in moves})
    first = [Event("registered", "ner", each, None, each, AT, "a", "", f"ner@{each}") for each in known]
    rest = [
        Event(act, "ner", version, "prod", version, AT, "a", "", f"ner#prod#{number}", number)
        for number, (act, version) in enumerate(moves, start=1)
    ]
    return Ledger((*first, *rest))


def test_versions_and_stages_come_from_tags_alone(history: History) -> None:
    versions(history, "ner", "v1.0.0", "v1.1.0")
    versions(history, "pii", "v1.0.0")
    tag_stage(history.root, "ner", "v1.0.0", "prod", "it is good", push=False)
    tag_stage(history.root, "ner", "v1.1.0", "staging", "to be tried", push=False)
    ledger = read_ledger(history.root)
    assert ledger.names == ("ner", "pii")
    assert list(ledger.versions("ner")) == ["v1.0.0", "v1.1.0"]
    assert ledger.stages("ner") == {"prod": "v1.0.0", "staging": "v1.1.0"}
    assert ledger.stages("pii") == {}
    assert [event.message for event in ledger.of("ner")] == [
        "v1.0.0 is here", "v1.1.0 is here", "it is good", "to be tried",
    ]  # fmt: skip
    assert {event.author for event in ledger.events} == {"test"}
    assert not [path for path in history.root.iterdir() if path.name != ".git"]


def test_versions_are_ordered_by_number_and_not_by_letter(history: History) -> None:
    versions(history, "ner", "v1.10.0", "v1.9.0", "v1.2.0")
    assert list(read_ledger(history.root).versions("ner")) == ["v1.2.0", "v1.9.0", "v1.10.0"]


def test_promotions_within_a_second_keep_their_order(history: History) -> None:
    versions(history, "ner", "v1.0.0", "v1.0.1")
    for number in range(12):
        tag_stage(history.root, "ner", f"v1.0.{number % 2}", "prod", "to and fro", push=False)
        assert read_ledger(history.root).stages("ner") == {"prod": f"v1.0.{number % 2}"}


def test_a_deprecated_version_is_named(history: History) -> None:
    versions(history, "ner", "v1.0.0", "v1.0.1")
    tag_deprecation(history.root, "ner", "v1.0.0", "it was wrong", push=False)
    ledger = read_ledger(history.root)
    assert ledger.deprecated("ner") == {"v1.0.0"}
    assert ledger.of("ner")[-1].message == "it was wrong"


def test_gto_agrees_on_who_stands_where(history: History) -> None:
    from gto import api

    versions(history, "ner", "v1.0.0", "v1.0.1")
    tag_stage(history.root, "ner", "v1.0.1", "prod", "", push=False)
    (found,) = api.find_versions_in_stage(history.root, "ner", "prod")
    assert found.version == read_ledger(history.root).stages("ner")["prod"] == "v1.0.1"


@pytest.mark.parametrize(
    "tag", ["Bad_Name@v1.0.0", "ner@v1.0.0-rc.1", "ner#canary#1", "other#prod#1", "ner@deprecated"]
)
def test_tags_that_are_not_of_the_registry_are_told_and_count_for_nothing(tag: str, history: History) -> None:
    versions(history, "ner", "v1.0.0")
    history.run("git", "tag", "-a", tag, "-m", "by hand")
    ledger = read_ledger(history.root)
    assert ledger.foreign == (tag,)
    assert ledger.names == ("ner",)
    assert len(ledger.events) == 1


def test_other_tags_are_passed_over(history: History) -> None:
    versions(history, "ner", "v1.0.0")
    history.run("git", "tag", "-a", "release-1", "-m", "")
    history.run("git", "tag", "light@v1.0.0")
    assert read_ledger(history.root).foreign == ()


def test_an_empty_registry_has_no_names(history: History) -> None:
    history.commit()
    assert read_ledger(history.root).names == ()


def test_what_is_not_registered_is_told_with_what_is(history: History) -> None:
    versions(history, "ner", "v1.0.0")
    ledger = read_ledger(history.root)
    with pytest.raises(UserError, match="pii is not registered") as caught:
        ledger.of("pii")
    assert caught.value.hint == "Registered: ner."
    with pytest.raises(UserError, match=r"ner has no version v2.0.0"):
        ledger.version("ner", "v2.0.0")


def test_a_folder_without_git_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no git repository"):
        read_ledger(tmp_path)


# Clones.


def test_a_clone_has_the_registry_once_tags_are_pushed(history: History, tmp_path: Path) -> None:
    history.run("git", "init", "-q", "--bare", "-b", "main", str(tmp_path / "origin.git"))
    history.run("git", "remote", "add", "origin", str(tmp_path / "origin.git"))
    commit = history.commit()
    tag_version(history.root, "ner", "v1.0.0", commit, "first", push=True)
    tag_stage(history.root, "ner", "v1.0.0", "prod", "good", push=True)
    history.run("git", "push", "-q", "origin", "main")
    history.run("git", "clone", "-q", str(tmp_path / "origin.git"), str(tmp_path / "second"))
    assert read_ledger(tmp_path / "second") == read_ledger(history.root)


def test_a_shallow_clone_without_tags_is_refused(history: History, tmp_path: Path) -> None:
    versions(history, "ner", "v1.0.0")
    history.commit()
    source = f"file://{history.root}"
    history.run("git", "clone", "-q", "--depth", "1", "--no-tags", source, str(tmp_path / "shallow"))
    with pytest.raises(UserError, match="shallow clone without tags") as caught:
        read_ledger(tmp_path / "shallow")
    assert "git fetch --unshallow --tags" in str(caught.value.hint)


def test_a_remote_that_refuses_a_tag_is_told(history: History) -> None:
    history.run("git", "remote", "add", "origin", str(history.root / "nowhere.git"))
    with pytest.raises(UserError, match="GTO refuses"):
        tag_version(history.root, "ner", "v1.0.0", history.commit(), "first", push=True)


# The way back.


def test_going_back_twice_goes_two_versions_back() -> None:
    moves: list[tuple[Act, str]] = [("assigned", f"v1.{number}.0") for number in (0, 1, 2)]
    assert acts(*moves).stack("ner", "prod") == ["v1.0.0", "v1.1.0", "v1.2.0"]
    moves.append(("assigned", "v1.1.0"))
    assert acts(*moves).stack("ner", "prod") == ["v1.0.0", "v1.1.0"]
    moves.append(("assigned", "v1.0.0"))
    assert acts(*moves).stack("ner", "prod") == ["v1.0.0"]


def test_taking_a_version_out_leaves_the_one_before() -> None:
    ledger = acts(("assigned", "v1.0.0"), ("assigned", "v1.1.0"), ("unassigned", "v1.1.0"))
    assert ledger.stages("ner") == {"prod": "v1.0.0"}
    ledger = acts(("unassigned", "v1.0.0"), ("assigned", "v1.1.0"))
    assert ledger.stack("ner", "prod") == ["v1.1.0"]


def test_deprecated_versions_are_no_way_back() -> None:
    stack = ["v1.0.0", "v1.1.0", "v1.2.0"]
    assert before(stack, set()) == "v1.1.0"
    assert before(stack, {"v1.1.0"}) == "v1.0.0"
    assert before(stack, {"v1.0.0", "v1.1.0"}) is None
    assert before([], set()) is None


@given(st.lists(st.tuples(st.sampled_from(["assigned", "unassigned"]), st.integers(0, 4)), max_size=20))
def test_each_version_is_on_the_way_back_once_and_the_last_one_assigned_stands(
    moves: list[tuple[Act, int]],
) -> None:
    told = [(act, f"v1.{number}.0") for act, number in moves]
    stack = acts(*told).stack("ner", "prod") if told else []
    assert len(set(stack)) == len(stack)
    if told and told[-1][0] == "assigned":
        assert stack[-1] == told[-1][1]


# Numbers.


@given(st.tuples(*[st.integers(0, 10**6)] * 3))
def test_a_version_is_read_as_its_three_numbers(numbers: tuple[int, int, int]) -> None:
    assert parse("v" + ".".join(map(str, numbers))) == numbers


@pytest.mark.parametrize("version", ["1.0.0", "v1.0", "v01.0.0", "v1.0.0-rc.1", "v1.0.0\n", ""])
def test_other_forms_are_no_versions(version: str) -> None:
    with pytest.raises(UserError, match="is no version"):
        parse(version)


def test_the_latest_of_none_is_none() -> None:
    assert latest([]) is None
    assert latest(["v1.10.0", "v1.9.0"]) == "v1.10.0"
