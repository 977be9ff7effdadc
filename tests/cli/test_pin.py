"""`promptc pin`: digests beside paths, and not a byte of people's files besides."""

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptc.pipeline import pin_text
from promptc.pipeline.pin import pin
from promptc.pipeline.pin_places import Edit
from promptc.replay.files import write_new
from promptc.source import Source
from tests.compiler.project import picture
from tests.workshop import Workshop

NAVY, TEAL = picture("navy"), picture("teal")
A, B = hashlib.sha256(NAVY).hexdigest(), hashlib.sha256(TEAL).hexdigest()
OLD = "0" * 64
HEAD = 'model = "gemini-3.1-flash-image"\n'


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    shop = Workshop.make(tmp_path, {})
    (tmp_path / "specs" / "images").mkdir()
    (tmp_path / "specs" / "images" / "a.png").write_bytes(NAVY)
    (tmp_path / "specs" / "images" / "b.png").write_bytes(TEAL)
    return shop


def pinned(shop: Workshop, text: str, *arguments: str) -> str:
    """Pin one spec; returns its text afterwards."""
    shop.spec("moth").write_bytes(text.encode())
    done = shop.command("pin", *arguments)
    assert not done.stderr, done.stderr
    return shop.spec("moth").read_bytes().decode()


IN_TURN = f"{HEAD}[[turns]]\n"
EDITS = {
    "in an inline table": (
        IN_TURN + 'parts = [{ text = "x" }, { image = "images/a.png" }]\n',
        IN_TURN + f'parts = [{{ text = "x" }}, {{ image = "images/a.png", sha256 = "{A}" }}]\n',
    ),
    "before other keys, without spaces": (
        IN_TURN + "parts = [{image='images/a.png',mediaResolution={level='X'}}]\n",
        IN_TURN + f"parts = [{{image='images/a.png', sha256 = \"{A}\",mediaResolution={{level='X'}}}}]\n",
    ),
    "over several lines, among comments": (
        IN_TURN
        + 'parts = [ # one\n\t{ image = "images/a.png" }, # }{"\n\t# two\n  { "image" = "images/b.png" },\n]  # end',
        IN_TURN + f'parts = [ # one\n\t{{ image = "images/a.png", sha256 = "{A}" }}, # }}{{"\n\t# two\n'
        f'  {{ "image" = "images/b.png", sha256 = "{B}" }},\n]  # end',
    ),
    "in a table of its own": (
        IN_TURN + '[[turns.parts]]\n  image = "images/a.png" # the wing\n\n[[turns.parts]]\n\timage = "images/b.png"',
        IN_TURN + f'[[turns.parts]]\n  image = "images/a.png" # the wing\n  sha256 = "{A}"\n\n'
        f'[[turns.parts]]\n\timage = "images/b.png"\n\tsha256 = "{B}"',
    ),
    "of a list": (
        IN_TURN + '[[turns.parts]]\nimage = [\n  "images/b.png", # first\n  "images/a.png",\n]\ntext = "x"\n',
        IN_TURN + '[[turns.parts]]\nimage = [\n  "images/b.png", # first\n  "images/a.png",\n]\n'
        f'sha256 = ["{B}", "{A}"]\ntext = "x"\n',
    ),
    "of a pattern": (
        IN_TURN + 'parts = [{ image = "images/*.png" }, { image = "images/[a].png" }]\n',
        IN_TURN + f'parts = [{{ image = "images/*.png", sha256 = ["{A}", "{B}"] }}, '
        f'{{ image = "images/[a].png", sha256 = ["{A}"] }}]\n',
    ),
    "that no longer fits": (
        IN_TURN + f"parts = [{{ sha256 = '{OLD}', image = 'images/a.png' }}] # kept\n",
        IN_TURN + f"parts = [{{ sha256 = \"{A}\", image = 'images/a.png' }}] # kept\n",
    ),
    "of which one no longer fits": (
        IN_TURN + f'parts = [{{ image = "images/*", sha256 = [\n "{A}", # a\n "{OLD}", # b\n] }}]\n',
        IN_TURN + f'parts = [{{ image = "images/*", sha256 = [\n "{A}", # a\n "{B}", # b\n] }}]\n',
    ),
    "of fewer pictures than there are now": (
        IN_TURN + f'parts = [{{ image = "images/*", sha256 = ["{A}"] }}]\n',
        IN_TURN + f'parts = [{{ image = "images/*", sha256 = ["{A}", "{B}"] }}]\n',
    ),
    "that is right": (
        IN_TURN + f'parts = [{{ image = "images/a.png", sha256="{A}" }}]\n',
        IN_TURN + f'parts = [{{ image = "images/a.png", sha256="{A}" }}]\n',
    ),
    "with Windows' line endings": (
        IN_TURN.replace("\n", "\r\n")
        + '# é🦋\r\n\r\n[[turns.parts]]\r\n  image = "images/a.png"\r\ntext = """\r\n\r\n"""',
        IN_TURN.replace("\n", "\r\n") + '# é🦋\r\n\r\n[[turns.parts]]\r\n  image = "images/a.png"\r\n'
        f'  sha256 = "{A}"\r\ntext = """\r\n\r\n"""',
    ),
    "with both line endings": (
        IN_TURN + 'parts = [\r\n{ image = "images/a.png" },\n\r\n{ image = "images/b.png" }]\r\n',
        IN_TURN + f'parts = [\r\n{{ image = "images/a.png", sha256 = "{A}" }},\n\r\n'
        f'{{ image = "images/b.png", sha256 = "{B}" }}]\r\n',
    ),
    "at the end of a file with Windows' line endings": (
        IN_TURN.replace("\n", "\r\n") + '[[turns.parts]]\r\nimage = "images/a.png"',
        IN_TURN.replace("\n", "\r\n") + f'[[turns.parts]]\r\nimage = "images/a.png"\r\nsha256 = "{A}"',
    ),
    "behind a byte order mark": (
        "\ufeff" + IN_TURN + 'parts = [{ image = "images/a.png" }]\r\n',
        "\ufeff" + IN_TURN + f'parts = [{{ image = "images/a.png", sha256 = "{A}" }}]\r\n',
    ),
    "of what depends on variables": (
        IN_TURN + "parts = [{ image = '{{ x }}' }, { image = ['images/a.png', '{% if x %}b{% endif %}'] }]\n",
        IN_TURN + "parts = [{ image = '{{ x }}' }, { image = ['images/a.png', '{% if x %}b{% endif %}'] }]\n",
    ),
    "of what is nothing to pin": (
        IN_TURN + "parts = [{ image = 5 }, { image = [] }, 7, { text = 'x' }]\n[[cases]]\nname = nan\nimage = 'x'\n",
        IN_TURN + "parts = [{ image = 5 }, { image = [] }, 7, { text = 'x' }]\n[[cases]]\nname = nan\nimage = 'x'\n",
    ),
}


