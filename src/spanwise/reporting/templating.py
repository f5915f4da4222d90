"""The templates' environment: how figures are written in them."""

from __future__ import annotations

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape

from spanwise import __version__
from spanwise.reporting import formatting

REPORTING = "spanwise.reporting"


def environment_of(package: str) -> Environment:
    """The environment of a package's templates, which may include those of the report.

    HTML is escaped. An undefined figure is an en dash, and an undefined name an error.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(name) for name in dict.fromkeys((package, REPORTING))]),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        finalize=lambda item: formatting.DASH if item is None else item,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        function.__name__: function
        for function in (
            formatting.amount,
            formatting.code,
            formatting.count,
            formatting.duration,
            formatting.percent,
            formatting.points,
            formatting.score,
            formatting.value,
            formatting.words,
        )
    }
    environment.globals |= {
        "counted": formatting.counted,
        "interval": formatting.interval,
        "percents": formatting.percents,
        "version": __version__,
    }
    return environment
