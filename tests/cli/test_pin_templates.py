"""`promptc pin` in Jinja specs, in what specs extend and include, and in cases."""

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptc.compiler.driver import compile_specs, find_specs
from promptc.pipeline.pin import pin
from tests.cli.test_pin import HEAD, IN_TURN, NAVY, OLD, TEAL, A, B, shop
from tests.workshop import Workshop

__all__ = ["shop"]

FRONT = f"+++\n{HEAD}+++\n"


def write(shop: Workshop, files: dict[str, str]) -> None:
    """Write files below `specs` as they are, line endings included."""
    for name, text in files.items():
        path = shop.root / "specs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def read(shop: Workshop, name: str) -> str:
    return (shop.root / "specs" / name).read_bytes().decode()


BODIES = {
    "of a call": (
        "Wings {{ image(\"images/a.png\") }} here {{- image(  'images/b.png'  ) -}}\n",
        (
            f'Wings {{{{ image("images/a.png", sha256="{A}") }}}} here '
            f"{{{{- image(  'images/b.png', sha256='{B}'  ) -}}}}\n"
        ),
    ),
    "within statements and expressions": (
        (
            '{% set wing = image("images/a.png") %}{% if image("images/b.png") == wing %}x{% endif %}'
            '{{ image("images/b.png") if true else [image("images/a.png"), {"a": image("images/b.png")}] }}'
        ),
        (
            f'{{% set wing = image("images/a.png", sha256="{A}") %}}'
            f'{{% if image("images/b.png", sha256="{B}") == wing %}}x{{% endif %}}'
            f'{{{{ image("images/b.png", sha256="{B}") if true else '
            f'[image("images/a.png", sha256="{A}"), {{"a": image("images/b.png", sha256="{B}")}}] }}}}'
        ),
    ),
    "over several lines": (
        '{{ image(\n  "images/a.png",\n) }}{{ image (named="images/b.png") }}x',
        f'{{{{ image(\n  "images/a.png", sha256="{A}",\n) }}}}{{{{ image (named="images/b.png", sha256="{B}") }}}}x',
    ),
    "that no longer fits": (
        (
            f"{{{{ image(\"images/a.png\", sha256='{OLD}') }}}}{{{{ image('images/b.png', \"{OLD}\") }}}}"
            f'{{{{ image(sha256 = "{OLD}", named="images/a.png") }}}}{{{{ image("images/a.png", sha256=none) }}}}'
        ),
        (
            f"{{{{ image(\"images/a.png\", sha256='{A}') }}}}{{{{ image('images/b.png', \"{B}\") }}}}"
            f'{{{{ image(sha256 = "{A}", named="images/a.png") }}}}{{{{ image("images/a.png", sha256="{A}") }}}}'
        ),
    ),
    "of a pattern and of lists": (
        (
            '{{ image("images/*.png") }}{{ image(["images/b.png", \'images/a.png\']) }}'
            "{{ image(('images/a.png',)) }}{{ image(['images/*']) }}"
        ),
        (
            f'{{{{ image("images/*.png", sha256=["{A}", "{B}"]) }}}}'
            f'{{{{ image(["images/b.png", \'images/a.png\'], sha256=["{B}", "{A}"]) }}}}'
            f"{{{{ image(('images/a.png',), sha256=['{A}']) }}}}{{{{ image(['images/*'], sha256=['{A}', '{B}']) }}}}"
        ),
    ),
    "of which one no longer fits": (
        f'{{{{ image("images/*", sha256=[ "{A}" ,  "{OLD}", ]) }}}}{{{{ image("images/*", sha256=("{A}")) }}}}',
        f'{{{{ image("images/*", sha256=[ "{A}" ,  "{B}", ]) }}}}{{{{ image("images/*", sha256=["{A}", "{B}"]) }}}}',
    ),
    "that is right": (f"{{{{ image('images/a.png', '{A}') }}}}", f"{{{{ image('images/a.png', '{A}') }}}}"),
    "of what only looks like a call": (
        (
            '{# {{ image("images/a.png") }} #}{% raw %}{{ image("images/a.png") }}{% endraw %}'
            'image("images/a.png") {{ \'image("images/a.png")\' }}'
        ),
        (
            '{# {{ image("images/a.png") }} #}{% raw %}{{ image("images/a.png") }}{% endraw %}'
            'image("images/a.png") {{ \'image("images/a.png")\' }}'
        ),
    ),
    "with Windows' line endings": (
        '🦋\r\n{% set x %}\r\n{% endset %}{{ image(\r\n"images/a.png"\r\n) }}\r\n\r\n{{ image("images/b.png") }}',
        (
            f'🦋\r\n{{% set x %}}\r\n{{% endset %}}{{{{ image(\r\n"images/a.png", sha256="{A}"\r\n) }}}}\r\n\r\n'
            f'{{{{ image("images/b.png", sha256="{B}") }}}}'
        ),
    ),
    "in turns": (
        '{% user %}a {{ image("images/a.png") }}{% enduser %}\n{% reply %}\n{% user %}b{% enduser %}',
        (
            f'{{% user %}}a {{{{ image("images/a.png", sha256="{A}") }}}}{{% enduser %}}\n{{% reply %}}\n'
            "{% user %}b{% enduser %}"
        ),
    ),
}


