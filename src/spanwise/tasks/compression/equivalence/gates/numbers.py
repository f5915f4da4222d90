"""Numbers with their units and bounds, in order."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from spanwise.errors import UserError
from spanwise.tasks.compression.equivalence.gates.failure import Failure
from spanwise.tasks.compression.equivalence.numbers import Quantity, quantities


def numbers(source: str, output: str) -> list[Failure]:
    """Every number of the source must stand in the output, in order, with its unit and its bound.

    `five` is `5`, `per cent` is `%`, `up to` and `no more than` are one bound. One of two neighbours with the
    same unit may leave it out.

    Raises:
        UserError: If rapidfuzz is not installed.
    """
    first, second = quantities(source), quantities(output)
    pairs = _matched([each.value for each in first], [each.value for each in second])
    lost = set(range(len(first))) - {one for one, _ in pairs}
    new = set(range(len(second))) - {other for _, other in pairs}
    return [
        *(_failure("number lost", "source", first[index]) for index in sorted(lost)),
        *(_failure("number not in its place", "output", second[index]) for index in sorted(new)),
        *(
            _failure("unit changed", "source", first[a])
            for a, b in pairs
            if not _same_unit(first[a], second, b)
        ),
        *(
            _failure("bound changed", "source", first[a])
            for a, b in pairs
            if first[a].bound != second[b].bound
        ),
    ]


def _same_unit(quantity: Quantity, others: Sequence[Quantity], index: int) -> bool:
    """A number may leave its unit to a neighbour with the same: `24 to 35 days`, `15 minutes, or 30`."""
    unit = others[index].unit
    near = others[max(index - 1, 0) : index + 2]
    return unit == quantity.unit or (unit is None and any(each.unit == quantity.unit for each in near))


def _failure(kind: str, side: str, quantity: Quantity) -> Failure:
    return Failure("numbers", kind, "source" if side == "source" else "output", quantity.start, quantity.end)


def _matched(first: Sequence[Hashable], second: Sequence[Hashable]) -> list[tuple[int, int]]:
    """A longest common subsequence, as pairs of places."""
    try:
        from rapidfuzz.distance import LCSseq
    except ImportError:
        raise UserError("aligning texts takes rapidfuzz", hint="pip install rapidfuzz") from None
    return [
        (operation.src_start + offset, operation.dest_start + offset)
        for operation in LCSseq.opcodes(first, second)
        if operation.tag == "equal"
        for offset in range(operation.src_end - operation.src_start)
    ]
