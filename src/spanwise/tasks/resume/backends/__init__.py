"""Who may find the fields of a résumé: rules, a trained tagger, a language model."""

from spanwise.tasks.resume.backends.base import Backend
from spanwise.tasks.resume.backends.rules import RulesBackend
from spanwise.tasks.resume.backends.tagger import TaggerBackend

__all__ = ["Backend", "RulesBackend", "TaggerBackend"]
