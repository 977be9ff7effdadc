"""What the pytest plugin shows."""

import pytest

from promptc.diagnostics import Diagnostic
from promptc.report.session import headline


@pytest.mark.parametrize(
    ("message", "short"),
    [
        ("`moths::luna`: the image is small", "the image is small"),
        ("`moths::luna`, step 2: the image is small", "step 2: the image is small"),
        ("the recording of `moths::luna` is stale", "the recording is stale"),
        ("the recording of `moths::luna`, step 2 is stale", "the recording of step 2 is stale"),
        ("`moths::luna` has no recording", "has no recording"),
        ("`moths::atlas` is like `moths::luna`", "`moths::atlas` is like `moths::luna`"),
    ],
)
def test_a_headline_leaves_out_the_case_that_its_line_names(message: str, short: str) -> None:
    told = Diagnostic(code="P601", message=message, subject="moths::luna")

    assert headline([told, told]) == f"P601: {short} (and 1 more)"