@pytest.mark.parametrize("what", EDITS)
def test_a_pin_is_written_and_nothing_else(shop: Workshop, what: str) -> None:
    before, after = EDITS[what]

    assert pinned(shop, before, "--check") == before
    assert pinned(shop, before) == after
    assert shop.command("pin", "--check").returncode == 0
    assert pinned(shop, after) == after


def test_what_was_pinned_compiles_and_holds(shop: Workshop) -> None:
    pinned(shop, IN_TURN + 'parts = [{ text = "In blue" }, { image = "images/a.png" }]\n')
    assert shop.command("compile").returncode == 0

    (shop.root / "specs" / "images" / "a.png").write_bytes(TEAL)

    assert "error[P303]: `images/a.png` is not the image that `sha256` pins" in shop.command("compile").stderr
    assert shop.command("pin").returncode == 0
    assert shop.command("compile").returncode == 0


MIXED = (
    IN_TURN
    + f"""parts = [
  {{ image = "images/a.png" }},
  {{ image = "images/b.png", sha256 = "{OLD}" }},
  {{ image = "images/a.png", sha256 = "{A}" }},
  {{ image = "{{{{ wing }}}}" }},
  {{ image = "data:image/png;base64,iVBORw0KGgo=" }},
]
"""
)


def test_the_report_names_what_changes_and_what_can_not_be_pinned(shop: Workshop) -> None:
    shop.spec("moth").write_text(MIXED)
    rows = (
        f"added    specs/moth.toml:4:13: `images/a.png`: {A[:12]}\n"
        f"changed  specs/moth.toml:5:13: `images/b.png`: 000000000000 → {B[:12]}\n"
        "unpinned specs/moth.toml:7:13: `{{ wing }}` can't be pinned: it depends on variables\n"
        "unpinned specs/moth.toml:8:13: `data:…` can't be pinned: its bytes stand in the spec\n"
    )

    checked = shop.command("pin", "--check")
    assert checked.returncode == 1
    assert checked.stdout == rows + (
        "3 pins: 1 to be added, 1 to be changed, 1 right; 2 places can't be pinned — not ok; `promptc pin` writes them\n"
    )
    assert shop.spec("moth").read_text() == MIXED
    done = shop.command("pin")
    assert done.returncode == 0
    assert done.stdout == rows + "3 pins: 1 added, 1 changed, 1 right; 2 places can't be pinned — ok\n"
    again = shop.command("pin", "--check")
    assert (again.returncode, again.stdout.splitlines()[-1]) == (0, "3 pins: 3 right; 2 places can't be pinned — ok")


