"""The figures of the report: each is a Vega-Lite specification and its SVG, drawn from rows or CSV files."""

from spanwise.reporting.figures.confusion import draw_confusion
from spanwise.reporting.figures.drawing import Figure, script
from spanwise.reporting.figures.files import draw_figures
from spanwise.reporting.figures.pace import draw_pace
from spanwise.reporting.figures.scores import draw_robustness
from spanwise.reporting.figures.shares import draw_categories, draw_lengths

__all__ = [
    "Figure",
    "draw_categories",
    "draw_confusion",
    "draw_figures",
    "draw_lengths",
    "draw_pace",
    "draw_robustness",
    "script",
]
