"""The service under load, on loopback alone.

    PYTHONPATH=src python -m benchmarks.service compare
    PYTHONPATH=src python -m benchmarks.service overload -- --lanes 2 --threads 1

The client runs on the same machine. Docs: `docs/serving.md`.
"""

from __future__ import annotations

from benchmarks.service.bombs import bombs
from benchmarks.service.compare import compare
from benchmarks.service.drain import drain
from benchmarks.service.kill import kill
from benchmarks.service.overload import overload
from benchmarks.service.settings import settings
from benchmarks.service.soak import soak
from benchmarks.service.swaps import swaps

from spanwise import console

program = console.app("Load on `spanwise serve`, by clients on the same machine.")
for each in (compare, settings, overload, swaps, bombs, soak, drain, kill):
    program.command()(each)

if __name__ == "__main__":
    program()
