"""The records that travel between stages.

Offsets are half-open and count Unicode code points of the original text, always.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0, le=1)]
SplitName = Literal["train", "validation", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")


class Record(BaseModel):
    """A frozen record that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(Record):
    """A labelled piece of text, `text[start:end]`."""

    start: Annotated[int, Field(ge=0)]
    end: int
    label: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _not_empty(self) -> Span:
        if self.end <= self.start:
            raise ValueError(f"span {self.start}:{self.end} is empty: end must be above start")
        return self


class Confidence(Record):
    """How sure a model is of one span, before calibration.

    `words` holds the probability of the tag decoded for each word of the span; the next three are its
    minimum, mean and product. `span` is the probability, by the head's own distribution, that exactly this
    span with this label is there.
    """

    words: tuple[Share, ...]
    minimum: Share
    mean: Share
    product: Share
    span: Share


class GoldSpan(Span):
    """A span of the gold standard with the frequency tier of its label.

    `probability` is what the model gives to exactly this span with this label, as `Confidence.span` is for a
    predicted one. There is none where the model could not have said it: where an edge is inside a word, or
    the label was not to be predicted.
    """

    tier: str
    probability: Share | None = None


class PredictedSpan(Span):
    """A span that a model found, with the frequency tier of its label and the raw confidence."""

    tier: str
    confidence: Confidence


class Answer(Record):
    """A text that a model wrote, and how sure it was, before calibration.

    `tokens` are those written; `finished` tells whether the model ended by itself, below the limit. `minimum`
    is the probability of the least likely token, `likelihood` the geometric mean of all of them.
    """

    text: str
    tokens: Annotated[int, Field(ge=0)]
    finished: bool
    minimum: Share
    likelihood: Share


class Example(Record):
    """One document and what is to be learnt from it.

    `group` names what must never be divided between the sides of a split (a PubMed id, a patient);
    `split` is the side that the corpus itself publishes for the document, if it does. `stratum` is what an
    example with a text target counts as, as a span counts as its label. `attributes` is what else the task
    knows of it (a language, facts to keep, the fields of a résumé), in JSON's types.
    """

    id: Annotated[str, Field(min_length=1)]
    text: str
    target: tuple[Span, ...] | str
    group: str
    split: SplitName | None = None
    stratum: Annotated[str, Field(min_length=1)] | None = None
    attributes: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _inside_text(self) -> Example:
        for span in self.spans:
            if span.end > len(self.text):
                raise ValueError(
                    f"span {span.start}:{span.end} ends behind the text, which is {len(self.text)} long"
                )
        return self

    @property
    def spans(self) -> tuple[Span, ...]:
        """The target of a span task; empty where the target is text."""
        return () if isinstance(self.target, str) else self.target

    @property
    def strata(self) -> tuple[str, ...]:
        """What the example counts as: the label of each span, or its stratum."""
        if isinstance(self.target, str):
            return () if self.stratum is None else (self.stratum,)
        return tuple(span.label for span in self.target)


class Prediction(Record):
    """A document with its gold standard and what a model found in it; `group` is that of its example.

    Where the target is text, `reference` is that text and `answer` what the model wrote. An answer as a whole
    then counts as one span over `text` with the stratum as its label: it is predicted with the confidence of
    the answer, and in the gold standard if the task finds the answer acceptable. So confidence is calibrated,
    and answers are accepted or sent to review, as spans are.
    """

    id: str
    text: str
    group: Annotated[str, Field(min_length=1)]
    gold: tuple[GoldSpan, ...] = ()
    predicted: tuple[PredictedSpan, ...] = ()
    reference: str | None = None
    answer: Answer | None = None
    attributes: dict[str, Any] | None = None


class Change(Record):
    """Something that a reader repaired or left out, by reason; counted in `metrics/prepare.json`."""

    kind: Literal["repaired", "left_out"]
    reason: str
    document: str


class Labels(Record):
    """What a trained tagger must agree on with its data: the BIO tags and the tier of each label.

    `id2tag` starts with `O`; every `B-X` is followed by its `I-X`. `tag2id` is its reverse, written out for
    other programs. `auxiliaries` holds the labels that each further corpus annotates; those among them that
    the main corpus does not annotate are `foreign`, come last, and are never predicted for it.
    """

    id2tag: tuple[str, ...]
    tag2id: dict[str, int] = Field(default_factory=lambda known: _indices(known["id2tag"]))
    tiers: dict[str, str]
    auxiliaries: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    foreign: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _reverses(self) -> Labels:
        if self.tag2id != _indices(self.id2tag):
            raise ValueError("tag2id is not the reverse of id2tag")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The labels without their BIO prefixes, in the order of the tags."""
        return tuple(tag.removeprefix("B-") for tag in self.id2tag if tag.startswith("B-"))

    @property
    def own(self) -> tuple[str, ...]:
        """The labels that the main corpus annotates."""
        return tuple(name for name in self.names if name not in self.foreign)


def _indices(tags: tuple[str, ...]) -> dict[str, int]:
    return {tag: index for index, tag in enumerate(tags)}
