from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from spanwise.experiments import Experiment
from spanwise.metrics.paired import Comparison
from spanwise.pull_request.body import LONGEST, render
from spanwise.pull_request.entity_types import TypeChange
from spanwise.pull_request.figures import Figure, Value
from spanwise.pull_request.judgement import Judged
from spanwise.pull_request.measures import ABSENT, Difference, Output
from spanwise.pull_request.plots import Plots
from spanwise.pull_request.review import Leak, Review
from spanwise.pull_request.revisions import Revisions
from spanwise.pull_request.staleness import Staleness
from spanwise.reporting.formatting import DASH

BASE, HEAD = Experiment("main", "a" * 40), Experiment("HEAD", "b" * 40)
MICRO = Judged(
    Figure("micro-F1", Value(0.7, 0.65, 0.75), Value(0.6, 0.55, 0.65), higher_is_better=True, style="score"),
    "worse",
    Comparison(0.7, 0.6, -0.1, -0.15, -0.05, 0.0001),
)
SHARE = Judged(
    Figure(
        "automation share", Value(0.4, 0.3, 0.5), Value(0.6, 0.5, 0.7), higher_is_better=True, style="percent"
    ),
    "better",
)
SIZE = Judged(Figure("size", Value(90.0), Value(180.0), higher_is_better=False, style="amount"), "worse")
NEW = Judged(Figure("time", None, Value(90.0), higher_is_better=False, style="duration"), "new")


@pytest.fixture
def review() -> Review:
    """A change of everything, for the worse."""
    return Review(
        revisions=Revisions(HEAD, BASE, "main", moved_on=True),
        stale=Staleness({}, []),
        stale_base=Staleness({}, []),
        judged=[MICRO, SHARE, SIZE, NEW],
        types=[
            TypeChange("Sign|x", "low", 4, 0.5, 0.1, outside=True),
            TypeChange("Drug", "high", 40, 0.8, 0.9, outside=False),
        ],
        settings={"params.yaml": [Difference("train.rate", 0.1, 0.2)]},
        metrics={"metrics/evaluate.json": [Difference("test.headline", ABSENT, 0.5)]},
        outputs={"models": (None, Output("0123456", 7, 91_200_000))},
        files=["src/a.py", "stages/b.py", "conf/config.yaml", "README.md"],
        leak=Leak(0, 0, 0.02),
        notes=["`base` lacks `dvc.lock`."],
        level=0.95,
    )


def test_a_change_is_told_from_its_figures_down_to_its_files(review: Review) -> None:
    text = render(review)
    assert "`bbbbbbb` against `aaaaaaa`, where it branched off from `main`, which has moved on since." in text
    assert "**2 figures are worse: micro-F1 and size; 1 figure is better: automation share.**" in text
    interval = f"0.650{DASH}0.750"
    assert f"| micro-F1 | 0.700 ({interval}) | 0.600 (0.550{DASH}0.650) | -10.0 (-15.0 to -5.0) |" in text
    assert "| < 0.001 | **worse** |" in text
    assert f"| automation share | 40% (30%{DASH}50%) | 60% (50%{DASH}70%) | +20.0 |  | better |" in text
    assert "| size | 90 | 180 | \N{MULTIPLICATION SIGN} 2.00 |  | **worse** |" in text
    assert f"| time | {DASH} | 1.5 min | {DASH} |  | new |" in text
    assert "- `base` lacks `dvc.lock`." in text
    assert "code (2 files), settings (1 file) and other (1 file)." in text
    assert "| `train.rate` | 0.1 | 0.2 | +0.1 |" in text
    assert "| `test.headline` | *none* | 0.5 |  |" in text
    order = [
        "leak check",
        "| micro-F1",
        "### Types",
        "### What changed",
        "Settings: ",
        "**Files**",
        "Metrics: ",
    ]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)


def test_types_are_told_with_their_change_and_those_beyond_the_interval_bold(review: Review) -> None:
    text = render(review)
    assert "| `Sign\\|x` | low | 4 | 0.500 | 0.100 | **-40.0** |" in text
    assert "| `Drug` | high | 40 | 0.800 | 0.900 | +10.0 |" in text
    assert "### Types" not in render(replace(review, types=[]))


