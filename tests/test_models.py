"""What is known of the image models, what a project adds, and what a model takes of a request."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from promptc.abilities import abilities, capability_schema, check_request
from promptc.canonical import canonical
from promptc.compiler.validate import MODEL, findings
from promptc.diagnostics import Severity
from promptc.findings import Fault, Finding
from promptc.models import (
    Model,
    built_in,
    drawable,
    edge,
    find,
    known_ratios,
    largest_request,
    nearest_ratio,
    pixels,
    ratio_value,
    sides,
)
from promptc.schema import check_against, load

FLASH, PRO = "gemini-3.1-flash-image", "gemini-3-pro-image"
OLD, LITE = "gemini-2.5-flash-image", "gemini-3.1-flash-lite-image"
FOURTEEN = ["1:1", "1:4", "4:1", "1:8", "8:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"]
TEN = [ratio for ratio in FOURTEEN if ratio not in {"1:4", "4:1", "1:8", "8:1"}]
ROWS: dict[str, Any] = load("models")["models"]


def model(name: str) -> Model:
    found = find(name)
    assert found is not None
    return found


def body(**config: Any) -> dict[str, Any]:
    return {"contents": [{"parts": [{"text": "x"}]}], "generationConfig": config}


def tools(*some: dict[str, Any]) -> dict[str, Any]:
    return {"contents": [{"parts": [{"text": "x"}]}], "tools": list(some)}


def pictures(count: int, kind: str = "image/png") -> dict[str, Any]:
    part = {"inlineData": {"mimeType": kind, "data": "AAAA"}}
    return {"contents": [{"parts": [{"text": "x"}, *([part] * count)]}]}


# The table


@pytest.mark.parametrize(
    ("name", "ratios", "sizes", "tokens", "read", "kind", "references"),
    [
        (
            FLASH,
            FOURTEEN,
            ["512", "1K", "2K", "4K"],
            {"512": 747, "1K": 1120, "2K": 1680, "4K": 2520},
            1120,
            "image/png",
            14,
        ),
        (PRO, TEN, ["1K", "2K", "4K"], {"1K": 1120, "2K": 1120, "4K": 2000}, 560, "image/jpeg", 14),
        (OLD, TEN, [], {"1K": 1290}, 258, "image/png", 3),
        (LITE, FOURTEEN, ["1K"], {"1K": 1120}, 1120, "image/jpeg", 14),
    ],
)
def test_a_model_has_its_ratios_sizes_and_tokens(
    name: str, ratios: list[str], sizes: list[str], tokens: dict[str, int], read: int, kind: str, references: int
) -> None:
    known = model(name)
    assert known.name == name
    assert known.aspect_ratios == ratios
    assert known.image_sizes == sizes
    assert known.image_tokens == tokens
    assert known.default_size == "1K"
    assert known.input_image_tokens == read
    assert known.image_type == kind
    assert known.reference_images == references
    assert known.modalities == ["TEXT", "IMAGE"]
    assert known.thinking is (name != OLD)


@pytest.mark.parametrize("name", [FLASH, PRO])
def test_a_preview_name_is_the_same_model_but_retired(name: str) -> None:
    preview = model(f"{name}-preview")
    assert (preview.name, preview.retired, preview.successor) == (f"{name}-preview", "2026-06-25", name)
    assert preview.row == model(name).row
    assert (model(name).retired, model(name).successor) == (None, None)


def test_a_model_may_be_retired_under_its_own_name() -> None:
    assert (model(OLD).retired, model(OLD).successor) == ("2026-10-02", FLASH)


@pytest.mark.parametrize("name", ["", "gemini-9", "gemini-2.5-flash-image-preview", "GEMINI-3-PRO-IMAGE"])
def test_a_model_that_is_not_known_is_none(name: str) -> None:
    assert find(name) is None


def test_every_row_is_what_a_project_could_write_and_says_where_its_facts_are_from() -> None:
    project = load("project.schema")
    schema = {"$ref": "#/$defs/Model", "$defs": project["$defs"]}
    assert len(ROWS) == 4
    for name, row in ROWS.items():
        facts = {key: value for key, value in row.items() if key not in {"names", "sources"}}
        assert check_against(schema, facts) == (), name
        dated = {"retired"} if "retired" in row or row["names"] else set()
        assert set(row["sources"]) == (set(facts) - {"retired", "successor"}) | dated, name
        assert all(row["sources"].values()), name
        assert set(facts["imageSizes"] or [facts["defaultSize"]]) == set(facts["imageTokens"]), name
        for other in row["names"].values():
            assert check_against(schema, other) == (), name
            assert other["successor"] in ROWS


def test_successors_are_known_and_not_retired() -> None:
    for known in built_in().by_name.values():
        assert (known.retired is None) is (known.successor is None)
        assert known.successor is None or model(known.successor).retired is None


def test_a_request_has_a_largest_size_and_a_source_for_it() -> None:
    assert largest_request() == 100_000_000
    assert load("models")["inline"]["source"]


def test_the_known_ratios_are_those_of_any_model_once() -> None:
    assert known_ratios() == tuple(FOURTEEN)


# What a project adds


def test_a_model_like_another_starts_from_its_facts_but_not_from_its_retirement() -> None:
    models = built_in().with_row("mothra-1", {"like": OLD, "aspectRatios": ["7:5"], "referenceImages": 9})
    made = models.find("mothra-1")
    assert made == Model(
        name="mothra-1", row={**model(OLD).row, "aspectRatios": ["7:5"], "referenceImages": 9}, retired=None
    )
    assert models.find(OLD) == model(OLD)
    assert built_in().find("mothra-1") is None


def test_a_model_on_its_own_has_no_facts_but_its_own() -> None:
    made = built_in().with_row("mothra-1", {"imageSizes": ["3K"]}).find("mothra-1")
    assert made is not None
    assert made.row == {"imageSizes": ["3K"]}
    assert (made.retired, made.successor) == (None, None)
    assert (made.aspect_ratios, made.image_tokens, made.default_size) == (tuple(FOURTEEN), {}, "1K")
    assert (made.input_image_tokens, made.thinking, made.image_type) == (0, True, "image/png")
    assert (made.reference_images, made.image_sizes) == (None, ["3K"])
    assert made.modalities == ("TEXT", "IMAGE")


def test_a_known_model_keeps_what_the_project_does_not_change() -> None:
    made = built_in().with_row(OLD, {"referenceImages": 5}).find(OLD)
    assert made == Model(name=OLD, row={**model(OLD).row, "referenceImages": 5}, retired="2026-10-02", successor=FLASH)
    dated = built_in().with_row(OLD, {"retired": "2027-01-31", "successor": "mothra-1"}).find(OLD)
    assert dated is not None
    assert (dated.retired, dated.successor) == ("2027-01-31", "mothra-1")


def test_a_change_of_a_model_is_one_of_its_other_names_too() -> None:
    models = built_in().with_row(FLASH, {"imageSizes": ["2K"], "retired": "2027-01-31", "successor": PRO})
    preview, known = model(f"{FLASH}-preview"), model(FLASH)
    row = {**known.row, "imageSizes": ["2K"], "retired": "2027-01-31", "successor": PRO}
    assert models.find(FLASH) == Model(name=FLASH, row=row, retired="2027-01-31", successor=PRO)
    assert models.find(preview.name) == Model(
        name=preview.name, row=row, retired=preview.retired, successor=preview.successor
    )
    again = models.with_row(FLASH, {"referenceImages": 2})
    for name in (FLASH, preview.name):
        made = again.find(name)
        assert made is not None
        assert (made.image_sizes, made.reference_images) == (["2K"], 2)
    assert set(again.by_name) == set(built_in().by_name)
    assert built_in().find(preview.name) == preview


def test_a_change_of_another_name_is_that_names_alone_and_stays() -> None:
    models = built_in().with_row(f"{FLASH}-preview", {"imageSizes": ["2K"]})
    assert models.find(FLASH) == model(FLASH)
    preview = models.with_row(FLASH, {"imageSizes": ["4K"]}).find(f"{FLASH}-preview")
    assert preview is not None
    assert (preview.image_sizes, preview.retired) == (["2K"], "2026-06-25")


def test_a_model_that_starts_anew_has_no_other_names() -> None:
    models = built_in().with_row(FLASH, {"like": PRO, "imageSizes": ["4K"]})
    assert models.find(f"{FLASH}-preview") == model(f"{FLASH}-preview")
    assert models.find(f"{PRO}-preview") == model(f"{PRO}-preview")
    assert built_in().with_row("mothra-1", {"like": FLASH, "imageSizes": ["4K"]}).find(FLASH) == model(FLASH)


def test_a_model_may_be_like_one_that_was_added_before() -> None:
    models = built_in().with_row("a", {"like": LITE}).with_row("b", {"like": "a", "imageSizes": ["2K"]})
    made = models.find("b")
    assert made is not None
    assert (made.image_sizes, made.aspect_ratios) == (["2K"], FOURTEEN)


def test_a_model_like_one_that_is_not_known_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="zebra"):
        built_in().with_row("mothra-1", {"like": "zebra"})


# What a model takes of a request

FOURTEEN_NAMED = "one of " + ", ".join(f"`{ratio}`" for ratio in FOURTEEN)
RATIO, SIZE = "/generationConfig/imageConfig/aspectRatio", "/generationConfig/imageConfig/imageSize"


def unable(pointer: str, message: str, expected: str | None, hint: str | None, *, at_key: bool = False) -> Finding:
    return Finding(fault=Fault.ABILITY, pointer=pointer, message=message, expected=expected, help=hint, at_key=at_key)


def none_of(pointer: str, message: str, *others: str) -> Finding:
    """What the model lacks; `others` is who takes it instead."""
    return unable(pointer, message, None, "; ".join(("remove it", *others)), at_key=True)


ABILITIES: list[tuple[str, str, dict[str, Any], tuple[Finding, ...]]] = [
    (
        "a ratio of no model",
        FLASH,
        body(imageConfig={"aspectRatio": "7:5"}),
        (unable(RATIO, f"`7:5` is no aspect ratio of `{FLASH}`", FOURTEEN_NAMED, "the nearest are `4:3` and `3:2`"),),
    ),
    (
        "what is no ratio has no nearest, and is said once",
        FLASH,
        body(imageConfig={"aspectRatio": "wide"}),
        (unable(RATIO, f"`wide` is no aspect ratio of `{FLASH}`", FOURTEEN_NAMED, None),),
    ),
    *(
        (
            f"a ratio in other words: {word}",
            OLD,
            body(imageConfig={"aspectRatio": word}),
            (
                unable(
                    RATIO,
                    f"`{word}` is no aspect ratio of `{OLD}`",
                    "one of " + ", ".join(f"`{ratio}`" for ratio in TEN),
                    f"the nearest are {near}",
                ),
            ),
        )
        for word, near in (
            ("1920x1080", "`16:9` and `3:2`"),
            ("1024x1024", "`1:1` and `4:5`"),
            ("16/9", "`16:9` and `3:2`"),
            ("1080:1920", "`9:16` and `2:3`"),
        )
    ),
    *(
        (
            f"a size in other words: {word}",
            FLASH,
            body(imageConfig={"imageSize": word}),
            (
                unable(
                    SIZE,
                    f"`{word}` is no image size of `{FLASH}`",
                    "one of `512`, `1K`, `2K`, `4K`",
                    f"the nearest is `{near}`",
                ),
            ),
        )
        for word, near in (("1024x1024", "1K"), ("1920x1080", "2K"), ("1080p", "1K"), ("2160p", "2K"), ("16K", "4K"))
    ),
    (
        "a size in pixels",
        FLASH,
        body(imageConfig={"imageSize": "512px"}),
        (
            unable(
                SIZE,
                f"`512px` is no image size of `{FLASH}`",
                "one of `512`, `1K`, `2K`, `4K`",
                "the nearest is `512`",
            ),
        ),
    ),
    (
        "a small k",
        PRO,
        body(imageConfig={"imageSize": "2k"}),
        (unable(SIZE, f"`2k` is no image size of `{PRO}`", "one of `1K`, `2K`, `4K`", "the nearest is `2K`"),),
    ),
    (
        "half a K",
        FLASH,
        body(imageConfig={"imageSize": "0.5K"}),
        (
            unable(
                SIZE, f"`0.5K` is no image size of `{FLASH}`", "one of `512`, `1K`, `2K`, `4K`", "the nearest is `512`"
            ),
        ),
    ),
    (
        "no size at all",
        PRO,
        body(imageConfig={"imageSize": "0"}),
        (unable(SIZE, f"`0` is no image size of `{PRO}`", "one of `1K`, `2K`, `4K`", "the nearest is `1K`"),),
    ),
    (
        "a size that is no size",
        PRO,
        body(imageConfig={"imageSize": "large"}),
        (unable(SIZE, f"`large` is no image size of `{PRO}`", "one of `1K`, `2K`, `4K`", None),),
    ),
    (
        "the only size, and who draws the other",
        LITE,
        body(imageConfig={"imageSize": "4K"}),
        (
            unable(
                SIZE,
                f"`4K` is no image size of `{LITE}`",
                "`1K`",
                f"the nearest is `1K`; `{FLASH}` and `{PRO}` take it",
            ),
        ),
    ),
    (
        "a size where there is no choice",
        OLD,
        body(imageConfig={"imageSize": "1K"}),
        (
            none_of(
                SIZE,
                f"`{OLD}` takes no `imageSize`: its pictures have one size",
                f"`{FLASH}`, `{PRO}` and `{LITE}` take it",
            ),
        ),
    ),
    (
        "a modality",
        FLASH,
        body(responseModalities=["IMAGE", "AUDIO"]),
        (
            unable(
                "/generationConfig/responseModalities/1",
                f"`AUDIO` is no modality of `{FLASH}`",
                "one of `TEXT`, `IMAGE`",
                None,
            ),
        ),
    ),
    (
        "a thinking level",
        FLASH,
        body(thinkingConfig={"thinkingLevel": "LOW"}),
        (
            unable(
                "/generationConfig/thinkingConfig/thinkingLevel",
                f"`LOW` is no thinking level of `{FLASH}`",
                "one of `MINIMAL`, `HIGH`",
                None,
            ),
        ),
    ),
    ("a level where the table says nothing", PRO, body(thinkingConfig={"thinkingLevel": "LOW"}), ()),
    (
        "thinking at all",
        OLD,
        body(thinkingConfig={"includeThoughts": True}),
        (
            none_of(
                "/generationConfig/thinkingConfig",
                f"`{OLD}` does not think, so it takes no `thinkingConfig`",
                f"`{FLASH}` and `{LITE}` take it",
            ),
        ),
    ),
    *(
        (
            f"thinking by {next(iter(config))}",
            OLD,
            body(thinkingConfig=config),
            (
                none_of(
                    "/generationConfig/thinkingConfig",
                    f"`{OLD}` does not think, so it takes no `thinkingConfig`",
                    *others,
                ),
            ),
        )
        for config, others in (
            ({"thinkingBudget": 1024}, [f"`{FLASH}` and `{LITE}` take it"]),
            ({"thinkingBudget": -1, "includeThoughts": False}, [f"`{FLASH}` and `{LITE}` take it"]),
            ({"thinkingLevel": "HIGH"}, [f"`{FLASH}` and `{LITE}` take it"]),
        )
    ),
    *(
        (f"no thinking: {config}", OLD, body(thinkingConfig=config), ())
        for config in (
            {},
            {"thinkingBudget": 0},
            {"includeThoughts": False},
            {"includeThoughts": False, "thinkingBudget": 0},
        )
    ),
    (
        "tools of a model without any",
        LITE,
        tools({"googleSearch": {}}),
        (
            none_of(
                "/tools/0/googleSearch",
                f"`{LITE}` takes no `googleSearch`: of the built-in tools it has none",
                f"`{FLASH}` and `{PRO}` take it",
            ),
        ),
    ),
    (
        "other tools than the model has",
        FLASH,
        tools({"googleSearch": {}}, {"urlContext": {}}),
        (
            none_of(
                "/tools/1/urlContext",
                f"`{FLASH}` takes no `urlContext`: of the built-in tools it has `googleSearch`",
            ),
        ),
    ),
    ("functions may always be declared", LITE, tools({"functionDeclarations": [{"name": "f"}]}), ()),
    ("servers of one's own are no tool of the model's", LITE, tools({"mcpServers": [{"name": "museum"}]}), ()),
    *((f"a JPEG by its nickname for {name}", name, pictures(1, "image/jpg"), ()) for name in (FLASH, PRO, OLD, LITE)),
    (
        "a picture type with more behind it",
        OLD,
        pictures(1, "image/jpgx"),
        (
            unable(
                "/contents/0/parts/1/inlineData/mimeType",
                f"`image/jpgx` is no picture type that `{OLD}` reads",
                "one of `image/png`, `image/jpeg`, `image/webp`",
                "save the picture as PNG, JPEG or WebP",
            ),
        ),
    ),
    (
        "a search that the model has not",
        PRO,
        tools({"googleSearch": {"searchTypes": {"webSearch": {}, "imageSearch": {}}}}),
        (
            none_of(
                "/tools/0/googleSearch/searchTypes/imageSearch", f"`{PRO}` has no `imageSearch`", f"`{FLASH}` takes it"
            ),
        ),
    ),
    (
        "both searches",
        FLASH,
        tools({"googleSearch": {"searchTypes": {"webSearch": {}, "imageSearch": {}}}}),
        (),
    ),
    (
        "a picture that the model does not read",
        OLD,
        pictures(1, "image/heic"),
        (
            unable(
                "/contents/0/parts/1/inlineData/mimeType",
                f"`image/heic` is no picture type that `{OLD}` reads",
                "one of `image/png`, `image/jpeg`, `image/webp`",
                "save the picture as PNG, JPEG or WebP",
            ),
        ),
    ),
    ("other files are not in the table", OLD, pictures(1, "application/pdf"), ()),
    ("references are counted elsewhere", OLD, pictures(9), ()),
    (
        "a wrong type is the API's to say",
        FLASH,
        body(imageConfig={"imageSize": 512}),
        (Finding(fault=Fault.TYPE, pointer=SIZE, message="expected a string, got an integer", expected="a string"),),
    ),
    (
        "a misspelt value is the API's to say",
        FLASH,
        body(responseModalities=["IMAGES"]),
        (
            Finding(
                fault=Fault.VALUE,
                pointer="/generationConfig/responseModalities/0",
                message="`IMAGES` is not allowed here",
                expected="one of `TEXT`, `IMAGE`, `AUDIO`, `VIDEO`",
                help="did you mean `IMAGE`?",
            ),
        ),
    ),
]


@pytest.mark.parametrize(
    ("name", "tree", "expected"), [row[1:] for row in ABILITIES], ids=[row[0] for row in ABILITIES]
)
def test_what_a_model_does_not_do_is_found(name: str, tree: dict[str, Any], expected: tuple[Finding, ...]) -> None:
    assert check_request(tree, model(name)) == expected


@pytest.mark.parametrize("name", [FLASH, PRO, OLD, LITE])
def test_everything_of_a_models_row_is_taken(name: str) -> None:
    row = model(name).row
    for ratio in row["aspectRatios"]:
        assert check_request(body(imageConfig={"aspectRatio": ratio}), model(name)) == ()
    for size in row["imageSizes"]:
        assert check_request(body(imageConfig={"imageSize": size}), model(name)) == ()
    for level in row.get("thinkingLevels", ()):
        assert check_request(body(thinkingConfig={"thinkingLevel": level}), model(name)) == ()
    for tool in row["tools"]:
        assert check_request(tools({tool: {}}), model(name)) == ()
    for kind in row["inputTypes"]:
        assert check_request(pictures(1, kind), model(name)) == ()
    assert check_request(body(responseModalities=row["modalities"]), model(name)) == ()


def test_of_a_model_that_is_not_known_only_the_apis_own_schema_is_asked() -> None:
    tree = body(imageConfig={"aspectRatio": "7:5", "imageSize": "9K"}, thinkingConfig={"thinkingLevel": "LOW"})
    assert check_request(tree, None) == ()
    assert [
        (finding.fault, finding.message) for finding in check_request(body(imageConfig={"imageSize": "1k"}), None)
    ] == [(Fault.BOUNDS, "`1k` is not text like `512` or `1K` or `4K`")]


def test_a_row_without_a_key_restricts_nothing_there() -> None:
    made = built_in().with_row("mothra-1", {}).find("mothra-1")
    assert made is not None
    assert abilities(made) == {"properties": {"generationConfig": {"properties": {}}}}
    tree = body(imageConfig={"aspectRatio": "7:5", "imageSize": "9K"}, responseModalities=["VIDEO"])
    assert check_request({**tree, **tools({"googleMaps": {}})}, made) == ()


# The same as a JSON Schema of its own


def validator(name: str) -> Draft202012Validator:
    """Return a validator that knows nothing but the files, as any other program has them."""
    folder = Path(__file__).parent.parent / "schema"
    request = json.loads((folder / "request.schema.json").read_text(encoding="utf-8"))
    registry: Registry[Any] = Registry().with_resource("request.schema.json", Resource.from_contents(request))
    schema = json.loads((folder / "models" / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, registry=registry)


@pytest.mark.parametrize("name", [FLASH, PRO, OLD, LITE])
def test_the_shipped_schema_of_a_model_is_made_from_its_row(name: str) -> None:
    assert validator(name).schema == capability_schema(model(name))


@pytest.mark.parametrize(
    ("name", "tree", "expected"), [row[1:] for row in ABILITIES], ids=[row[0] for row in ABILITIES]
)
def test_the_schema_of_a_model_says_the_same_alone(
    name: str, tree: dict[str, Any], expected: tuple[Finding, ...]
) -> None:
    if tree == pictures(9):
        assert not validator(name).is_valid(tree)  # which it can count in one turn
    else:
        assert validator(name).is_valid(tree) is (not expected)


@pytest.mark.parametrize(("name", "most"), [(FLASH, 14), (OLD, 3)])
def test_the_schema_of_a_model_counts_the_pictures_of_a_turn(name: str, most: int) -> None:
    assert validator(name).is_valid(pictures(0))
    assert validator(name).is_valid(pictures(most))
    assert not validator(name).is_valid(pictures(most + 1))
    many = pictures(most)
    many["contents"][0]["parts"] += pictures(2, "application/pdf")["contents"][0]["parts"]
    assert validator(name).is_valid(many)


def test_the_schema_of_a_model_holds_the_apis_own() -> None:
    assert not validator(FLASH).is_valid({"contents": [{"parts": [{"txt": "x"}]}]})
    assert not validator(FLASH).is_valid({})


def test_the_schema_of_a_model_is_for_bodies_in_canonical_form() -> None:
    tree: Any = {"contents": {"parts": {"text": "x"}}, "generation_config": {"image_config": {"image_size": "4K"}}}
    assert validator(FLASH).is_valid(canonical(copy.deepcopy(tree)).tree)
    assert not validator(FLASH).is_valid(tree)


def test_a_model_of_the_project_has_a_schema_too() -> None:
    made = built_in().with_row("mothra-1", {"referenceImages": 2}).find("mothra-1")
    assert made is not None
    schema = capability_schema(made)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == "models/mothra-1.schema.json"
    assert schema["title"] == "The body of a generateContent request to mothra-1"


# Names of no model


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("gemini-3.1-flash-imag", f"did you mean `{FLASH}`?"),
        ("gemini-3-pro-imgae", f"did you mean `{PRO}`?"),
        ("gemini-2.5-flash-imge", f"did you mean `{OLD}`?"),
        ("gemini-3.2-flash-image", '`[models."gemini-3.2-flash-image"]` in `promptc.toml` can describe it'),
        ("gemini-3-flash-image", '`[models."gemini-3-flash-image"]` in `promptc.toml` can describe it'),
        ("gemini-31-flash-imag", f"did you mean `{FLASH}`?"),
        ("mothra-1", '`[models."mothra-1"]` in `promptc.toml` can describe it'),
    ],
)
def test_another_number_is_another_model_and_no_misspelling(name: str, hint: str) -> None:
    message = f"`{name}` is not in promptc's table of models: only the API's own schema was applied"
    severity = Severity.WARNING if hint.startswith("did you mean") else Severity.NOTE
    told = Finding(fault=Fault.MODEL, pointer=MODEL, message=message, help=hint, severity=severity)
    assert findings(body(), name, built_in()) == (told,)


# Sizes of pictures


@pytest.mark.parametrize(
    ("ratio", "size", "expected"),
    [
        ("1:1", "512", (512, 512)),
        ("1:1", "1K", (1024, 1024)),
        ("1:1", "2K", (2048, 2048)),
        ("1:1", "4K", (4096, 4096)),
        ("16:9", "512", (688, 384)),
        ("16:9", "1K", (1376, 768)),
        ("16:9", "2K", (2752, 1536)),
        ("16:9", "4K", (5504, 3072)),
        ("9:16", "2K", (1536, 2752)),
    ],
)
def test_pixels_follow_ratio_and_size(ratio: str, size: str, expected: tuple[int, int]) -> None:
    assert pixels(ratio, size) == expected


@pytest.mark.parametrize("ratio", FOURTEEN)
@pytest.mark.parametrize("size", ["512", "1K", "2K", "4K"])
def test_a_picture_of_a_ratio_is_nearest_to_that_ratio_at_every_size(ratio: str, size: str) -> None:
    assert nearest_ratio(*pixels(ratio, size), FOURTEEN) == ratio


@pytest.mark.parametrize(
    ("picture", "ratio"), [((1344, 768), "16:9"), ((1000, 990), "1:1"), ((10, 1000), "1:8"), ((1600, 690), "21:9")]
)
def test_the_nearest_ratio_forgives_some_pixels(picture: tuple[int, int], ratio: str) -> None:
    assert nearest_ratio(*picture, FOURTEEN) == ratio


def test_edges_and_ratios_as_numbers() -> None:
    assert [edge(size) for size in ("512", "1K", "2K", "4K")] == [512, 1024, 2048, 4096]
    assert (ratio_value("16:9"), ratio_value("1:1"), ratio_value("1:4")) == (16 / 9, 1.0, 0.25)
    assert sides("21:9") == (21, 9)


@pytest.mark.parametrize(
    ("config", "known"),
    [
        ({"aspectRatio": "7:5", "imageSize": "9K"}, {"aspectRatio": "7:5", "imageSize": "9K"}),
        ({"aspectRatio": "wide", "imageSize": "1k"}, {}),
        ({"aspectRatio": "1:0", "imageSize": 512, "style": "woodcut"}, {}),
        ({"aspectRatio": ["1:1"], "imageSize": None}, {}),
        ({}, {}),
    ],
)
def test_only_what_means_something_is_drawn(config: dict[str, Any], known: dict[str, str]) -> None:
    assert drawable(config) == known
