"""The project: where it is, what its file says, and what is wrong with it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from promptc.config import BUILT_IN, Project, Target, find_root, load
from promptc.diagnostics import Diagnostic
from promptc.errors import ProjectError, UsageError
from promptc.models import built_in

COMPLETE = """\
version = 1
allow_emulator = true
max_age = "12w"

[paths]
specs = "prompts"
cassettes = "tests/recordings"
output = "build/../pictures"

[run]
target = "local"
jobs = 8
timeout = 60
tries = 1

[targets.local]
base_url = "http://127.0.0.1:8080/api/"
api_version = "v1"
key_env = "LOCAL_KEY"
auth = "raw"

[targets.open]
base_url = "http://models.example/"
auth = "none"

[targets.cometapi]
base_url = "https://mirror.example"
key_env = "MIRROR_KEY"

[targets.google]
requests_per_minute = 10
concurrency = 2

[secrets]
env = ["ACME_TOKEN"]
patterns = ["acme-[0-9]{8}"]
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path.resolve() / "repo"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def write(root: Path, text: str) -> Path:
    (root / "promptc.toml").write_bytes(text.encode())
    return root


def mistakes(root: Path, text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(ProjectError) as raised:
        load(write(root, text))
    assert str(raised.value) == raised.value.diagnostics[0].message
    return raised.value.diagnostics


Shown = tuple[str, str, str, str | None, str | None]


def shown(diagnostic: Diagnostic) -> Shown:
    """Return code, `line:col text` of the place, message, expectation and help."""
    assert diagnostic.span is not None
    assert diagnostic.place == f"promptc.toml:{diagnostic.span.line}:{diagnostic.span.column}"
    place = f"{diagnostic.span.line}:{diagnostic.span.column} {diagnostic.span.text}"
    return diagnostic.code, place, diagnostic.message, diagnostic.expected, diagnostic.help


def test_a_project_without_a_file_has_the_defaults(root: Path) -> None:
    (root / "specs").mkdir()
    assert load(root) == Project(
        root=root,
        specs=root / "specs",
        cassettes=root / "cassettes",
        output=root / "out",
        target="cometapi",
        jobs=4,
        timeout=300.0,
        tries=5,
        allow_emulator=False,
        targets={
            "cometapi": Target(
                name="cometapi",
                base_url="https://api.cometapi.com",
                api_version="v1beta",
                key_env="COMETAPI_KEY",
                auth="bearer",
            ),
            "google": Target(
                name="google",
                base_url="https://generativelanguage.googleapis.com",
                api_version="v1beta",
                key_env="GEMINI_API_KEY",
                auth="x-goog-api-key",
            ),
            "emulator": Target(
                name="emulator", base_url="http://emulator.invalid", api_version="v1beta", key_env=None, auth="none"
            ),
        },
    )


@pytest.mark.parametrize("text", ["version = 1", "version = 1.0\r\n", "\ufeffversion = 1\n[run]\n[targets]\n[paths]\n"])
def test_a_file_with_a_version_only_changes_nothing(root: Path, text: str) -> None:
    (root / "specs").mkdir()
    plain = load(root)
    assert load(write(root, text)) == plain


def test_a_complete_file_is_read_whole(root: Path) -> None:
    assert load(write(root, COMPLETE)) == Project(
        root=root,
        specs=root / "prompts",
        cassettes=root / "tests" / "recordings",
        output=root / "pictures",
        target="local",
        jobs=8,
        timeout=60.0,
        tries=1,
        allow_emulator=True,
        max_age=timedelta(weeks=12),
        secret_env=("ACME_TOKEN",),
        secret_patterns=("acme-[0-9]{8}",),
        targets={
            **BUILT_IN,
            "local": Target(
                name="local",
                base_url="http://127.0.0.1:8080/api",
                api_version="v1",
                key_env="LOCAL_KEY",
                auth="raw",
            ),
            "open": Target(name="open", base_url="http://models.example", auth="none"),
            "cometapi": Target(name="cometapi", base_url="https://mirror.example", key_env="MIRROR_KEY"),
            "google": replace(BUILT_IN["google"], requests_per_minute=10, concurrency=2),
        },
    )


def test_numbers_have_the_types_that_the_settings_say(root: Path) -> None:
    project = load(write(root, "version = 1\n[run]\njobs = 8.0\ntries = 2.0\ntimeout = 60"))
    assert [type(value) for value in (project.jobs, project.tries, project.timeout)] == [int, int, float]


NO_URL = "write https://host, without user, query or fragment"
AGE = "a number with `h` for hours, `d` for days or `w` for weeks, as in `90d`"
TOP = "one of `version`, `allow_emulator`, `max_age`, `paths`, `run`, `limits`, `secrets`, `targets`, `models`"
FACTS = (
    "one of `like`, `aspectRatios`, `imageSizes`, `defaultSize`, `modalities`, `thinkingLevels`, `tools`, "
    "`searchTypes`, `referenceImages`, `inputTypes`, `imageType`, `imageTokens`, `inputImageTokens`, `prices`, "
    "`contextTokens`, `outputTokens`, `retired`, `successor`"
)

MISTAKES: list[tuple[str, str, list[Shown]]] = [
    (
        "no version",
        "[run]\njobs = 2",
        [("P101", "1:1 ", "`version` is missing", "`version`", None)],
    ),
    (
        "another version",
        "# new\nversion = 2",
        [
            (
                "P005",
                "2:11 2",
                "version 2 of the project file is not known",
                "`version = 1`",
                "a newer promptc reads it; install that one",
            )
        ],
    ),
    (
        "another version as a float",
        "version = 2.0",
        [
            (
                "P005",
                "1:11 2.0",
                "version 2.0 of the project file is not known",
                "`version = 1`",
                "a newer promptc reads it; install that one",
            )
        ],
    ),
    (
        "a version that is text",
        'version = "1"',
        [("P004", '1:11 "1"', "expected an integer, got a string", "an integer", None)],
    ),
    (
        "a version that is a boolean",
        "version = true",
        [("P004", "1:11 true", "expected an integer, got a boolean", "an integer", None)],
    ),
    (
        "a version that is no number",
        "version = nan",
        [("P004", "1:11 nan", "expected an integer, got a number", "an integer", None)],
    ),
    (
        "an unknown key",
        "version = 1\nallow_emulater = true",
        [("P003", "2:1 allow_emulater", "unknown key `allow_emulater`", TOP, "did you mean `allow_emulator`?")],
    ),
    (
        "an unknown table",
        "version = 1\n[zebra]\n",
        [("P003", "2:2 zebra", "unknown key `zebra`", TOP, None)],
    ),
    (
        "an unknown key in a table",
        "version = 1\n[run]\ntime_out = 5",
        [
            (
                "P003",
                "3:1 time_out",
                "unknown key `time_out`",
                "one of `target`, `jobs`, `timeout`, `tries`",
                "did you mean `timeout`?",
            )
        ],
    ),
    (
        "a key in a target, misspelt",
        'version = 1\n[targets.x]\nbase_url = "https://x"\nkey_env = "K"\napi_versoin = "v1"',
        [
            (
                "P003",
                "5:1 api_versoin",
                "unknown key `api_versoin`",
                "one of `base_url`, `api_version`, `key_env`, `auth`, `requests_per_minute`, `concurrency`",
                "did you mean `api_version`?",
            )
        ],
    ),
    (
        "a table that is text",
        'version = 1\npaths = "specs"',
        [
            (
                "P004",
                '2:9 "specs"',
                "expected a table with `specs` or `cassettes` or `output`, got a string",
                "a table with `specs` or `cassettes` or `output`",
                None,
            )
        ],
    ),
    (
        "a number that is a date",
        "version = 1\nrun.jobs = 2026-01-01",
        [("P004", "2:12 2026-01-01", "expected an integer, got a date or time", "an integer", None)],
    ),
    (
        "too many jobs and too few tries",
        "version = 1\nrun = { jobs = 1000, tries = 0 }",
        [
            ("P008", "2:16 1000", "expected at most 256, got 1000", "at most 256", None),
            ("P008", "2:30 0", "expected at least 1, got 0", "at least 1", None),
        ],
    ),
    (
        "a timeout that never ends",
        "version = 1\nrun.timeout = inf",
        [("P008", "2:15 inf", "expected at most 3600, got inf", "at most 3600", None)],
    ),
    (
        "a timeout that is no number",
        "version = 1\nrun.timeout = nan",
        [("P008", "2:15 nan", "the timeout is no number", None, "write seconds")],
    ),
    (
        "an empty path",
        'version = 1\npaths.specs = ""',
        [("P008", '2:15 ""', "expected at least 1 character", "at least 1 character", None)],
    ),
    (
        "paths outside",
        'version = 1\n[paths]\nspecs = "../specs"\ncassettes = "/cassettes"\noutput = "a/../.."',
        [
            ("P008", '3:9 "../specs"', "the folder lies outside the project", None, "name a folder below it"),
            ("P008", '4:13 "/cassettes"', "the folder lies outside the project", None, "name a folder below it"),
            ("P008", '5:10 "a/../.."', "the folder lies outside the project", None, "name a folder below it"),
        ],
    ),
    (
        "a path that no system takes",
        'version = 1\npaths.specs = "a\\u0000b"',
        [("P008", '2:15 "a\\u0000b"', "no folder can have this name", None, "write it without `\\u0000`")],
    ),
    (
        "a default target that isn't there",
        'version = 1\nrun.target = "comet"',
        [("P008", '2:14 "comet"', "there is no target `comet`", None, "did you mean `cometapi`?")],
    ),
    (
        "a default target like no other",
        'version = 1\nrun.target = "zzz"',
        [("P008", '2:14 "zzz"', "there is no target `zzz`", None, "known targets: cometapi, google, emulator")],
    ),
    (
        "a target without an address",
        'version = 1\n[targets.x]\nkey_env = "K"',
        [
            (
                "P008",
                "2:1 [targets.x]",
                "`base_url` is missing: `x` is no built-in target",
                None,
                "write https://host, where its requests go",
            )
        ],
    ),
    (
        "limits for a built-in target that is misspelt",
        "version = 1\n[targets.cometap]\nrequests_per_minute = 6",
        [
            (
                "P008",
                "2:1 [targets.cometap]",
                "`base_url` is missing: `cometap` is no built-in target",
                None,
                "did you mean `cometapi`?",
            )
        ],
    ),
    (
        "an age in a unit that is none",
        'version = 1\nmax_age = "3 months"',
        [("P008", '2:11 "3 months"', f"`3 months` is not {AGE}", AGE, None)],
    ),
    (
        "a pattern of secrets that is no regular expression",
        'version = 1\n[secrets]\npatterns = ["("]',
        [
            (
                "P008",
                '3:13 "("',
                "this is no regular expression: missing ), unterminated subpattern",
                None,
                "write it as Python's `re` reads it",
            )
        ],
    ),
    (
        "a pattern of secrets that is found everywhere",
        'version = 1\n[secrets]\npatterns = ["acme-[0-9]{8}", "a*"]',
        [
            (
                "P008",
                '3:30 "a*"',
                "the pattern matches nothing at all, so it is found everywhere",
                None,
                "write what a secret must have",
            )
        ],
    ),
    (
        "a target without a key",
        'version = 1\n[targets.x]\nbase_url = "https://x"',
        [("P008", "2:1 [targets.x]", "`key_env` is missing", None, "name the variable that holds the key")],
    ),
    (
        "a target named emulator",
        'version = 1\n[targets.emulator]\nbase_url = "https://x"\nauth = "none"',
        [("P008", "2:1 [targets.emulator]", "`emulator` is built in", None, "choose another name")],
    ),
    (
        "an unknown way to send the key",
        'version = 1\n[targets.x]\nbase_url = "https://x"\nkey_env = "K"\nauth = "bearrer"',
        [
            (
                "P008",
                '5:8 "bearrer"',
                "`bearrer` is not allowed here",
                "one of `bearer`, `x-goog-api-key`, `raw`, `none`",
                "did you mean `bearer`?",
            )
        ],
    ),
    (
        "a key in clear text",
        'version = 1\n[targets.x]\nbase_url = "http://models.example"\nkey_env = "K"',
        [("P008", '3:12 "http://models.example"', "a key would be sent in clear text", None, "write https://")],
    ),
    (
        "a host that only begins like this machine",
        'version = 1\n[targets.x]\nbase_url = "http://localhost.example"\nkey_env = "K"',
        [("P008", '3:12 "http://localhost.example"', "a key would be sent in clear text", None, "write https://")],
    ),
    (
        "a target whose name needs escapes",
        'version = 1\n[targets."a/b~"]\nbase_url = "x"\nauth = "none"',
        [("P008", '3:12 "x"', "this is no base URL", None, NO_URL)],
    ),
    (
        "a key of a model, misspelt",
        'version = 1\n[models.mothra-1]\naspectRatio = ["1:1"]',
        [
            (
                "P003",
                "3:1 aspectRatio",
                "unknown key `aspectRatio`",
                FACTS,
                "did you mean `aspectRatios`?",
            )
        ],
    ),
    (
        "a model like one that is not known",
        'version = 1\n[models.a]\nlike = "gemini-3-pro-imgae"\n[models.b]\nlike = "zebra"',
        [
            (
                "P008",
                '3:8 "gemini-3-pro-imgae"',
                "there is no model `gemini-3-pro-imgae`",
                None,
                "did you mean `gemini-3-pro-image`?",
            ),
            ("P008", '5:8 "zebra"', "there is no model `zebra`", None, "`promptc models` shows the known ones"),
        ],
    ),
    (
        "a ratio and a date that are none",
        'version = 1\n[models.a]\naspectRatios = ["wide"]\nretired = "soon"',
        [
            ("P008", '3:17 "wide"', "`wide` is not text like `16:9`", "text like `16:9`", None),
            ("P008", '4:11 "soon"', "`soon` is not text like `2026-12-31`", "text like `2026-12-31`", None),
        ],
    ),
    (
        "a day that no calendar has",
        'version = 1\n[models.a]\nretired = "2026-02-31"',
        [
            (
                "P008",
                '3:11 "2026-02-31"',
                "there is no day `2026-02-31`",
                None,
                "write the date as year, month and day",
            )
        ],
    ),
    (
        "a date without quotes",
        "version = 1\n[models.a]\nretired = 2026-12-31",
        [("P004", "3:11 2026-12-31", "expected a string, got a date or time", "a string", None)],
    ),
    (
        "several mistakes of several tables",
        'version = 1\nrun.target = "nope"\npaths.specs = ".."\n[targets.x]\nbase_url = "x"\n[targets.y]\nbase_url = "y"',
        [
            (
                "P008",
                '2:14 "nope"',
                "there is no target `nope`",
                None,
                "known targets: cometapi, google, emulator, x, y",
            ),
            ("P008", '3:15 ".."', "the folder lies outside the project", None, "name a folder below it"),
            ("P008", "4:1 [targets.x]", "`key_env` is missing", None, "name the variable that holds the key"),
            ("P008", '5:12 "x"', "this is no base URL", None, NO_URL),
            ("P008", "6:1 [targets.y]", "`key_env` is missing", None, "name the variable that holds the key"),
            ("P008", '7:12 "y"', "this is no base URL", None, NO_URL),
        ],
    ),
    (
        "several mistakes that the schema finds, from bottom to top of its list",
        'version = 1\n[run]\njobs = 0\n[paths]\nspec = "x"\noutput = 5\n[zebra]',
        [
            ("P008", "3:8 0", "expected at least 1, got 0", "at least 1", None),
            (
                "P003",
                "5:1 spec",
                "unknown key `spec`",
                "one of `specs`, `cassettes`, `output`",
                "did you mean `specs`?",
            ),
            ("P004", "6:10 5", "expected a string, got an integer", "a string", None),
            ("P003", "7:2 zebra", "unknown key `zebra`", TOP, None),
        ],
    ),
    (
        "another version below other mistakes",
        "jobs = 2\nversion = 2",
        [
            ("P003", "1:1 jobs", "unknown key `jobs`", TOP, None),
            (
                "P005",
                "2:11 2",
                "version 2 of the project file is not known",
                "`version = 1`",
                "a newer promptc reads it; install that one",
            ),
        ],
    ),
    (
        "a model's name with a dot",
        'version = 1\n[models.gemini-4.1-image]\nlike = "gemini-3-pro-image"',
        [
            (
                "P003",
                "2:18 1-image",
                "unknown key `1-image`",
                FACTS,
                'a name with dots is quoted: `[models."gemini-4.1-image"]`',
            )
        ],
    ),
    (
        "two models' names with dots, one without a header of its own",
        'version = 1\nmodels.a.1.imageSizes = ["1K"]\n[models.b.2]\nlike = "c"',
        [
            ("P003", "2:10 1", "unknown key `1`", FACTS, 'a name with dots is quoted: `[models."a.1"]`'),
            ("P003", "3:11 2", "unknown key `2`", FACTS, 'a name with dots is quoted: `[models."b.2"]`'),
        ],
    ),
    (
        "a table in a model whose name is no pointer",
        'version = 1\n[models."a/b".c]\nlike = "d"',
        [("P003", "2:15 c", "unknown key `c`", FACTS, 'a name with dots is quoted: `[models."a/b.c"]`')],
    ),
    (
        "a size of three digits",
        'version = 1\n[models.a]\nimageSizes = ["16K", "100K"]\nimageTokens = { 32K = 1, 0K = 2 }',
        [
            ("P008", '3:22 "100K"', "`100K` is not text like `512` or `2K`", "text like `512` or `2K`", None),
            (
                "P008",
                "4:15 { 32K = 1, 0K = 2 }",
                "`0K` is not text like `512` or `2K`",
                "text like `512` or `2K`",
                None,
            ),
        ],
    ),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES])
