"""Builds that start at once: dbt reads the project a single time, then each build is a fork.

As a script, it is the process that has read the project: a line on its input is a build to start or
to wait for, the answers on its output are the build's process and its return code. A process of
its own, as one with threads (pytest's, once it has used DuckDB) should not fork.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Builds:
    """Builds with one set of variables, into one warehouse."""

    def __init__(self, target: Path, variables: dict) -> None:
        self.target = target
        self.warehouse = target / "shop.duckdb"
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(target), json.dumps(variables)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "DUCKDB_PATH": str(self.warehouse)},
        )  # fmt: skip
        assert self.answer() == "ready"

    def answer(self) -> object:
        return json.loads(self.process.stdout.readline())

    def start(self, *arguments: str, shop: Path, **options: object) -> int:
        """Starts `dbt <arguments>` and returns the number of its process group."""
        return self.ask(arguments=arguments, shop=str(shop), **options)

    def ask(self, **request: object) -> int:
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return self.answer()

    def end(self, group: int) -> int:
        """Waits for a build that was started; its return code, below 0 when killed."""
        return self.ask(wait=group)

    def run(self, *arguments: str, shop: Path, **options: object) -> int:
        return self.end(self.start(*arguments, shop=shop, **options))

    def kill(self, group: int, after: float) -> int:
        """Kills the build after so many seconds, if it has not ended by then."""
        time.sleep(after)
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        return self.end(group)

    def said(self) -> str:
        return (self.target / "output.txt").read_text(encoding="utf-8")

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def serve(target: Path, variables: dict) -> None:
    from dbt.cli.main import dbtRunner

    answers = os.fdopen(os.dup(1), "w")
    output = os.open(target / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    folders = ["--target-path", str(target / "target"), "--log-path", str(target / "logs")]
    given = ["--vars", json.dumps(variables)]
    parsed = dbtRunner().invoke(["--no-use-colors", "parse", *folders, *given])
    assert parsed.success, parsed.exception

    def answer(value: object) -> None:
        print(json.dumps(value), file=answers, flush=True)

    answer("ready")
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            answer(os.waitstatus_to_exitcode(os.waitpid(request["wait"], 0)[1]))
            continue
        os.ftruncate(output, 0)
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            os.environ["RAW_DIR"] = request["shop"]
            if "file_bytes" in request:
                limit_files(request["file_bytes"])
            arguments = ["--no-use-colors", *request["arguments"], *folders, *given]
            built = dbtRunner(manifest=parsed.result).invoke(arguments)
            if built.exception:
                print(built.exception, flush=True)
            # not at once: the warehouse is closed on the way out, as by the command
            sys.exit(0 if built.success else 1)
        # here as well, so that the group is there before anybody wants to kill it
        os.setpgid(child, child)
        answer(child)


def limit_files(size: int) -> None:
    """No file grows beyond this size: writes fail as they do on a full disk."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


if __name__ == "__main__":
    serve(Path(sys.argv[1]), json.loads(sys.argv[2]))