@pytest.mark.parametrize("what", BODIES)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_pin_is_written_into_a_template_and_nothing_else(shop: Workshop, what: str, mark: str) -> None:
    before, after = (mark + FRONT.replace("\n", "\r\n" if "\r" in body else "\n") + body for body in BODIES[what])
    write(shop, {"moth.j2": before})
    compiled = fingerprints(shop) if OLD not in before else None

    done = shop.command("pin")

    assert (done.returncode, done.stderr) == (0, "")
    assert read(shop, "moth.j2") == after
    assert pin(shop.project, check=True).good
    assert fingerprints(shop) == compiled or OLD in before


def fingerprints(shop: Workshop) -> list[str]:
    """Compile every spec; returns what the first request of each case is known by."""
    made = compile_specs(shop.project, find_specs(shop.project)[0])
    assert [d for d in made.diagnostics if d.severity == "error"] == []
    return [case.requests[0].fingerprint for case in made.cases]


def test_front_matter_without_a_template_is_pinned_like_toml(shop: Workshop) -> None:
    case = '[[cases]]\nname = "a"\n[[cases.turns]]\nparts = [{ image = "images/b.png" }]\n'
    write(shop, {"moth.j2": f'+++\n{IN_TURN}[[turns.parts]]\nimage = "images/a.png"\n{case}+++\n'})

    assert shop.command("pin").returncode == 0

    assert read(shop, "moth.j2") == (
        f'+++\n{IN_TURN}[[turns.parts]]\nimage = "images/a.png"\nsha256 = "{A}"\n'
        f'[[cases]]\nname = "a"\n[[cases.turns]]\nparts = [{{ image = "images/b.png", sha256 = "{B}" }}]\n+++\n'
    )
    assert fingerprints(shop)


def test_a_cases_own_turns_and_files_of_any_type_are_pinned(shop: Workshop) -> None:
    (shop.root / "specs" / "notes.md").write_text("# Wings\n")
    text = (
        IN_TURN + 'parts = [{ file = "notes.md" }, { file = ["images/a.png"], mimeType = "image/png" }]\n'
        '[[cases]]\nname = "own"\nturns = [{ parts = [{ text = "x" }, { image = "images/b.png" }] }]\n'
        '[[cases]]\nname = "same"\n'
    )
    write(shop, {"moth.toml": text})
    before = fingerprints(shop)

    done = shop.command("pin", "--format", "json")

    digest = hashlib.sha256(b"# Wings\n").hexdigest()
    assert [row["sha256"] for row in json.loads(done.stdout)["pins"]] == [[digest], [A], [B]]
    assert read(shop, "moth.toml") == (
        IN_TURN + f'parts = [{{ file = "notes.md", sha256 = "{digest}" }}, '
        f'{{ file = ["images/a.png"], sha256 = ["{A}"], mimeType = "image/png" }}]\n'
        f'[[cases]]\nname = "own"\nturns = [{{ parts = [{{ text = "x" }}, {{ image = "images/b.png", '
        f'sha256 = "{B}" }}] }}]\n[[cases]]\nname = "same"\n'
    )
    assert fingerprints(shop) == before


