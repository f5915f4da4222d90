from __future__ import annotations

import pytest
from jinja2 import DictLoader, Environment, UndefinedError

from spanwise import __version__
from spanwise.reporting.templating import environment_of


@pytest.fixture
def environment() -> Environment:
    return environment_of("spanwise.reporting")


def rendered(environment: Environment, name: str, text: str, **known: object) -> str:
    return environment.overlay(loader=DictLoader({name: text})).get_template(name).render(known)


def test_html_is_escaped_and_markdown_is_not(environment: Environment) -> None:
    hostile = "<b>'a' & \"b\"</b>"
    assert rendered(environment, "page.html.j2", "{{ it }}", it=hostile) == (
        "&lt;b&gt;&#39;a&#39; &amp; &#34;b&#34;&lt;/b&gt;"
    )
    assert rendered(environment, "page.md.j2", "{{ it }}", it=hostile) == hostile


def test_an_undefined_figure_is_a_dash(environment: Environment) -> None:
    assert rendered(environment, "page.md.j2", "{{ it }}|{{ it | score }}", it=None) == (
        "\N{EN DASH}|\N{EN DASH}"
    )


@pytest.mark.parametrize("text", ["{{ it }}", "{{ it | words }}", "{% if it %}{% endif %}"])
def test_an_undefined_name_is_an_error(environment: Environment, text: str) -> None:
    with pytest.raises(UndefinedError, match="'it' is undefined"):
        rendered(environment, "page.md.j2", text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("{{ 31841.0 | amount }}", "31,841"),
        ("{{ 'Sign' | code }}", "`Sign`"),
        ("{{ 8945 | count }}", "8,945"),
        ("{{ 92.4 | duration }}", "1.54 min"),
        ("{{ 0.8714 | percent }}", "87.1%"),
        ("{{ 0.0901 | points }}", "9 points"),
        ("{{ 0.71234 | score }}", "0.712"),
        ("{{ [1, 2] | value }}", "1, 2"),
        ("{{ 'spans_lost' | words }}", "spans lost"),
        ("{{ counted(2, 'entity') }}", "2 entities"),
        ("{{ interval(0.1, 0.2) }}", "0.100\N{EN DASH}0.200"),
        ("{{ percents(0.1, 0.2) }}", "10%\N{EN DASH}20%"),
        ("{{ version }}", __version__),
    ],
)
def test_figures_are_written_by_name(environment: Environment, text: str, written: str) -> None:
    assert rendered(environment, "page.md.j2", text) == written


def test_lines_of_statements_alone_leave_none_and_the_last_newline_stays(environment: Environment) -> None:
    text = "a\n  {% if true %}\nb\n  {% endif %}\nc\n"
    assert rendered(environment, "page.md.j2", text) == "a\nb\nc\n"


@pytest.mark.parametrize("package", ["spanwise.comparison", "spanwise.label_noise"])
def test_a_package_has_its_own_templates_and_those_of_the_report(package: str) -> None:
    names = environment_of(package).list_templates()
    assert {"macros.html.j2", "report.css", "report.js"} <= set(names)
    assert set(names) > set(environment_of("spanwise.reporting").list_templates())
