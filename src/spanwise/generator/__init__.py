"""The generator: a causal language model tuned on pairs of prompts and answers, and what it writes."""
