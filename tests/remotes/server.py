"""An S3 server on this machine that keeps its objects on disk, so that it can be killed and started again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

KEY, SECRET, BUCKET = "key", "secret", "bucket"


class Server:
    """`rclone serve s3` over a folder.

    Attributes:
        folder: Where it keeps the bucket.
        port: The same for each start.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / BUCKET).mkdir(parents=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        program = Path(sys.executable).parent / "rclone"
        words = ["serve", "s3", "--auth-key", f"{KEY},{SECRET}"]
        with (self.folder.parent / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, *words, "--addr", f"127.0.0.1:{self.port}", self.folder],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "RCLONE_CONFIG": os.devnull},
            )
        for _ in range(300):
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", self.port)):
                    return
            time.sleep(0.1)
        raise TimeoutError("the server does not answer")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Make it forget what it knows of its folder, which was changed behind its back."""
        self.kill()
        self.start()

    def objects(self) -> list[Path]:
        """The objects that have arrived as a whole, sorted."""
        return arrived(self.folder / BUCKET / "store")


def arrived(store: Path) -> list[Path]:
    """The objects in a store on disk, sorted; those that are still being written have other names."""
    found = (store / "files" / "md5").glob("*/*")
    return sorted(path for path in found if path.is_file() and len(path.stem) == 30)
