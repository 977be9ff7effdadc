"""The HTML page: whole, escaped, and loading nothing."""

import re
from html.parser import HTMLParser
from pathlib import Path

from PIL import Image

from promptc.age import now, written
from promptc.report.page import page, write_page
from tests.workshop import BUTTERFLY, CHAT, Workshop, timeless


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


def made(shop: Workshop) -> tuple[str, Links]:
    result = shop.replay(output=shop.root / "out")
    text = page(result, shop.root / "out")
    links = Links()
    links.feed(text)
    return text, links


def test_the_page_shows_each_picture_and_loads_nothing(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY, "chat": CHAT})
    shop.record()

    text, links = made(shop)

    assert len(links.loaded) == 4
    assert all(link.startswith("data:image/jpeg;base64,") for link in links.loaded)
    assert all((shop.root / "out" / link).is_file() for link in links.linked)
    assert len(links.linked) == 4
    assert "script" not in links.tags
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in text
    assert "2 of these recordings were made by the emulator." in text
    origin, day = timeless(text), written(now())[:10]
    assert f"answers: emulator (stand-in), gemini-3.1-flash-image, less than a minute old on {day}</p>" in origin
    assert origin.count("emulator (stand-in), gemini-3.1-flash-image, recorded <time>, less than a minute before") == 2


def test_hostile_text_is_shown_as_text(tmp_path: Path) -> None:
    hostile = BUTTERFLY.replace("A Monarch butterfly", "<script>alert(1)</script><img src=x onerror=alert(1)>")
    shop = Workshop.make(tmp_path, {"butterfly": hostile})
    shop.record()

    text, links = made(shop)

    assert "script" not in links.tags
    assert len(links.loaded) == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_what_is_no_picture_of_an_answer_is_not_opened_as_one(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    shop.record()
    result = shop.replay(output=shop.root / "out")
    odd = shop.root / "out/butterfly/default/1.1.png"
    odd.write_bytes(b"P6 1 1 255\n\xff\x00\x00")
    with Image.open(odd) as picture:
        assert picture.format == "PPM"  # Pillow alone opens whatever it knows, PostScript by an interpreter

    links = Links()
    links.feed(page(result, shop.root / "out"))

    assert links.loaded == []


def test_a_stale_case_shows_its_message_and_no_picture(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    shop.record()
    shop.edit("butterfly", "parchment", "vellum")

    text, links = made(shop)

    assert not links.loaded
    assert "is stale: the request has changed since" in text
    assert "promptc record --accept" in text


def test_the_command_writes_the_page_and_its_exit_code_follows_the_cases(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    shop.record()

    good = shop.command("report", "-o", "page/report.html")
    shop.edit("butterfly", "parchment", "vellum")
    bad = shop.command("report")

    assert (good.returncode, good.stdout) == (0, "page/report.html\n")
    assert (bad.returncode, bad.stdout) == (1, "out/report.html\n")
    assert re.search(r'href="butterfly/default/1\.1\.png"', (shop.root / "page" / "report.html").read_text())


def test_the_page_is_replaced_whole(tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    result = shop.replay()

    write_page(result, tmp_path / "deep" / "page.html")

    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["page.html"]


def test_what_has_no_recording_says_so_and_the_head_names_no_origin(tmp_path: Path) -> None:
    text, _ = made(Workshop.make(tmp_path, {"butterfly": BUTTERFLY}))

    assert '<p class="meta">not recorded</p>' in text
    assert "answers: " not in text