def test_stages_that_are_out_of_date_come_first(review: Review) -> None:
    reasons = {"evaluate": [f"src/{number}.py modified" for number in range(7)], "train": ["never ran"]}
    text = render(
        replace(review, stale=Staleness(reasons, ["confidence"]), stale_base=Staleness(reasons, []))
    )
    assert text.index("> [!WARNING]") < text.index("| micro-F1")
    assert "> - `evaluate`: `src/0.py modified`, " in text
    assert "`src/4.py modified` and 2 more\n> - `train`: `never ran`\n> - behind them: `confidence`\n" in text
    assert "The results of the base are out of date themselves: `evaluate`, `train`." in text
    assert "The lock is up to date" not in text
    assert "The lock is up to date" in render(review)


@pytest.mark.parametrize(
    ("leak", "expected"),
    [
        (Leak(0, 0, 0.02), "The leak check passed: no group and no twin stands on two sides; the greatest"),
        (Leak(1, 2, 0.9), "> **The leak check failed**: 1 group and 2 pairs of twins stand on"),
        (None, "The change has no leak check: `dvc repro tier-split` makes it."),
    ],
)
def test_the_leak_check_is_told(leak: Leak | None, expected: str, review: Review) -> None:
    assert expected in render(replace(review, leak=leak))


def test_a_change_without_a_difference_says_so(review: Review) -> None:
    text = render(replace(review, judged=[replace(MICRO, verdict="within chance")], files=[]))
    assert "**No headline figure is better or worse beyond chance.**" in text
    assert "Nothing that git keeps." in text
    assert "Neither revision has any" in render(replace(review, judged=[]))


@pytest.mark.parametrize(
    ("target", "expected"), [("main", "`bbbbbbb`, which `main` already holds."), (None, "`bbbbbbb`.\n")]
)
def test_a_change_without_a_base_stands_alone(target: str | None, expected: str, review: Review) -> None:
    alone = replace(review, revisions=Revisions(HEAD, None, target), judged=[NEW], stale_base=None, files=[])
    text = render(alone)
    assert expected in text
    assert "There is nothing to compare with: the figures stand alone." in text
    assert "### What changed" not in text
    assert "paired bootstrap" not in text


def test_the_report_is_linked_or_what_brings_it_told(review: Review) -> None:
    assert "[The report of this change](https://example.org/1)." in render(
        review, report_url="https://example.org/1"
    )
    assert "`dvc pull report` brings the report" in render(review)


def test_plots_are_linked_from_where_the_body_lies(review: Review, tmp_path: Path) -> None:
    plots = Plots({"plots/a.csv": tmp_path / "png" / "a.png"}, ["plots/b.csv"], {"c.png": "an image"})
    text = render(replace(review, plots=plots), beside=tmp_path / "out")
    assert "![plots/a.csv](../png/a.png)" in text
    assert "Plots without a difference: `plots/b.csv`." in text
    assert "- `c.png` is not drawn: an image." in text
    assert "![plots/a.csv](png/a.png)" in render(
        replace(review, plots=replace(plots, files={"plots/a.csv": Path("png/a.png")}))
    )


def test_a_body_fits_a_comment_and_says_what_it_lacks(review: Review) -> None:
    many = [Difference(f"test.types.{'x' * 40}{number}.f1", 0.1, 0.2) for number in range(2000)]
    text = render(replace(review, metrics={"metrics/a.json": many, "metrics/b.json": many}))
    assert len(text) <= LONGEST
    assert re.search(
        r"\d+ more rows left out for want of room: `dvc metrics diff aaaaaaa bbbbbbb` shows all", text
    )
    assert "**Metrics: metrics/b.json**: 2,000 rows left out" in text
    assert text.count("<details>") == text.count("</details>")


def test_even_what_is_not_a_table_is_cut_to_fit(review: Review) -> None:
    text = render(replace(review, notes=[f"{'note ' * 20}{number}" for number in range(2000)]))
    assert len(text) <= LONGEST
    assert "The rest is left out for want of room." in text
    assert "**Metrics: metrics/evaluate.json**" in text


def test_the_same_review_gives_the_same_bytes_without_blank_runs(review: Review) -> None:
    assert render(review) == render(review)
    assert "\n\n\n" not in render(review)
    assert render(review).endswith("|\n")
