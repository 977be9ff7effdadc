"""Record modes: vcrpy's words, for whole cases."""

from enum import StrEnum


class RecordMode(StrEnum):
    """When the network is asked."""

    NONE = "none"
    ONCE = "once"
    NEW_EPISODES = "new_episodes"
    ALL = "all"
