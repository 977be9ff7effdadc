from collections.abc import Iterator

import pytest

from promptc.emulator.server import Emulator


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running