def test_what_specs_extend_is_pinned_once_where_it_stands(shop: Workshop) -> None:
    (shop.root / "specs" / "_shared").mkdir()
    (shop.root / "specs" / "_shared" / "c.png").write_bytes(TEAL)
    base = f'{HEAD}[[turns]]\nparts = [{{ image = "c.png" }}, {{ image = "../images/a.png" }}]\n'
    write(shop, {"_shared/_base.toml": base, "_middle.toml": 'extends = "_shared/_base.toml"\n'})
    write(shop, {f"moth{i}.toml": 'extends = "_middle.toml"\n' for i in range(3)})
    write(shop, {"own.toml": 'extends = "_middle.toml"\n[[turns]]\ntext = "x"\n'})

    checked = shop.command("pin", "--check")
    unused = shop.command("pin", "own")
    done = shop.command("pin", "moth1")

    assert (checked.returncode, unused.stdout) == (1, "no pins — ok\n")
    assert done.stdout == (
        f"added    specs/_shared/_base.toml:3:20: `c.png`: {B[:12]}\n"
        f"added    specs/_shared/_base.toml:3:41: `../images/a.png`: {A[:12]}\n"
        "2 pins: 2 added — ok\n"
    )
    assert checked.stdout.splitlines()[:-1] == done.stdout.splitlines()[:-1]
    assert read(shop, "_shared/_base.toml") == (
        f'{HEAD}[[turns]]\nparts = [{{ image = "c.png", sha256 = "{B}" }}, '
        f'{{ image = "../images/a.png", sha256 = "{A}" }}]\n'
    )
    assert read(shop, "moth1.toml") == 'extends = "_middle.toml"\n'
    assert shop.command("pin", "--check").stdout == "2 pins: 2 right — ok\n"


def test_templates_that_are_included_are_pinned_where_they_stand(shop: Workshop) -> None:
    macros = '{% macro wing(path) %}{{ image("../images/a.png") }}{{ image(path) }}{% endmacro %}'
    write(shop, {"_shared/macros.j2": macros, "_shared/more.j2": "{{ image('../images/b.png') }}"})
    body = '{% include "_shared/more.j2" %}{% import "_shared/macros.j2" as m %}{{ m.wing("images/b.png") }}'
    write(shop, {"moth.j2": FRONT + body, "wasp.j2": FRONT + '{% include "_shared/more.j2" %}'})
    before = fingerprints(shop)

    done = shop.command("pin")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"added    specs/_shared/more.j2:1:10: `../images/b.png`: {B[:12]}\n"
        f"added    specs/_shared/macros.j2:1:32: `../images/a.png`: {A[:12]}\n"
        "unpinned specs/_shared/macros.j2:1:62: `path` can't be pinned: it depends on variables\n"
        "2 pins: 2 added; 1 place can't be pinned — ok\n"
    )
    assert read(shop, "_shared/macros.j2") == macros.replace('a.png"', f'a.png", sha256="{A}"')
    assert read(shop, "moth.j2") == FRONT + body
    assert fingerprints(shop) == before


