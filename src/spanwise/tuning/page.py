"""What `spanwise tune` writes: a page for people, all trials for other programs, and the summary for DVC."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from optuna.importance import get_param_importances
from optuna.study import Study
from optuna.trial import TrialState

from spanwise.io import write_json, write_jsonl, write_text
from spanwise.reporting.figures import Figure
from spanwise.reporting.templating import environment_of
from spanwise.tuning.figures import draw_history, draw_importance, draw_parallel
from spanwise.tuning.outcome import DEFAULTS, Outcome
from spanwise.tuning.telling import PRUNED, tell_caveats, tell_outcome, tell_value

SHOWN = 10  # of the best trials
FEWEST = 4  # finished trials to tell from what mattered


@dataclass(frozen=True)
class Written:
    """Where the outcome goes.

    Attributes:
        search: The folder of `trials.jsonl`, `repeats.jsonl`, `metrics.json` and `timing.json`.
        page: The HTML file.
    """

    search: Path
    page: Path


def importance(study: Study) -> dict[str, float]:
    """What share of the importance each parameter has, from the most important on; empty where it is unknown.

    Watanabe et al. (2023), PED-ANOVA, arXiv:2304.10255: how far the values of the best trials depart from
    those of all.
    """
    done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if len(done) < FEWEST or len({trial.value for trial in done}) < 2:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parameters that all trials had the same value of
        found = get_param_importances(study)
    return {key: float(share) for key, share in sorted(found.items(), key=lambda item: (-item[1], item[0]))}


def write_outcome(
    to: Written,
    outcome: Outcome,
    *,
    shares: Mapping[str, float],
    seconds: Mapping[str, Mapping[int, float]],
    preset: str,
) -> None:
    """Write the trials, the metrics, the times and the page.

    Args:
        to: Where.
        outcome: Of the search.
        shares: The importance of each parameter.
        seconds: How long each trial and each repeat took, by number.
        preset: The option of `conf/experiment/` that holds the winner.
    """
    write_jsonl(to.search / "trials.jsonl", outcome.trials)
    write_jsonl(to.search / "repeats.jsonl", outcome.repeats)
    write_json(to.search / "metrics.json", outcome.figures())
    times = {kind: {str(key): value for key, value in each.items()} for kind, each in seconds.items()}
    write_json(to.search / "timing.json", {"seconds": times})
    environment = environment_of("spanwise.tuning")
    environment.filters["setting"] = tell_value
    page = environment.get_template("tuning.html.j2").render(
        outcome=outcome,
        sentences=tell_outcome(outcome),
        caveats=tell_caveats(outcome),
        figures=_figures(outcome, shares),
        shown=outcome.ranked[:SHOWN],
        means=outcome.means,
        defaults=DEFAULTS,
        seconds=sum(value for each in seconds.values() for value in each.values()),
        preset=preset,
        few=not shares,
        pruned=PRUNED[outcome.strategy],
    )
    write_text(to.page, page)


def _figures(outcome: Outcome, shares: Mapping[str, float]) -> list[Figure]:
    drawn = (
        draw_history(outcome.trials),
        draw_importance(shares),
        draw_parallel(outcome.space, outcome.trials),
    )
    return [figure for figure in drawn if figure is not None]
