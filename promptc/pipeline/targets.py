"""From a target's name to an address that can be asked."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from promptc.config import EMULATOR, Project, Target
from promptc.errors import UsageError
from promptc.pipeline.secrets import secrets_of
from promptc.replay.retries import Retries
from promptc.replay.session import Endpoint, key_of


@contextmanager
def reached(project: Project, target: Target, *, ask: bool) -> Iterator[Endpoint]:
    """Give the target's address and key; raises UsageError where the key is missing.

    The emulator is started for as long as the block runs. With `ask` false there is no key and no
    real address: nothing can be sent.
    """
    if not ask:
        yield Endpoint(target=target, base_url=target.base_url, known=secrets_of(project))
    elif target.name == EMULATOR:
        from promptc.emulator.server import Emulator  # noqa: PLC0415 - Pillow and a server, for one target only

        with Emulator(models=project.models) as emulator:
            yield _endpoint(project, target, emulator.base_url, None)
    else:
        yield _endpoint(project, target, target.base_url, key_of(target, os.environ))


def _endpoint(project: Project, target: Target, base_url: str, key: str | None) -> Endpoint:
    known = secrets_of(project)
    if held := known.find(f"{base_url}/{target.api_version}"):  # each recording would hold it
        msg = (
            f"the address of the target `{target.name}` holds {held}; promptc sends keys in a header; nothing was asked"
        )
        raise UsageError(msg)
    return Endpoint(
        target=target,
        base_url=base_url,
        key=key,
        known=known,
        timeout=project.timeout,
        retries=Retries(tries=project.tries),
    )
