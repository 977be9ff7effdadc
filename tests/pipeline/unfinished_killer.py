"""Kills a run of a chat again and again: `python -m tests.pipeline.unfinished_killer FOLDER URL KILLS`."""

import os
import random
import shutil
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


def main(folder: str, base_url: str, kills: str) -> None:
    root, chance, killed = Path(folder), random.Random(11), 0
    one = unit(root, case(*chat(*TURNS)), endpoint(base_url, retries=Retries(tries=1)), RecordMode.NEW_EPISODES)
    while killed < int(kills):
        child = os.fork()
        if child == 0:
            with suppress(BaseException):
                run_case(one)
            os._exit(0)
        time.sleep(chance.uniform(0.005, 0.08))
        os.kill(child, signal.SIGKILL)
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        if killed < int(kills):
            shutil.rmtree(store(root).folder, ignore_errors=True)  # a case that is recorded begins anew


if __name__ == "__main__":
    main(*sys.argv[1:])
