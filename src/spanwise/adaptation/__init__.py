"""Adapters of generators by other programs than TRL: MLX on this machine, Tinker on somebody else's.

What is learnt from is the same for all of them: rows of `generator.rows`, masked by `masking`.
"""