def test_each_mistake_is_reported_at_its_place(root: Path, text: str, expected: list[Shown]) -> None:
    assert [shown(diagnostic) for diagnostic in mistakes(root, text)] == expected


def test_models_are_added_and_corrected(root: Path) -> None:
    text = """\
version = 1

[models.mothra-1]
like = "gemini-3.1-flash-image"
aspectRatios = ["7:5"]

[models."mothra.2"]
like = "mothra-1"
imageSizes = []

[models."gemini-2.5-flash-image"]
referenceImages = 5

[models."gemini-3.1-flash-image"]
imageSizes = ["1K", "16K"]
"""
    models = load(write(root, text)).models
    assert set(models.by_name) == {*built_in().by_name, "mothra-1", "mothra.2"}
    first, second = models.by_name["mothra-1"], models.by_name["mothra.2"]
    assert (first.aspect_ratios, first.image_sizes) == (["7:5"], ["512", "1K", "2K", "4K"])
    assert (second.aspect_ratios, second.image_sizes) == (["7:5"], [])
    old = models.by_name["gemini-2.5-flash-image"]
    assert (old.reference_images, old.retired, old.image_sizes) == (5, "2026-10-02", [])
    preview = models.by_name["gemini-3.1-flash-image-preview"]
    assert (preview.image_sizes, preview.retired) == (["1K", "16K"], "2026-06-25")
    assert models.by_name["gemini-3-pro-image"] is built_in().by_name["gemini-3-pro-image"]


