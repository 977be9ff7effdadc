"""Kills a run of a chat again and again: `python -m tests.pipeline.unfinished_killer FOLDER URL`."""

import os
import random
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from promptc.pipeline.case_run import run_case
from promptc.replay.modes import RecordMode
from promptc.replay.retries import Retries
from tests.replay.made import case, chat, endpoint, store, unit

TURNS = ("A Monarch butterfly", "Now open the wings.", "Now make them blue.")


def main(folder: str, base_url: str) -> None:
    root, chance = Path(folder), random.Random(11)
    one = unit(root, case(*chat(*TURNS)), endpoint(base_url, retries=Retries(tries=1)), RecordMode.NEW_EPISODES)
    killed = 0
    for _ in range(40):
        child = os.fork()
        if child == 0:
            with suppress(BaseException):
                run_case(one)
            os._exit(0)
        time.sleep(chance.uniform(0.01, 0.12))
        os.kill(child, signal.SIGKILL)
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        if store(root).accepted.exists():
            break
    print(killed)  # noqa: T201 - it is a program


if __name__ == "__main__":
    main(*sys.argv[1:])