def test_a_part_that_is_a_template_is_pinned_in_its_call(shop: Workshop) -> None:
    parts = (
        r'{ image = "{{ image(\"images/a.png\") }}" }, { image = "{{ image(' + "'images/b.png'" + r') }}" }, '
        "{ image = '{{ image(\"images/a.png\") }}' }"
    )
    write(shop, {"moth.toml": IN_TURN + f"parts = [{parts}]\n"})
    before = fingerprints(shop)

    assert shop.command("pin").stdout.endswith("3 pins: 3 added — ok\n")

    pinned = (
        rf'{{ image = "{{{{ image(\"images/a.png\", sha256=\"{A}\") }}}}" }}, '
        rf"""{{ image = "{{{{ image('images/b.png', sha256='{B}') }}}}" }}, """
        rf"""{{ image = '{{{{ image("images/a.png", sha256="{A}") }}}}' }}"""
    )
    assert read(shop, "moth.toml") == IN_TURN + f"parts = [{pinned}]\n"
    assert fingerprints(shop) == before


def test_what_can_not_be_pinned_is_named_with_its_reason(shop: Workshop) -> None:
    declared = (
        '[variables.wing]\ntype = "image"\ndefault = "images/a.png"\n[variables.all]\ntype = "array"\n'
        'items = { type = "image" }\ndefault = ["images/a.png"]\n[variables.one]\ntype = "object"\n'
        'properties = { it = { type = "image" } }\ndefault = { it = "images/a.png" }\n'
        '[[cases]]\nname = "x"\nvariables = { wing = "images/b.png" }\n[matrix]\nall = [["images/b.png"]]\n'
    )
    body = (
        '{{ image(wing) }}\n{{ image("images/" ~ "a.png") }}\n{{ image("images/a.png", sha256=one.it) }}\n'
        '{{ image(["images/a.png", "images/*"]) }}\n{{ image(*all) }}\n{{ image(["images/a.png", one.it]) }}\n'
        '{{ image("data:image/png;base64,iVBORw0KGgo=") }}\n{{ image([]) }}{{ image("") }}\n'
    )
    write(shop, {"moth.j2": f"+++\n{HEAD}{declared}+++\n{body}"})

    done = shop.command("pin", "--check")

    assert read(shop, "moth.j2") == f"+++\n{HEAD}{declared}+++\n{body}"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.replace("unpinned specs/moth.j2:", "").replace("can't be pinned: ", "") == (
        "5:11: `images/a.png` it is the value of a variable\n"
        "9:12: `images/a.png` it is the value of a variable\n"
        "13:18: `images/a.png` it is the value of a variable\n"
        "16:22: `images/b.png` it is the value of a variable\n"
        "18:9: `images/b.png` it is the value of a variable\n"
        "20:10: `wing` it depends on variables\n"
        '21:10: `"images/" ~ "a.png"` it depends on variables\n'
        "22:10: `images/a.png` its pin depends on variables\n"
        "23:10: `images/a.png`, `images/*` the list holds a pattern: give each of its paths an `image(…)` of its own\n"
        "24:10: `*all` it depends on variables\n"
        '25:10: `["images/a.png", one.it]` it depends on variables\n'
        "26:10: `data:…` its bytes stand in the spec\n"
        "no pins; 12 places can't be pinned — ok\n"
    )


def test_what_was_pinned_in_templates_is_checked_from_then_on(shop: Workshop) -> None:
    write(
        shop,
        {
            "_shared/more.j2": '{{ image("../images/a.png") }}',
            "_base.toml": f'{HEAD}[[turns]]\nparts = [{{ text = "x" }}, {{ image = "images/a.png" }}]\n',
            "moth.j2": f'+++\n{HEAD}+++\nIn\n{{% include "_shared/more.j2" %}}\n{{{{ image(["images/a.png", '
            '"images/b.png"]) }}\n',
            "wasp.toml": 'extends = "_base.toml"\n',
        },
    )
    shop.record()
    assert shop.command("check").returncode == 0
    assert shop.command("pin").returncode == 0
    assert shop.command("check").returncode == 0

    (shop.root / "specs" / "images" / "a.png").write_bytes(TEAL)
    done = shop.command("check")

    places = [line.strip() for line in done.stderr.splitlines() + done.stdout.splitlines() if "-->" in line]
    assert done.returncode == 1
    assert (done.stdout + done.stderr).count("is not the image that `sha256` pins") == 3
    assert places[:3] == ["--> specs/_base.toml:3:61", "--> specs/_shared/more.j2:1:1", "--> specs/moth.j2:6:1"]
    assert shop.command("pin").stdout.splitlines()[-1] == "3 pins: 3 changed — ok"
    assert fingerprints(shop)


