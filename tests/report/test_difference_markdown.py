"""The comment of a pull request: whole, readable by itself, short enough, and closed to whatever a user wrote."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from promptc.blob import Blob
from promptc.diagnostics import Diagnostic
from promptc.errors import UsageError
from promptc.pipeline.diff import CaseDifference, DiffResult, Ends, Side, diff
from promptc.pipeline.plan import Estimate
from promptc.report.difference_markdown import LIMIT, difference_markdown
from promptc.report.difference_pictures import Links
from promptc.report.markdown import Section, code, fence, fitted, size
from promptc.review.difference import Edit, Group, Pair, Shared, Topic
from promptc.review.words import words
from promptc.source import Source
from tests.repository import Clone, as_nobody
from tests.review.sides import case
from tests.workshop import Workshop, copy_example, sizeless

COMMENTS = Path(__file__).parent / "comments"
BASE = "https://github.com/o/r/raw/{rev}"
LINKS = Links.below(BASE)
PLAIN = Links.below(None)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the example repo under git."""
    root = tmp_path_factory.mktemp("example") / "repo"
    copy_example(root)
    Clone.of_project(root)
    return root


@pytest.fixture
def shop(example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    as_nobody(monkeypatch)
    shutil.copytree(example, tmp_path / "repo")
    monkeypatch.chdir(tmp_path / "repo")
    return Workshop(tmp_path / "repo")


def word(shop: Workshop) -> None:
    shop.edit("butterfly", "textured parchment", "smooth vellum")


def picture(shop: Workshop) -> None:
    shutil.copy(shop.cassette("butterfly/default.1.1.png"), shop.root / "specs/images/wing.png")


def renamed(shop: Workshop) -> None:
    shop.spec("restyle").rename(shop.spec("styles"))
    (shop.root / "cassettes/restyle").rename(shop.root / "cassettes/styles")


def recorded(shop: Workshop) -> None:
    word(shop)
    shop.record("butterfly", accept=True)


EXAMPLES = [picture, renamed, recorded]


@pytest.mark.parametrize("change", EXAMPLES, ids=lambda change: change.__name__)
def test_a_change_of_the_example_has_this_comment(shop: Workshop, change: Callable[[Workshop], None]) -> None:
    change(shop)
    old = Clone(shop.root).git("rev-parse", "HEAD")
    new = Clone(shop.root).commit()
    result = diff(shop.project, Ends.of("HEAD~1..HEAD"))

    told = difference_markdown(result, LINKS)

    assert told == difference_markdown(diff(shop.project, Ends.of("HEAD~1..HEAD")), LINKS)
    assert_closed(told)
    told = sizeless(told).replace(old, "<old>").replace(new, "<new>")
    assert told == (COMMENTS / f"{change.__name__}.md").read_text(encoding="utf-8")


def test_a_spec_that_is_mended_is_not_taken_for_one_that_did_not_change(shop: Workshop) -> None:
    shop.edit("butterfly", "model =", "moodle =")
    Clone(shop.root).commit()
    shop.edit("butterfly", "moodle =", "model =")

    told = difference_markdown(diff(shop.project, Ends.of("HEAD")), LINKS)

    assert told == (
        "<!-- promptc diff -->\n"
        "### Prompts: 1 spec that had mistakes\n\n"
        "Between `HEAD` and the working tree; 13 other cases as before.\n\n"
        "**Not compared**, since they had mistakes in `HEAD`: `butterfly`. `promptc check` says how they stand.\n\n"
        "**Recordings:** none is concerned.\n\n"
        "**Next:** of what was compared, nothing is left to record.\n"
    )


class Tags(HTMLParser):
    """Holds that every tag which opens also closes, and that there are no others than the comment's own."""

    own = ("details", "summary", "a", "img", "br")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.comments: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.own, tag
        assert {name for name, _ in attrs} <= {"href", "src", "width", "alt"}
        if tag not in {"img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def assert_closed(text: str) -> None:
    """Parse the comment as a forge does; what is outside of code must be of the comment's own making."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    html = Tags()
    for token in flat(tokens):
        assert token.type not in {"link_open", "image", "blockquote_open", "ordered_list_open", "hr", "code_block"}, (
            token
        )
        if token.type in {"html_block", "html_inline"}:
            html.feed(token.content)
        if token.type == "text":
            assert not set(token.content) & set("@#<>`\x1b\u202e"), token.content
        if token.type == "fence":
            assert token.map
            assert text.split("\n")[token.map[1] - 1].strip().startswith("```")
    assert html.open == []
    assert html.comments == [" promptc diff "]


def flat(tokens: Any) -> Any:
    for token in tokens:
        yield token
        yield from flat(token.children or ())


MARKUP = (
    r"` `` ``` ~~~ | \| <!-- --> </details> <script> <b> @octocat #1 ** ~~ ](x) ![x](y) http://a.b &lt; \ - > # wing"
)
LINES = "$x$|www.a.b|a@b.c|蝶|</summary>|1. |---|===|\x1b[2J|\u202e|\x00| |\n|\n\n|\t|\r|\u2028|    "
PIECES = st.sampled_from([piece for text, end in ((MARKUP, " "), (LINES, "|")) for piece in text.split(end)])
HOSTILE = st.lists(PIECES, max_size=9).map("".join)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_text_of_a_user_opens_or_closes_anything(data: st.DataObject) -> None:
    def text() -> str:
        return data.draw(HOSTILE)

    assert_closed(difference_markdown(hostile(text), data.draw(st.sampled_from([LINKS, PLAIN]))))


def hostile(text: Callable[[], str]) -> DiffResult:
    """Return a difference in which every word is somebody else's."""
    source = Source(path=Path(f"specs/{text()}.toml"), text="x\n")
    span = source.start
    old, new = text(), text()
    blobs = [Blob(media_type=f"image/{text()}", size=1, sha256=n * 64, path=Path("/p") / f"{text()}x") for n in "ab"]
    edits = [
        Edit(topic=Topic.TEXT, step=2, pointer=f"/{text()}", old=old, new=new, words=words(old, new), new_span=span),
        Edit(topic=Topic.PARAMETER, step=1, pointer="", old=text(), new={text(): text()}, old_span=span),
        Edit(topic=Topic.TURN, step=1, pointer="/a", old=None, new=[text()]),
        Edit(topic=Topic.IMAGE, step=1, pointer="/b", old=blobs[0], new=blobs[1]),
    ]
    asks = case({"contents": [{"role": "user", "parts": [{"text": text()}]}]}, model=text() or "m", skip=text())
    ids = tuple(text() for _ in range(5))
    return DiffResult(
        old=Side(name=text(), commit="0" * 40, project=None, sources={}, broken=frozenset({text()})),
        new=Side(
            name=text(),
            commit="1" * 40,
            project=None,
            sources={},
            diagnostics=(Diagnostic(code="P003", message=text(), file=text()),),
        ),
        cases=(CaseDifference(pair=Pair(old=None, new=asks), before=None, now=None, estimate=cost(text())),),
        groups=tuple(Group(edits=(Shared(edit=edit, cases=ids),), new_span=edit.new_span) for edit in edits),
        unchanged=1,
        elsewhere=ids,
        estimate=cost(text()),
        sides={},
    )


def cost(model: str) -> Estimate:
    return Estimate(cases=1, requests=1, input_tokens=1, output_tokens=1, dollars=None, seconds=None, unpriced=(model,))


@given(HOSTILE)
def test_a_code_span_shows_what_it_is_given(text: str) -> None:
    (paragraph,) = [token for token in MarkdownIt().parse(f"x {code(text)} x") if token.type == "inline"]
    assert [child.type for child in paragraph.children or ()] == ["text", "code_inline", "text"]


@given(HOSTILE)
def test_a_block_of_code_is_one(text: str) -> None:
    first, *others = [token.type for token in MarkdownIt().parse(f"{fence(text)}\nafter\n")]
    assert [first, *others] == ["fence", "paragraph_open", "inline", "paragraph_close"]


@cache
def many(count: int) -> DiffResult:
    """Return a difference of many cases, each with a cause of its own, all with long texts."""
    side = Side(name="main", commit="0" * 40, project=None, sources={})
    cases, groups = [], []
    for number in range(count):
        old = case({"contents": [{"role": "user", "parts": [{"text": f"old {number}"}]}]}, name=f"case-{number}")
        edit = Edit(
            topic=Topic.TEXT,
            step=1,
            pointer="/contents/0/parts/0/text",
            old="蝶 " * 400,
            new="蛾 " * 400,
            words=words("蝶 " * 400, "蛾 " * 400),
        )
        cases.append(CaseDifference(pair=Pair(old=old, new=old, edits=(edit,)), before=None, now=None))
        groups.append(Group(edits=(Shared(edit=edit, cases=(old.id,)),)))
    return DiffResult(
        old=side,
        new=replace(side, name="topic"),
        cases=tuple(cases),
        groups=tuple(groups),
        unchanged=0,
        elsewhere=(),
        estimate=cost("m"),
        sides={},
    )


@pytest.mark.parametrize("most", [LIMIT, 20_000, 5_000, 1_000])
def test_a_change_of_a_thousand_cases_stays_below_the_limit(most: int) -> None:
    told = difference_markdown(many(1000), LINKS, most=most)

    assert size(told) <= most
    assert_closed(told)
    assert told.startswith("<!-- promptc diff -->\n### Prompts: 1,000 cases changed\n")
    assert "**Left out**, for a comment has no room for it: " in told
    assert told.endswith(" `promptc diff main..topic` shows all.\n")


def test_a_branch_s_name_is_no_command_of_whoever_copies_the_one_that_is_told() -> None:
    found = many(50)
    told = difference_markdown(replace(found, old=replace(found.old, name="x;`id`")), LINKS, most=5_000)

    assert told.endswith(" ``promptc diff 'x;`id`..topic'`` shows all.\n")


def test_what_is_left_out_is_counted() -> None:
    sections = [
        Section(head="a\n", rows=["1\n", "22222222\n", "3\n"], noun="cause"),
        Section(head="b\n", rows=["😀😀\n"], noun="case"),
        Section(head="c\n", rows=["1\n", "2\n"], end="z\n", noun="picture"),
    ]

    assert fitted("head\n", sections, 100) == ("head\n\na\n1\n22222222\n3\n\nb\n😀😀\n\nc\n1\n2\nz\n", ())
    assert fitted("head\n", sections, 19) == ("head\n\na\n1\n\nc\n1\nz\n", ("2 causes", "1 case", "1 picture"))


@pytest.mark.parametrize(
    "base", ["", "ftp://x/{rev}", "https://x/{rev}|", 'https://x/"', "https://x/<b>", "javascript:x"]
)
def test_a_base_that_is_no_address_is_refused(base: str) -> None:
    with pytest.raises(UsageError) as error:
        Links.below(base)
    assert str(error.value) == (
        f"--link-base takes an address like https://github.com/OWNER/REPO/raw/{{rev}}, not `{base}`"
    )


def test_links_lead_to_each_side_s_own_commit_or_nowhere(shop: Workshop) -> None:
    project = shop.project
    file = project.cassettes / "a|b" / "c`d (1).png"
    old = Side(name="main", commit="abc", project=project, sources={})
    today = Side(name="the working tree", commit=None, project=project, sources={})
    path = "sub/cassettes/a%7Cb/c%60d%20%281%29.png"
    based, plain = Links.below("https://h/r/{rev}/", "sub/"), Links.below(None, "sub/")

    assert based.to(file, old, old=True) == f"https://h/r/abc/{path}"
    assert based.to(file, today, old=False) == path
    assert (plain.to(file, old, old=True), plain.to(file, today, old=False)) == (None, path)
    assert based.to(project.cassettes / "caf\udce9.png", today, old=False) == "sub/cassettes/caf%E9.png"
    assert based.to(project.root.parent / "x.png", old, old=True) is None
    assert Links.below("https://h/r/main").to(file, today, old=False) == f"https://h/r/main/{path.removeprefix('sub/')}"
