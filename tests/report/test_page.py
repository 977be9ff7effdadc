"""The HTML page: whole, escaped, and loading nothing."""

import base64
import hashlib
import html
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from promptc.age import now, written
from promptc.errors import SecretFoundError
from promptc.pipeline.diff import Ends, diff
from promptc.pipeline.report import report
from promptc.pipeline.results import SavedImage
from promptc.pipeline.secrets import secrets_around
from promptc.report.page.gallery import Gallery
from promptc.report.page.writing import write_diff, write_report
from tests.repository import Clone
from tests.workshop import BUTTERFLY, CHAT, Workshop, timeless

WING = """\
model = "gemini-3.1-flash-image"

[[turns]]
parts = [{ text = "Redraw this wing" }, { image = "wing.png" }]

[generationConfig]
responseModalities = ["TEXT", "IMAGE"]
imageConfig = { aspectRatio = "1:1", imageSize = "512" }
"""


class Links(HTMLParser):
    """Collects what a page would load or lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in {"src", "srcset", "data", "poster"}:
                self.loaded.append(value or "")
            if name == "href":
                self.linked.append(value or "")


def made(shop: Workshop, *, pictures: Path | None = None) -> tuple[str, Links]:
    path = shop.root / "out" / "report.html"
    write_report(report(shop.project, output=path.parent), path, pictures=pictures)
    return read(path)


def read(path: Path) -> tuple[str, Links]:
    text = path.read_text(encoding="utf-8")
    links = Links()
    links.feed(text)
    return text, links


def waiting(shop: Workshop) -> Workshop:
    """Record, change what is asked, and record again: the new answer waits."""
    shop.record()
    shop.edit("butterfly", "parchment", "vellum")
    shop.record()
    return shop


def test_the_page_shows_each_picture_and_loads_nothing(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY, "chat": CHAT})
    shop.record()

    text, links = made(shop)

    files = [link for link in links.linked if not link.startswith(("#", "data:,"))]
    assert len(links.loaded) == 4
    assert all(link.startswith("data:image/webp;base64,") for link in links.loaded)
    assert all((shop.root / "out" / link).is_file() for link in files)
    assert len(files) == 4
    assert "2 recordings were made by the emulator: stand-ins, drawn by a program. They are not answers" in text
    origin, day = timeless(text), written(now())[:10]
    assert f"answers: emulator (stand-in), gemini-3.1-flash-image, less than a minute old on {day}</p>" in origin
    assert origin.count("emulator (stand-in), gemini-3.1-flash-image, recorded <time>, less than a minute before") == 2


def test_nothing_but_the_page_s_own_style_and_script_may_run(tmp_path: Path) -> None:
    text, links = made(Workshop.make(tmp_path, {"butterfly": BUTTERFLY}))

    style, script = (re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL) for tag in ("style", "script"))
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in (*style, *script)]
    policy = html.unescape(re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[0])
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert len(style) == len(script) == 1
    assert not re.search(r'<[^>]+ (style|on[a-z]+)="', text)
    assert links.loaded == []


def test_hostile_text_is_shown_as_text(tmp_path: Path) -> None:
    hostile = BUTTERFLY.replace(
        "A Monarch butterfly",
        "</style></script><script>alert(1)</script><img src=x onerror=alert(1)> \\u202egnp.exe \\u001b[31m javascript:alert(2)",
    )
    shop = Workshop.make(tmp_path, {"butterfly": hostile})
    shop.record()

    text, links = made(shop)

    assert text.count("<script") == text.count("</script") == text.count("</style") == 1
    assert len(links.loaded) == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "\\u202egnp.exe \\u001b[31m javascript:alert(2)" in text
    assert not {"\u202e", "\x1b"} & set(text)
    assert not [link for link in links.linked if "javascript" in link]


def test_text_from_words_between_backticks_is_still_text(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY + '[expect]\ntext = { contains = ["`<b>`"] }\n'})
    shop.record()

    text, links = made(shop)

    assert "&lt;b&gt;" in text
    assert "<b>" not in re.sub(r"<b>\d+</b>", "", text)
    assert links.loaded


def test_what_is_no_picture_of_an_answer_is_not_opened_as_one(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    shop.record()
    result = report(shop.project, output=shop.root / "out")
    odd = shop.root / "out/butterfly/default/1.1.png"
    odd.write_bytes(b"P6 1 1 255\n\xff\x00\x00")
    with Image.open(odd) as picture:
        assert picture.format == "PPM"  # Pillow alone opens whatever it knows, PostScript by an interpreter

    write_report(result, shop.root / "out" / "report.html")
    text, links = read(shop.root / "out" / "report.html")

    assert links.loaded == []
    assert "This picture can&#39;t be shown: it has changed, or has too many pixels." in text


def test_a_stale_case_shows_its_message_and_what_was_answered_before(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    shop.record()
    shop.edit("butterfly", "parchment", "vellum")

    text, links = made(shop)

    assert len(links.loaded) == 1
    assert "No answer counts for this request. What is recorded answers an earlier one:" in text
    assert "<b>Old, without a new one</b>" in text
    assert "is stale: the request has changed since" in text
    assert "promptc record --accept" in text


def test_a_waiting_answer_stands_beside_the_old_one(tmp_path: Path) -> None:
    text, links = made(waiting(Workshop.make(tmp_path, {"butterfly": BUTTERFLY})))

    assert len(links.loaded) == 3  # old, new, what differs
    assert '<div class="pair" data-mode="side">' in text
    assert text.count("→") == 2  # in the diagnostic, and among the keys
    assert "<b>Old</b>" in text
    assert "<b>New</b>" in text
    assert "A Monarch butterfly on textured <del>parchment</del><ins>vellum</ins></div>" in text


def test_a_picture_that_has_no_partner_says_so(tmp_path: Path) -> None:
    shop = waiting(Workshop.make(tmp_path, {"butterfly": BUTTERFLY}))
    found = report(shop.project)
    (case,) = found.cases
    assert case.review
    (step,) = case.review.steps
    (pair,) = step.pictures
    alone = (replace(pair, new=None, comparison=None), replace(pair, number=2, old=None, comparison=None))
    review = replace(case.review, steps=(replace(step, pictures=alone),))

    write_report(replace(found, cases=(replace(case, review=review),)), shop.root / "report.html")

    text, _ = read(shop.root / "report.html")
    assert re.findall(r"<figcaption><b>([^<]*)</b>", text) == ["Old, without a new one", "New, without an old one"]
    assert ">1 of 1 case</p>" in text


def test_what_waits_has_a_page_of_its_own(tmp_path: Path) -> None:
    shop = waiting(Workshop.make(tmp_path, {"butterfly": BUTTERFLY, "chat": CHAT}))

    done = shop.command("report", "--pending", "-o", "page/pending.html")
    refused = shop.command("report", "--pending", "--target", "emulator")
    shop.command("accept")
    none = shop.command("report", "--pending", "-o", "page/none.html")

    assert (done.returncode, done.stdout, done.stderr) == (1, "page/pending.html\n", "")
    text, links = read(shop.root / "page/pending.html")
    assert "<title>" + shop.root.name + ": 1 new answer waits</title>" in text
    assert len(links.loaded) == 3
    assert "chat" not in text.partition("<main")[2]
    assert "Changed since the old answer" in text
    assert (none.returncode, none.stdout) == (0, "page/none.html\n")
    assert "There is nothing to show." in (shop.root / "page/none.html").read_text()
    assert refused.stderr == (
        "error: --pending shows every answer that waits, wherever it comes from: leave --target out\n"
    )


def test_whole_pictures_are_written_beside_the_page_once_each(tmp_path: Path) -> None:
    shop = waiting(Workshop.make(tmp_path, {"butterfly": BUTTERFLY}))

    text, links = made(shop, pictures=shop.root / "out" / "pictures")

    files = shop.files("out/pictures")
    assert sorted(f"pictures/{name}" for name in files) == sorted(links.loaded)
    assert len(files) == 3
    recorded = {data for name, data in shop.files().items() if name.endswith(".png")}
    assert recorded < set(files.values())
    assert "img-src data: &#39;self&#39; file:;" in text


def test_whole_pictures_don_t_go_where_specs_or_recordings_are(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})

    done = shop.command("report", "--pictures", "specs/pictures")

    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        "error: `specs/pictures` can't take output: it lies in `specs`; choose another folder\n",
    )


def test_of_a_picture_that_is_nowhere_the_page_says_so(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    shop.record()
    write_report(report(shop.project), shop.root / "report.html")

    text, links = read(shop.root / "report.html")

    assert "This picture&#39;s file is not at hand." in text
    assert links.loaded == []


def test_pictures_of_the_request_parameters_and_the_body_are_shown_without_base64(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"wing": WING})
    Image.new("RGB", (400, 300), "teal").save(shop.root / "specs" / "wing.png")
    shop.record()

    text, links = made(shop)

    assert 'alt="Sent: specs/wing.png"' in text.replace(f"{shop.root}/", "")
    assert len(links.loaded) == 2
    assert '<tr><th scope="row">imageConfig.imageSize</th><td dir="auto">512</td></tr>' in text
    assert "wing.png, image/png, " in text
    assert not re.search("[A-Za-z0-9+/]{80}", re.sub(r'src="data:[^"]*"', "", text))


def test_a_page_without_its_picture_s_pixels_is_searched_for_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    shop.record()
    found = report(shop.project, output=shop.root / "out")
    (shop.root / "promptc.toml").write_text('version = 1\nallow_emulator = true\n[secrets]\nenv = ["ACME_KEY"]\n')
    monkeypatch.setenv("ACME_KEY", "Monarch butterfly")
    path = shop.root / "out" / "report.html"

    with pytest.raises(SecretFoundError, match=r"holds the value of `ACME_KEY`; it was not written"):
        write_report(replace(found, project=shop.project), path)

    assert not path.exists()


def test_the_command_writes_the_page_and_its_exit_code_follows_the_cases(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    shop.record()

    good = shop.command("report", "-o", "page/report.html")
    shop.edit("butterfly", "parchment", "vellum")
    bad = shop.command("report")

    assert (good.returncode, good.stdout) == (0, "page/report.html\n")
    assert (bad.returncode, bad.stdout) == (1, "out/report.html\n")
    assert re.search(r'href="butterfly/default/1\.1\.png"', (shop.root / "page" / "report.html").read_text())


def test_links_that_lie_where_a_page_goes_are_not_followed(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path / "shop", {"butterfly": BUTTERFLY})
    shop.record()
    mine = tmp_path / "mine"
    mine.write_text("precious")
    _, links = made(shop, pictures=shop.root / "out" / "pictures")
    (picture,) = links.loaded
    for name in ("report.html", "report.html.tmp", picture, f"{picture}.tmp"):
        (shop.root / "out" / name).unlink(missing_ok=True)
        (shop.root / "out" / name).symlink_to(mine)

    made(shop, pictures=shop.root / "out" / "pictures")

    assert mine.read_text() == "precious"
    assert not (shop.root / "out" / picture).is_symlink()


def test_a_picture_of_noise_is_bounded_too(tmp_path: Path) -> None:
    file = tmp_path / "noise.png"
    Image.effect_noise((960, 960), 200).convert("1").save(file)
    data = file.read_bytes()
    image = SavedImage(
        media_type="image/png",
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        thought=False,
        width=960,
        height=960,
        file=file,
    )

    source = Gallery(tmp_path / "page.html", count=1, secrets=secrets_around(tmp_path)).answer(image, "noise").source

    assert source
    assert 10_000 < len(base64.b64decode(source.partition(",")[2])) <= 96_000


def test_the_page_is_replaced_whole(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})

    write_report(report(shop.project), tmp_path / "deep" / "page.html")

    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["page.html"]


def test_what_has_no_recording_says_so_and_the_head_names_no_origin(tmp_path: Path) -> None:
    text, _ = made(Workshop.make(tmp_path, {"butterfly": BUTTERFLY}))

    assert '<dt>answer</dt><dd dir="auto">not recorded</dd>' in text
    assert "answers: " not in text


def test_a_diff_shows_its_causes_its_cases_and_both_answers(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path / "shop", {"butterfly": BUTTERFLY, "moth": BUTTERFLY, "old": BUTTERFLY, "wing": WING})
    Image.new("RGB", (40, 30), "teal").save(shop.root / "specs" / "wing.png")
    shop.record()
    commit = Clone.make(shop.root).commit()
    shop.edit("butterfly", "parchment", "vellum")
    shop.record("butterfly", accept=True)
    shop.spec("old").unlink()
    Image.new("RGB", (40, 30), "plum").save(shop.root / "specs" / "wing.png")

    write_diff(diff(shop.project, Ends.of("HEAD"), earlier=True), shop.root / "diff.html")

    text, links = read(shop.root / "diff.html")
    assert "<title>shop: 2 cases changed, 1 case removed, 1 unchanged</title>" in text
    assert f"From <code>HEAD</code> ({commit[:7]}) to the working tree. Recording anew asks for 1 request" in text
    left = "1 recording belongs to no case any more: <code>promptc prune</code> removes it, after asking"
    assert left in text
    causes, _, cases = text.partition("<main")
    assert '<b dir="auto">text</b> changed</p>' in causes
    assert "A Monarch butterfly on textured <del>parchment</del><ins>vellum</ins></div>" in causes
    assert '1 case: <a href="#butterfly%3A%3Adefault">butterfly::default</a>' in causes
    assert re.findall(r'<article id="([^"]*)"[^>]* data-words="([^"]*)"', cases) == [
        ("butterfly::default", "changed|recording fresh|stand-in|"),
        ("wing::default", "changed|recording stale|stand-in|"),
        ("old::default", "removed|"),
    ]
    # the input old and new, both answers and what differs, again the input, that of the request,
    # the answer to the earlier one, the answer that goes
    assert len(links.loaded) == 2 + 3 + 2 + 1 + 1 + 1
    wing = cases.partition('id="wing::default"')[2].partition("</article>")[0]
    assert "No answer counts for this request. What is recorded answers an earlier one:" in wing
    assert "<h4>Old answer</h4>" in wing
    assert "Changed since the old answer" not in text


def test_a_picture_that_many_cases_send_is_shown_once_large_where_its_cause_is_told(tmp_path: Path) -> None:
    cases = "".join(f'[[cases]]\nname = "c{number}"\n' for number in range(3))
    shop = Workshop.make(tmp_path / "shop", {"wing": f"{WING}{cases}"})
    Image.new("RGB", (400, 300), "teal").save(shop.root / "specs" / "wing.png")
    shop.record()
    Clone.make(shop.root).commit()
    Image.new("RGB", (400, 300), "plum").save(shop.root / "specs" / "wing.png")

    write_diff(diff(shop.project, Ends.of("HEAD"), earlier=True), shop.root / "diff.html")

    text, _ = read(shop.root / "diff.html")
    causes, _, found = text.partition("<main")
    assert causes.count("<img ") == 2
    assert 'class="cause" id="cause-1"' in causes
    assert found.count('<a href="#cause-1">What it was and is stands above, once for all of its cases</a>') == 3
    assert found.count("<img ") == 3 * 2  # what is sent, and the answer to the earlier request
    # both sides hold one recording: it is named once
    assert found.count("<dt>answer</dt>") == 3
    assert "<dt>old</dt>" not in found


def test_of_a_chat_the_steps_before_the_change_are_not_called_answers_to_earlier_requests(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path / "shop", {"chat": CHAT})
    shop.record()
    Clone.make(shop.root).commit()
    shop.edit("chat", "blue", "red")

    write_diff(diff(shop.project, Ends.of("HEAD"), earlier=True), shop.root / "diff.html")

    text, _ = read(shop.root / "diff.html")
    steps = text.split('<h3 class="number">Step')[1:]
    assert [("answers an earlier one" in step, "<h4>Old answer</h4>" in step) for step in steps] == [
        (False, False),
        (False, False),
        (True, True),
    ]


def test_a_page_of_a_diff_says_where_branches_met_and_what_is_to_be_done(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path / "shop", {"butterfly": BUTTERFLY, "moth": BUTTERFLY})
    shop.record()
    clone = Clone.make(shop.root)
    main = clone.commit()
    clone.git("checkout", "-q", "-b", "change")
    shop.spec("moth").rename(shop.spec("owl"))
    shop.edit("butterfly", '"512" }', '"512" }\n\n[expect]\nimages = { count = 1 }')
    clone.commit()

    write_diff(diff(shop.project, Ends.of("main...change")), shop.root / "diff.html")

    text, _ = read(shop.root / "diff.html")
    assert f"From <code>{main[:10]}</code>, where <code>main</code> and <code>change</code> met, to" in text
    assert "1 recording under an old name: <code>promptc check</code> gives what moves it, and asks nothing" in text
    assert "<code>promptc run</code> judges the recorded answers by what is expected now; comparing judges none" in text
