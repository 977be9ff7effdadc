"""The report in Chromium, opened from the disk: it loads nothing, and mouse, keyboard and eyes get along with it."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from promptc.pipeline.report import Report, report
from promptc.report.page.writing import printed, write_report
from tests.report.pages import of_text
from tests.workshop import BUTTERFLY, CHAT, Workshop

pytestmark = pytest.mark.xdist_group("browser")
NO_CHROMIUM = "there is no `chromium` to open the page with: apt-get install chromium"
HOSTILE = (
    "<script>document.title = 'owned'</script><img src=x onerror=\"document.title = 'owned'\"></style>"
    "</script><a href='javascript:alert(1)'>javascript:alert(1)</a> \u202egnp.exe \x1b[31m `</code>` | -->"
)
SHOWN = HOSTILE.replace("\u202e", "\\u202e").replace("\x1b", "\\u001b")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NO_CHROMIUM)
        pytest.skip(NO_CHROMIUM)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    """Return a project with one answer that waits, a stale case, a chat and what passes; and what is found in it."""
    shop = Workshop.make(
        tmp_path_factory.mktemp("shop") / "shop", {"butterfly": BUTTERFLY, "chat": CHAT, "moth": BUTTERFLY}
    )
    shop.record()
    shop.edit("butterfly", "parchment", "vellum")
    shop.record()
    shop.edit("moth", "parchment", "bark")
    out = shop.root / "out"
    result = report(shop.project, output=out)
    write_report(result, out / "report.html")
    return out / "report.html", result


@contextmanager
def at(browser: Browser, path: Path, **options: Any) -> Iterator[Page]:
    """Open a page; whatever it says or asks for besides itself and `data:` is a mistake."""
    context = browser.new_context(**options)
    page = context.new_page()
    page.set_default_timeout(10_000)
    said, asked = list[str](), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    context.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())
    page.goto(path.as_uri())
    yield page
    context.close()
    assert said == []
    assert {url for url in asked if not url.startswith("data:image/webp;base64,")} == {path.as_uri()}


def states(page: Page) -> list[str]:
    """Return the cases that are shown."""
    shown: list[str] = page.eval_on_selector_all("article:not([hidden])", "all => all.map(one => one.id)")
    return shown


def test_the_filters_go_by_state_spec_and_words(browser: Browser, found: tuple[Path, Report]) -> None:
    with at(browser, found[0]) as page:
        assert states(page) == ["butterfly::default", "chat::default", "moth::default"]
        page.click(".chip[data-word='stale']")
        assert states(page) == ["moth::default"]
        assert page.inner_text("#count") == "1 of 3 cases"
        page.click(".chip[data-word='pending']")
        assert states(page) == ["butterfly::default", "moth::default"]
        page.select_option("#spec", "chat")
        assert states(page) == []
        assert page.is_visible("#none")
        page.click("#all")
        page.keyboard.press("/")
        page.keyboard.type("VELLUM butterfly")
        assert states(page) == ["butterfly::default"]
        assert page.eval_on_selector_all("nav li:not([hidden])", "all => all.length") == 1
        page.keyboard.press("Escape")
        assert states(page) == ["butterfly::default", "chat::default", "moth::default"]
        assert page.get_attribute("#count", "aria-live") == "polite"


def test_a_case_that_is_gone_to_stands_below_the_bar(browser: Browser, found: tuple[Path, Report]) -> None:
    with at(browser, found[0], viewport={"width": 760, "height": 700}) as page:  # the bar has two lines here
        page.click("nav summary")
        page.click("nav >> text=default >> nth=1")
        top = page.evaluate("document.activeElement.getBoundingClientRect().top")
        bar = page.evaluate("document.querySelector('#bar').getBoundingClientRect().bottom")
    assert bar <= top < bar + 40


def test_keys_go_from_case_to_case_and_tell_what_they_do(browser: Browser, found: tuple[Path, Report]) -> None:
    def focused() -> Any:
        return page.evaluate("document.activeElement.id")

    with at(browser, found[0]) as page:
        gone = []
        for key in "jjjjk":
            page.keyboard.press(key)
            gone.append(focused())
        assert gone == ["butterfly::default", "chat::default", "moth::default", "moth::default", "chat::default"]
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("?")
        assert page.is_visible("#help")
        page.keyboard.press("Escape")
        assert not page.is_visible("#help")


def test_old_and_new_are_compared_by_mouse_and_by_keyboard(browser: Browser, found: tuple[Path, Report]) -> None:
    def clip() -> Any:
        return page.eval_on_selector("#butterfly\\:\\:default .new img", "one => getComputedStyle(one).clipPath")

    with at(browser, found[0], viewport={"width": 1200, "height": 1400}) as page:
        old, new, difference = (
            page.locator(f".pair[data-mode] > .stage > .{side} img") for side in ("old", "new", "difference")
        )
        assert (old.is_visible(), new.is_visible(), difference.is_visible()) == (True, True, False)
        page.click("text=Slider")
        box = new.bounding_box()
        assert box is not None
        assert box == old.bounding_box()
        assert clip() == "inset(0px 0px 0px 50%)"
        page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] / 2)
        assert clip() == "inset(0px 0px 0px 25%)"
        page.keyboard.press("ArrowRight")
        assert clip() == "inset(0px 0px 0px 26%)"
        page.keyboard.press("o")
        assert (
            page.eval_on_selector(".pair[data-mode] > .stage > .new img", "one => getComputedStyle(one).opacity")
            == "0.26"
        )
        page.keyboard.press("d")
        difference.wait_for()  # it is loaded when it is shown
        assert (new.is_visible(), difference.is_visible()) == (False, True)
        assert page.get_attribute(".modes [data-mode=difference]", "aria-pressed") == "true"
        page.keyboard.press("Escape")
        assert (new.is_visible(), difference.is_visible()) == (True, False)


def test_a_phone_s_width_is_enough_also_in_the_dark(browser: Browser, found: tuple[Path, Report]) -> None:
    narrow = {"width": 390, "height": 844}
    with at(browser, found[0], viewport=narrow, color_scheme="dark", reduced_motion="reduce") as page:
        page.click("text=Slider")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        back, ink = (page.evaluate(f"getComputedStyle(document.body).{name}") for name in ("backgroundColor", "color"))
        assert (back, ink) == ("rgb(18, 21, 25)", "rgb(228, 232, 237)")
        assert page.evaluate("getComputedStyle(document.querySelector('.chip')).transitionDuration") == "0s"


def test_without_javascript_everything_can_be_read(browser: Browser, found: tuple[Path, Report]) -> None:
    with at(browser, found[0], java_script_enabled=False) as page:
        assert page.locator("article:visible").count() == 3
        assert [
            page.locator(f".pair[data-mode] > .stage > .{side} img").is_visible()
            for side in ("old", "new", "difference")
        ] == [True] * 3
        assert page.locator(".needs-script:visible").count() == 0


def test_each_control_and_each_picture_has_a_name(browser: Browser, found: tuple[Path, Report]) -> None:
    nameless = """all => all.filter((one) => !(one.ariaLabel || one.alt || one.textContent.trim()))
        .filter((one) => !one.querySelector("img[alt]")).map((one) => one.outerHTML.slice(0, 100))"""
    with at(browser, found[0]) as page:
        assert page.eval_on_selector_all("button, input, select, a, img, dialog h2", nameless) == []


def test_whole_pictures_beside_the_page_are_compared_whatever_their_shapes(browser: Browser, tmp_path: Path) -> None:
    shop = Workshop.make(tmp_path, {"butterfly": BUTTERFLY})
    shop.record()
    shop.edit("butterfly", '"1:1"', '"16:9"')
    shop.record()
    path = shop.root / "out" / "report.html"
    write_report(report(shop.project, output=path.parent), path, pictures=path.parent / "pictures")
    said = list[str]()
    page = browser.new_page(viewport={"width": 1200, "height": 1400})
    page.on("console", lambda message: said.append(message.text))

    page.goto(path.as_uri())
    page.wait_for_function("[...document.querySelectorAll('.old img, .new img')].every(one => one.naturalWidth)")
    page.click("text=Slider")

    assert page.evaluate("[...document.querySelectorAll('.old img, .new img')].map(one => one.naturalWidth)") == [
        512,
        688,
    ]
    old, new = (page.locator(f".stage > .{side} img").bounding_box() for side in ("old", "new"))
    assert old == new
    assert said == []
    page.close()


def test_hostile_text_is_text_wherever_it_stands(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(printed(of_text(HOSTILE)), encoding="utf-8")

    with at(browser, path) as page:
        assert page.title() == f"{SHOWN}: {SHOWN}"
        assert page.locator("script").count() == 1
        links = page.eval_on_selector_all("a", "all => all.map(one => one.getAttribute('href'))")
        assert {link for link in links if not link.startswith("#")} == {"picture.webp"}
        text = page.evaluate("document.body.textContent")
        assert not {"\u202e", "\x1b"} & set(text)
        assert text.count("<script>document.title = 'owned'</script>") > 30


def test_megabytes_without_a_space_breaks_nothing(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(printed(of_text("x" * 100_000)), encoding="utf-8")

    with at(browser, path, viewport={"width": 390, "height": 844}) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_five_hundred_cases_open_soon(browser: Browser, tmp_path: Path, found: tuple[Path, Report]) -> None:
    one = found[1].cases[0]
    many = (replace(one, case=replace(one.case, name=f"default-{i}")) for i in range(500))
    path = tmp_path / "page.html"
    write_report(replace(found[1], cases=tuple(many)), path)

    began = time.monotonic()
    with at(browser, path) as page:
        page.wait_for_function("document.querySelector('article img').complete")
        seconds = time.monotonic() - began
        page.fill("#search", "default-499")
        assert states(page) == ["butterfly::default-499"]
    assert path.stat().st_size < 100_000_000
    assert seconds < 15