def test_a_list_takes_a_pin_for_each_of_its_paths(shop: Workshop) -> None:
    write(
        shop, {"moth.j2": FRONT + f'x {{{{ image(["images/a.png", "images/b.png"], sha256=["{A}", "{A}", "{B}"]) }}}}'}
    )

    done = shop.command("compile")

    assert done.stderr.startswith("error[P303]: there are 2 paths here, but 3 pins\n  --> specs/moth.j2:4:3\n")
    assert shop.command("pin").returncode == 0
    assert f'sha256=["{A}", "{B}"])' in read(shop, "moth.j2")
    assert shop.command("compile").returncode == 0


def test_a_pinned_image_stays_pinned_when_it_is_passed_on(shop: Workshop) -> None:
    write(shop, {"moth.j2": FRONT + f'{{% set w = image("images/a.png", sha256="{B}") %}}x {{{{ image(w) }}}}'})

    assert "error[P303]: `images/a.png` is not the image that `sha256` pins" in shop.command("compile").stderr


def test_what_can_not_be_read_is_told_and_the_rest_is_pinned(shop: Workshop) -> None:
    write(
        shop,
        {
            "ant.j2": FRONT + 'x {{ image("images/a.png") }} {% if %}',
            "bee.j2": FRONT + 'x {{ image("images/a.png") }} {% include "gone.j2" %}',
            "cat.toml": f'extends = "gone.toml"\n{IN_TURN}parts = [{{ image = "images/a.png" }}]\n',
            "dog.j2": "no front matter",
            "eel.j2": f'+++\n{IN_TURN}parts = [{{ image = "images/a.png" }}]\n+++\n{{{{ image("images/b.png") }}}}',
        },
    )
    kept = read(shop, "ant.j2")

    done = shop.command("pin")

    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if line.startswith("error")] == [
        "error[P206]: expected an expression, got 'end of statement block'",
        "error[P212]: there is no file `gone.j2`",
        "error[P108]: there is no file `gone.toml`",
        "error[P109]: a Jinja spec starts with front matter",
        "error[P103]: `turns` and the template both say what is asked",
    ]
    assert done.stdout.splitlines()[-1] == "3 pins: 3 added — not ok"
    assert read(shop, "ant.j2") == kept
    assert f'x {{{{ image("images/a.png", sha256="{A}") }}}}' in read(shop, "bee.j2")
    assert f'image = "images/a.png", sha256 = "{A}"' in read(shop, "cat.toml")
    assert f'sha256="{B}"' in read(shop, "eel.j2")
    assert 'image = "images/a.png" }' in read(shop, "eel.j2")


