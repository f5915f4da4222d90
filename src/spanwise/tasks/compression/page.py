"""A page with a prompt and its shorter form side by side, dropped words struck through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from spanwise.tasks.compression.compressor import Compressed

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shorter prompts</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem }}
section {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1rem }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #8886; padding: 1rem }}
del {{ color: #b00020; background: #b0002014 }}
h2, h3 {{ font-size: 1rem; margin: 1rem 0 0 }}
@media (prefers-color-scheme: dark) {{ del {{ color: #ff8a80 }} }}
</style>
<h1>Shorter prompts</h1>
{prompts}
</html>
"""
_PROMPT = """\
<h2>{title}</h2>
<p>{figures}</p>
<section>
<div><h3>Original, dropped text struck through</h3><pre>{original}</pre></div>
<div><h3>What is sent</h3><pre>{shorter}</pre></div>
</section>
"""


def render(prompts: Sequence[tuple[str, Compressed]]) -> str:
    """The page of prompts, each with its title; it holds their texts."""
    return _PAGE.format(
        prompts="".join(
            _PROMPT.format(
                title=escape(title),
                figures=escape(told(each)),
                original="".join(_struck(each)),
                shorter=escape(each.text),
            )
            for title, each in prompts
        )
    )


def told(found: Compressed) -> str:
    """What became of a prompt, in one line without its text."""
    line = (
        f"{found.before:,} to {found.after:,} tokens ({found.ratio:.0%}, counted by {found.tokenizer}); "
        f"{found.domain}, by {'syntax tree' if found.kept is None else found.scorer}"
    )
    if found.shortfall:
        line += f"; {found.shortfall:,} above the target of {found.target:,}: the rest must stay"
    return line


def _struck(found: Compressed) -> Iterator[str]:
    if found.kept is None:  # rewritten: nothing of it is where it was
        yield escape(found.original)
        return
    end = 0
    for start, behind in (*found.kept, (len(found.original), len(found.original))):
        if start > end:
            yield f"<del>{escape(found.original[end:start])}</del>"
        yield escape(found.original[start:behind])
        end = behind