def test_the_report_is_there_for_scripts(shop: Workshop) -> None:
    shop.spec("moth").write_text(MIXED)

    done = shop.command("pin", "--check", "--format", "json")

    table = json.loads(done.stdout)
    assert (done.returncode, table["good"], table["checked"], table["diagnostics"]) == (1, False, True, [])
    assert [row["state"] for row in table["pins"]] == ["added", "changed", "right", "unpinned", "unpinned"]
    assert table["pins"][1] == {
        "spec": "moth",
        "file": "specs/moth.toml",
        "line": 5,
        "column": 13,
        "image": ["images/b.png"],
        "state": "changed",
        "before": [OLD],
        "sha256": [B],
        "reason": None,
    }
    assert table["pins"][4]["image"] == ["data:…"]


def test_a_picture_that_is_not_there_is_an_error_and_the_others_are_pinned(shop: Workshop) -> None:
    shop.spec("moth").write_text(IN_TURN + 'parts = [{ image = "images/c.png" }, { image = "images/a.png" }]\n')

    done = shop.command("pin")

    assert done.returncode == 1
    assert done.stderr.startswith("error[P301]: there is no image `images/c.png`\n  --> specs/moth.toml:3:20\n")
    assert done.stdout.endswith("1 pin: 1 added — not ok\n")
    assert (
        f'{{ image = "images/c.png" }}, {{ image = "images/a.png", sha256 = "{A}" }}' in shop.spec("moth").read_text()
    )


def test_only_the_specs_that_are_named_are_touched(shop: Workshop) -> None:
    for name in ("moth", "wasp"):
        shop.spec(name).write_text(IN_TURN + 'parts = [{ image = "images/a.png" }]\n')

    assert shop.command("pin", "wasp").returncode == 0

    assert "sha256" not in shop.spec("moth").read_text()
    assert "sha256" in shop.spec("wasp").read_text()
    done = shop.command("pin", "wasp::default")
    assert (done.returncode, done.stderr) == (
        2,
        "error: `wasp::default` names a case, but this is about whole specs: write `wasp`\n",
    )
    assert shop.command("pin", "wsap").stderr == "error: there is no spec `wsap`; did you mean `wasp`?\n"


def test_a_spec_that_is_no_toml_is_left_alone(shop: Workshop) -> None:
    for name, data in {"moth": b"turns = [", "wasp": b'\xff = "x"', "jinja": b"x = 1\r"}.items():
        shop.spec(name).write_bytes(data)
    before = shop.files("specs")

    done = shop.command("pin")

    assert done.returncode == 1
    assert [line[:12] for line in done.stderr.splitlines() if line.startswith("error")] == [
        "error[P001]:",
        "error[P001]:",
        "error[P002]:",
    ]
    assert shop.files("specs") == before


def test_a_list_of_pins_with_comments_is_not_written_anew(shop: Workshop) -> None:
    text = IN_TURN + f'parts = [{{ image = "images/*", sha256 = ["{A}", # the wing\n] }}]\n'
    shop.spec("moth").write_text(text)

    done = shop.command("pin")

    assert done.returncode == 1
    assert done.stderr.startswith("error[P303]: the list of pins holds comments, so promptc does not write it anew\n")
    assert shop.spec("moth").read_text() == text


def test_the_files_mode_and_a_link_to_it_stay(shop: Workshop) -> None:
    real = shop.root / "kept.txt"
    real.write_text(IN_TURN + 'parts = [{ image = "images/a.png" }]\n')
    real.chmod(0o640)
    shop.spec("moth").symlink_to("../kept.txt")

    assert shop.command("pin").returncode == 0

    assert shop.spec("moth").is_symlink()
    assert f'sha256 = "{A}"' in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in shop.root.iterdir()) == ["kept.txt", "promptc.toml", "specs"]


