"""When two requests are one: the same route, canonical body and fingerprint, however they are spelt."""

from collections.abc import Sequence

from promptc.canonical import canonical, fingerprint
from tests.differential.loopback import Sent


def assert_same(theirs: Sequence[Sent], ours: Sequence[Sent], hint: object) -> None:
    assert len(theirs) == len(ours) > 0, hint
    for their, our in zip(theirs, ours, strict=True):
        assert (their.model, their.method, their.query) == (our.model, our.method, our.query)
        their_form, our_form = canonical(their.body), canonical(our.body)
        assert their_form.tree == our_form.tree
        assert their_form.findings == our_form.findings == ()
        assert mark(their) == mark(our)


def mark(sent: Sent) -> str:
    """Return a request's fingerprint as it came over the wire."""
    return fingerprint(sent.method, sent.model, sent.body)
