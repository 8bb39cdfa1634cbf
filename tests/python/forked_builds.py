"""Builds that start at once: dbt reads the project a single time, then each build is a fork.

As a script, it is the process that has read the project: a line on its input is a build to start or
to wait for, the answers on its output are the build's process and its return code. A process of
its own, as one with threads (pytest's, once it has used DuckDB) should not fork.

The project is read without variables, and each build has its own: right for all of them but
`sessions_from_events`, which decides what models there are.
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


class ReadProject:
    """The process that has read the project, with its own files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(folder)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "DUCKDB_PATH": str(folder / "shop.duckdb")},
        )  # fmt: skip
        assert self.answer() == "ready"

    def answer(self) -> object:
        return json.loads(self.process.stdout.readline())

    def ask(self, **request: object) -> int:
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return self.answer()

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


class Builds:
    """Builds with one set of variables, into one folder and warehouse (`target`/shop.duckdb)."""

    def __init__(self, project: ReadProject, target: Path, variables: dict | None = None) -> None:
        assert "sessions_from_events" not in (variables or {})
        self.project = project
        self.target = target
        self.variables = variables or {}
        self.warehouse = target / "shop.duckdb"

    def start(self, *arguments: str, shop: Path | None = None, **options: object) -> int:
        """Starts `dbt <arguments>` and returns the number of its process group."""
        return self.project.ask(
            arguments=arguments, shop=shop and str(shop), target=str(self.target),
            variables=self.variables, **options,
        )  # fmt: skip

    def end(self, group: int) -> int:
        """Waits for a build that was started; its return code, below 0 when killed."""
        return self.project.ask(wait=group)

    def run(self, *arguments: str, shop: Path | None = None, **options: object) -> int:
        return self.end(self.start(*arguments, shop=shop, **options))

    def kill(self, group: int, after: float) -> int:
        """Kills the build after so many seconds, if it has not ended by then."""
        time.sleep(after)
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        return self.end(group)

    def said(self) -> str:
        """What the last build that was started wrote."""
        return (self.target / "output.txt").read_text(encoding="utf-8")


def serve(folder: Path) -> None:
    from dbt.cli.main import dbtRunner

    answers = os.fdopen(os.dup(1), "w")
    write_to(folder / "output.txt")
    parsed = dbtRunner().invoke(["--no-use-colors", "parse", *folders(folder)])
    assert parsed.success, parsed.exception

    def answer(value: object) -> None:
        print(json.dumps(value), file=answers, flush=True)

    answer("ready")
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            answer(os.waitstatus_to_exitcode(os.waitpid(request["wait"], 0)[1]))
            continue
        target = Path(request["target"])
        # emptied here, so that what an earlier build wrote is gone before anybody reads it
        write_to(target / "output.txt")
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            os.environ["DUCKDB_PATH"] = str(target / "shop.duckdb")
            if request["shop"]:
                os.environ["RAW_DIR"] = request["shop"]
            if "file_bytes" in request:
                limit_files(request["file_bytes"])
            given = ["--vars", json.dumps(request["variables"])]
            arguments = ["--no-use-colors", *request["arguments"], *folders(target), *given]
            built = dbtRunner(manifest=parsed.result).invoke(arguments)
            if built.exception:
                print(built.exception, flush=True)
            # not at once: the warehouse is closed on the way out, as by the command
            sys.exit(0 if built.success else 1)
        # here as well, so that the group is there before anybody wants to kill it
        os.setpgid(child, child)
        answer(child)


def folders(target: Path) -> list[str]:
    return ["--target-path", str(target / "target"), "--log-path", str(target / "logs")]


def write_to(path: Path) -> None:
    """What this process and its forks print goes to the end of this file, emptied before."""
    output = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)


def limit_files(size: int) -> None:
    """No file grows beyond this size: writes fail as they do on a full disk."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