def test_a_spec_outside_the_project_is_not_written(shop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "moth.toml"
    outside.write_text(IN_TURN + 'parts = [{ image = "images/a.png" }]\n')
    shop.spec("moth").symlink_to(outside)

    done = shop.command("pin")

    assert done.returncode == 1
    assert done.stderr.startswith("error[P304]: the spec lies outside the project\n")
    assert "sha256" not in outside.read_text()


def spec_with_a_picture(shop: Workshop) -> str:
    text = IN_TURN + 'parts = [{ image = "images/a.png" }]\n'
    shop.spec("moth").write_text(text)
    return text


def test_a_write_that_fails_leaves_the_spec_whole(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    text = spec_with_a_picture(shop)
    monkeypatch.chdir(shop.root)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pin_text, "write_new", full)
    result = pin(shop.project)

    assert [d.message for d in result.diagnostics] == ["`specs/moth.toml` was not written: no space left on device"]
    assert (result.good, result.pins) == (False, ())
    assert shop.spec("moth").read_text() == text


def test_a_spec_that_changes_meanwhile_is_left_as_it_is_then(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    spec_with_a_picture(shop)
    monkeypatch.chdir(shop.root)

    def write(path: Path, data: bytes) -> None:
        write_new(path, data)
        shop.spec("moth").write_text("# somebody else's\n")

    monkeypatch.setattr(pin_text, "write_new", write)
    result = pin(shop.project)

    assert [d.message for d in result.diagnostics] == [
        "`specs/moth.toml` was not written: it was changed in this moment"
    ]
    assert shop.files("specs")["moth.toml"] == b"# somebody else's\n"
    assert list(shop.files("specs")) == ["images/a.png", "images/b.png", "moth.toml"]


@pytest.mark.parametrize(
    "broken", [b"", b"model = 1\n", b'model = "x"\n[[turns]]\nparts = [{ image = "images/a.png" }]\n']
)
def test_an_edit_that_changes_more_than_pins_is_refused(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch, broken: bytes
) -> None:
    text = spec_with_a_picture(shop)
    monkeypatch.chdir(shop.root)
    monkeypatch.setattr("promptc.pipeline.pin.edited", lambda *_: broken)

    result = pin(shop.project)

    assert [d.message for d in result.diagnostics] == [
        "`specs/moth.toml` was not written: more than the pins would change"
    ]
    assert shop.spec("moth").read_text() == text


TEXT = st.text(st.sampled_from("ab\r\n\té🦋"), max_size=30).filter(lambda text: "\r" not in text.replace("\r\n", ""))


@given(text=TEXT, mark=st.booleans(), data=st.data())
def test_an_edit_hits_its_place_whatever_the_line_endings(text: str, mark: bool, data: st.DataObject) -> None:  # noqa: FBT001
    raw = ("\ufeff" if mark else "") + text
    source = Source.of_bytes(Path("a.toml"), raw.encode())
    start = data.draw(st.integers(0, len(source.text)))
    end = data.draw(st.integers(start, len(source.text)))

    made = pin_text.edited(raw.encode(), [Edit(span=source.span(start, end), text="NEW")])

    assert Source.of_bytes(Path("a.toml"), made).text == source.text[:start] + "NEW" + source.text[end:]
    kept = raw.replace("\r\n", "\n").count("\n") - source.text[start:end].count("\n")
    assert made.decode().count("\n") == kept
    assert made.startswith(b"\xef\xbb\xbf") == mark


@given(
    parts=st.lists(st.sampled_from(["i", "t", "list", "glob", "old", "var"]), min_size=1, max_size=5),
    crlf=st.booleans(),
)
def test_pinning_twice_is_pinning_once(parts: list[str], crlf: bool) -> None:  # noqa: FBT001
    forms: dict[str, str] = {
        "i": '[[turns.parts]]\n\timage = "a.png"\n',
        "t": '[[turns.parts]]\ntext = "x" # image = 1\n',
        "list": '[[turns.parts]]\nimage = ["a.png",\n"a.png"] # two\n',
        "glob": '[[turns.parts]]\n  "image" = "*.png"\n\n',
        "old": f"[[turns.parts]]\nsha256 = '{OLD}'\nimage = 'a.png'\n",
        "var": '[[turns.parts]]\nimage = "{{ x }}"\n',
    }
    text = IN_TURN + "".join(forms[part] for part in parts)
    with tempfile.TemporaryDirectory() as name:
        shop = Workshop.make(Path(name).resolve() / "repo", {})
        (shop.root / "specs" / "a.png").write_bytes(NAVY)
        shop.spec("moth").write_bytes((text.replace("\n", "\r\n") if crlf else text).encode())

        first: Any = pin(shop.project)
        once = shop.spec("moth").read_bytes()
        second = pin(shop.project, check=True)

        assert first.good
        assert second.good
        assert shop.spec("moth").read_bytes() == once
        assert (b"\r\n" in once) == crlf
        assert not (shop.root / "specs" / "moth.toml.tmp").exists()
        lines = [line for line in once.decode().splitlines() if not line.strip().startswith("sha256")]
        assert lines == [line for line in text.splitlines() if not line.startswith("sha256")]