def test_a_model_may_only_be_like_one_above_it(root: Path) -> None:
    text = 'version = 1\n[models.a]\nlike = "b"\n[models.b]\nlike = "gemini-3-pro-image"'
    assert [shown(diagnostic)[:3] for diagnostic in mistakes(root, text)] == [
        ("P008", '3:8 "b"', "there is no model `b`")
    ]


@pytest.mark.parametrize(
    "url",
    [
        "models.example",
        "//models.example",
        "ftp://models.example",
        "file:///etc",
        "https://",
        "https:///v1",
        "https://user@models.example",
        "https://:secret@models.example",
        "https://models.example?key=1",
        "https://models.example?",
        "https://models.example/#top",
        "https://models.example:99999",
        "https://models.example:port",
        "https://[::1",
        "https://models example",
        "https://models.example\\\\x",
        "https://models.example\\n",
    ],
)
def test_what_is_no_base_url_is_refused(root: Path, url: str) -> None:
    text = f'version = 1\n[targets.x]\nbase_url = "{url}"\nauth = "none"'
    place = f'3:12 "{url}"'
    assert [shown(diagnostic) for diagnostic in mistakes(root, text)] == [
        ("P008", place, "this is no base URL", None, NO_URL)
    ]


@pytest.mark.parametrize(
    ("url", "base_url"),
    [
        ("https://models.example", "https://models.example"),
        ("https://models.example:8443/api//", "https://models.example:8443/api"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
    ],
)
def test_base_urls_lose_their_slashes_and_may_be_plain_on_this_machine(root: Path, url: str, base_url: str) -> None:
    project = load(write(root, f'version = 1\n[targets.x]\nbase_url = "{url}"\nkey_env = "K"'))
    assert project.targets["x"] == Target(name="x", base_url=base_url, key_env="K")


def test_a_file_that_is_no_toml_is_a_syntax_error(root: Path) -> None:
    (diagnostic,) = mistakes(root, "version = 1\njobs =")
    assert (diagnostic.code, diagnostic.place) == ("P001", "promptc.toml:2:7")
    assert diagnostic.message == "not valid TOML: invalid value"


def test_a_file_that_is_no_text_is_named(root: Path) -> None:
    (root / "promptc.toml").write_bytes(b"version = 1 # \xff")
    with pytest.raises(ProjectError) as raised:
        load(root)
    assert raised.value.diagnostics == (
        Diagnostic(
            code="P002",
            message="the file can't be read: line 1 is not UTF-8 text",
            file="promptc.toml",
            help="save it as UTF-8",
        ),
    )


def test_a_folder_that_leads_outside_by_a_link_is_outside(root: Path) -> None:
    (root.parent / "elsewhere").mkdir()
    (root / "specs").symlink_to(root.parent / "elsewhere")
    with pytest.raises(ProjectError, match=r"\Athe folder lies outside the project\Z"):
        load(root)


Tree = Callable[[Path], object]


@pytest.mark.parametrize(
    ("make", "start", "found"),
    [
        (lambda root: (root / "promptc.toml").touch(), ".", "."),
        (lambda root: (root / "promptc.toml").touch(), "a/b", "."),
        (lambda root: (root / "specs").mkdir(), "a/b", "."),
        (lambda root: (root / "specs").mkdir(), "specs", "."),
        (lambda root: ((root / "a" / "promptc.toml").touch(), (root / "promptc.toml").touch()), "a/b", "a"),
        (lambda root: ((root / "a" / "specs").mkdir(), (root / "promptc.toml").touch()), "a/b", "."),
        (lambda root: ((root / "a" / "specs").mkdir(), (root / "specs").mkdir()), "a/b", "a"),
        (lambda root: ((root / "a" / "promptc.toml").mkdir(), (root / "promptc.toml").touch()), "a/b", "."),
        (lambda root: ((root / "a" / "specs").touch(), (root / "specs").mkdir()), "a/b", "."),
    ],
)
def test_the_root_is_the_nearest_folder_with_the_file_else_with_specs(
    root: Path, make: Tree, start: str, found: str
) -> None:
    (root / "a" / "b").mkdir(parents=True)
    make(root)
    assert find_root(root / start) == root / found


def test_a_folder_in_no_project_says_what_is_missing(root: Path) -> None:
    message = r"\Ano promptc project here: neither \. nor a folder above it has `promptc\.toml` or `specs/`\Z"
    with pytest.raises(UsageError, match=message):
        load(root)


def test_loading_from_below_finds_the_same_project(root: Path) -> None:
    (root / "specs" / "birds").mkdir(parents=True)
    assert load(write(root, COMPLETE)) == load(root / "specs" / "birds") == load(Path("specs"))


def test_a_target_is_asked_for_by_name_or_taken_from_the_project(root: Path) -> None:
    project = load(write(root, COMPLETE))
    assert project.find_target(None).name == "local"
    assert project.find_target("google") == replace(BUILT_IN["google"], requests_per_minute=10, concurrency=2)
    with pytest.raises(UsageError, match=r"\Athere is no target `gogle`; did you mean `google`\?\Z"):
        project.find_target("gogle")
    message = r"\Athere is no target `zzz`; known targets: cometapi, google, emulator, local, open\Z"
    with pytest.raises(UsageError, match=message):
        project.find_target("zzz")