@pytest.mark.parametrize("broken", ['{{ image("images/a.png") }}', 'y{{ image("images/a.png", sha256="' + A + '") }}'])
def test_an_edit_of_a_template_that_changes_more_than_pins_is_refused(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    write(shop, {"moth.j2": FRONT + 'x{{ image("images/a.png") }}'})
    monkeypatch.chdir(shop.root)
    monkeypatch.setattr("promptc.pipeline.pin.edited", lambda *_: (FRONT + broken).encode())

    result = pin(shop.project)

    assert [d.message for d in result.diagnostics] == [
        "`specs/moth.j2` was not written: more than the pins would change"
    ]
    assert read(shop, "moth.j2") == FRONT + 'x{{ image("images/a.png") }}'


SPACE = st.sampled_from(["", " ", "\n", "\t "])
PATH = st.sampled_from(["a.png", "b.png", "*.png", "[ab].png"])


@st.composite
def calls(draw: st.DrawFn, quotes: str = "\"'", space: st.SearchStrategy[str] = SPACE) -> str:
    """Write a call of `image(…)` in one of many ways."""
    quote = draw(st.sampled_from(quotes))
    gap = [draw(space) for _ in range(6)]
    path = draw(PATH)
    several = draw(st.booleans())
    named = f"{quote}{path}{quote}"
    if several:
        named = (
            f"[{gap[0]}{named}{gap[1]}]" if "*" in path or "[" in path else f"[{named},{gap[1]}{quote}b.png{quote},]"
        )
    keyword = draw(st.sampled_from(["", "named=", "named ="]))
    comma = draw(st.sampled_from(["", ","]))
    around = draw(st.sampled_from(["{{%s}}", "{{- %s -}}", "{{ %s if true else 1 }}"]))
    return around % f"{gap[2]}image{gap[3]}({gap[4]}{keyword}{named}{comma}{gap[5]}){gap[2]}"


PARTS = st.one_of(
    st.builds(lambda path, q: f"{{ image = {q}{path}{q} }}", PATH, st.sampled_from("\"'")),
    st.builds(lambda path, gap: f'{{image="{path}"{gap}}}', PATH, st.sampled_from(["", " ", "\t"])),
    st.builds(lambda path: f'{{ "image" = ["{path}", # one\n \'{path}\' ] }}', PATH),
    st.builds(lambda path: f"{{ file = '''{path}''' }}", PATH),
    st.builds(lambda call: f"{{ image = '{call}' }}", calls(quotes='"', space=st.sampled_from(["", " "]))),
    st.builds(lambda call: f"{{ image = '''{call}''' }}", calls(quotes='"')),
    st.builds(lambda call: '{ image = "' + call.replace('"', r"\"") + '" }', calls(space=st.just(" "))),
    st.just('{ text = "{image}" }'),
)


def _for_any(text: str) -> str:
    """Ask a model whose number of pictures nobody knows."""
    return text.replace("gemini-3.1-flash-image", "gemini-unknown")


@given(
    body=st.lists(st.one_of(calls(), st.sampled_from(["x", "\n", "{# image( #}", "🦋"])), max_size=5),
    parts=st.lists(PARTS, min_size=1, max_size=4),
    gap=st.sampled_from([", ", ",\n  ", ", # image = 1\n"]),
    crlf=st.booleans(),
)
def test_pinning_changes_no_request_and_the_second_time_nothing(
    body: list[str],
    parts: list[str],
    gap: str,
    crlf: bool,  # noqa: FBT001
) -> None:
    with tempfile.TemporaryDirectory() as name:
        shop = Workshop.make(Path(name).resolve() / "repo", {})
        (shop.root / "specs" / "a.png").write_bytes(NAVY)
        (shop.root / "specs" / "b.png").write_bytes(TEAL)
        files = {
            "moth.toml": _for_any(IN_TURN) + f"parts = [{gap.join(parts)}\n]\n",
            "wasp.j2": f"{_for_any(FRONT)}x{''.join(body)}",
        }
        write(shop, {n: text.replace("\n", "\r\n") if crlf else text for n, text in files.items()})
        before = fingerprints(shop)

        first: Any = pin(shop.project)
        once = shop.files("specs")
        second = pin(shop.project)

        assert first.good, first.diagnostics
        assert second.good
        assert {p.state for p in second.pins} <= {"right"}
        assert shop.files("specs") == once
        assert fingerprints(shop) == before
        joined = once["wasp.j2"].decode() + once["moth.toml"].decode()
        assert joined.count("sha256") == len(first.pins)
        assert all(("\r\n" in once[n].decode()) == crlf for n in files)
