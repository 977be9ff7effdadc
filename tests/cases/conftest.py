"""The projects in `good` and `bad` are what the tests compile, and no tests themselves."""

from pathlib import Path

HERE = Path(__file__).parent


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave their specs to the tests, though promptc's plugin would collect them."""
    return True if collection_path.parent != HERE and HERE in collection_path.parents else None
