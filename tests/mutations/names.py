"""Mistakes in names: misspelt, at the wrong place, written twice, or missing."""

import re
from collections.abc import Iterator

from promptc.compiler.words import API
from promptc.findings import Fault
from promptc.schema import camel_case
from promptc.tree import child
from tests.mutations.mutation import NAMES, Mutation
from tests.mutations.walk import Path, Spot, pointer, put, renamed, spots, without


def misspelt(body: object) -> Iterator[Mutation]:
    """Misspell every key of every message, in each of the ways."""
    everything = spots(body)
    messages = {spot.path: spot for spot in everything if spot.is_message}
    for spot in everything:
        if spot.field is None or not isinstance(spot.path[-1], str):
            continue
        known = messages[spot.path[:-1]].known
        for way, name in misspellings(spot.path[-1]):
            if camel_case(name) in known or name in known:
                continue
            yield Mutation(
                what=f"{spot.pointer} as {name}",
                body=renamed(body, spot.path, name),
                pointer=child(pointer(spot.path[:-1]), name),
                faults=NAMES,
                meant=spot.field.removeprefix("_") if way == "letter" else None,  # one field has two names
            )


def misspellings(key: str) -> Iterator[tuple[str, str]]:
    """Yield names near a key; those of kind `letter` are one slip of a finger away."""
    middle = len(key) // 2
    made = [
        ("letter", key[:middle] + key[middle + 1 :]),
        ("letter", key[:-1]),
        ("letter", key[: middle - 1] + key[middle] + key[middle - 1] + key[middle + 1 :]),
        ("letter", key[:middle] + key[middle] + key[middle:]),
        ("letter", key + "s"),
        ("case", key[0].upper() + key[1:]),
        ("case", key.upper()),
        ("case", key.replace("_", "-") if "_" in key else re.sub("([A-Z])", r"-\1", key).lower() + "-"),
        ("underscore", key.replace("_", "__") if "_" in key else re.sub("([A-Z])", r"__\1", key).lower()),
        ("underscore", f"{key}_"),
    ]
    seen = {key}
    for way, name in made:
        if name and name not in seen:
            seen.add(name)
            yield way, name


def picture_settings(body: object) -> Iterator[Mutation]:
    """Put the picture's shape where the commonest mistake puts it: a level too high, or two."""
    config = next((spot.path for spot in spots(body) if spot.field == "generationConfig"), ("generationConfig",))
    for name, value in (("aspectRatio", "16:9"), ("imageSize", "1K"), ("aspect_ratio", "1:1"), ("image_size", "1K")):
        for holder in (config, ()):
            path: Path = (*holder, name)
            yield Mutation(
                what=f"{name} at {pointer(path)}",
                body=put(put(body, holder, at_or_new(body, holder)), path, value),
                pointer=pointer(path),
                faults=NAMES,
                said=("imageConfig",),
            )


def at_or_new(body: object, path: Path) -> object:
    """Return the value at a place, or an empty message."""
    return next((spot.value for spot in spots(body) if spot.path == path), {})


def misplaced(body: object) -> Iterator[Mutation]:
    """Move every field to the message around its own, and to each message beside it."""
    everything = spots(body)
    messages = {spot.path: spot for spot in everything if spot.is_message}
    for spot in everything:
        if spot.field is None or not isinstance(spot.path[-1], str):
            continue
        here = spot.path[:-1]
        around = next((here[:k] for k in range(len(here) - 1, -1, -1) if here[:k] in messages), None)
        beside = [path for path in messages if path != here and len(path) > 0 and path[:-1] == here[:-1]]
        within = [path for path in messages if path[:-1] == here and path != spot.path]
        for target in (*([around] if around is not None else []), *beside[:2], *within[:2]):
            if spot.field in messages[target].known or _inside(target, spot.path):
                continue
            path = (*target, spot.path[-1])
            yield Mutation(
                what=f"{spot.pointer} moved to {pointer(path)}",
                body=without(put(body, path, spot.value), spot.path),
                pointer=pointer(path),
                faults=NAMES,
                said=said(spot, path),
                also=(pointer(here),),
            )


def said(spot: Spot, path: Path) -> tuple[str, ...]:
    """Return what is said of a field at a wrong place: where it belongs, if that is not too common a name."""
    if spot.field == "text" and re.fullmatch(r"(/contents(/\d+)?)/text", pointer(path)):
        return ("text is a part: `parts` is a list of objects with `text`",)
    return () if spot.home == "Schema" else ("is a field of",)


def _inside(path: Path, other: Path) -> bool:
    return path[: len(other)] == other


def twice(body: object) -> Iterator[Mutation]:
    """Write one field in both spellings, in either order."""
    for spot in spots(body):
        if spot.field is None or not re.search("[A-Z]", spot.field) or not isinstance(spot.path[-1], str):
            continue
        snake = re.sub("([A-Z])", r"_\1", spot.field).lower()
        for first, second in ((spot.field, snake), (snake, spot.field)):
            path = (*spot.path[:-1], second)
            yield Mutation(
                what=f"{spot.pointer} as {first} and {second}",
                body=put(renamed(body, spot.path, first), path, spot.value),
                pointer=pointer(path),
                faults=frozenset({Fault.TWICE}),
                said=(first, second),
            )


def missing(body: object) -> Iterator[Mutation]:
    """Take away each field that must be there."""
    for spot in spots(body):
        if spot.is_message and isinstance(spot.value, dict):
            for key in spot.value:
                name = key if key in spot.known else camel_case(key)
                if name in spot.schema.get("required", ()):
                    yield Mutation(
                        what=f"{spot.pointer} without {key}",
                        body=without(body, (*spot.path, key)),
                        pointer=spot.pointer,
                        faults=frozenset({Fault.MISSING}),
                        said=(f"`{name}`",),
                    )


def in_empty_messages(body: object) -> Iterator[Mutation]:
    """Write an unknown key into every message, the empty ones included."""
    for spot in spots(body):
        if spot.is_message and isinstance(spot.value, dict):
            for name in ("unknown", "query", "model_armor_config"):
                if camel_case(name) not in spot.known:
                    path = (*spot.path, name)
                    yield Mutation(
                        what=f"{name} in {spot.pointer or 'the body'}",
                        body=put(body, path, {"a_b": None}),
                        pointer=pointer(path),
                        faults=NAMES,
                    )


def unknown_tools(body: object) -> Iterator[Mutation]:
    """Add a tool that the API does not have, beside each tool and of its own."""
    for spot in spots(body):
        if {"googleSearch", "functionDeclarations"} <= set(spot.known):
            for name in ("webBrowser", "google_serach", "googleSearchs", "function_declaration"):
                yield Mutation(
                    what=f"{name} beside the tools of {spot.pointer}",
                    body=put(body, (*spot.path, name), {}),
                    pointer=pointer((*spot.path, name)),
                    faults=NAMES,
                )
                yield Mutation(
                    what=f"{name} for the tools of {spot.pointer}",
                    body=put(body, spot.path, {name: {}}),
                    pointer=pointer((*spot.path, name)),
                    faults=NAMES,
                )


def other_words(body: object) -> Iterator[Mutation]:
    """Write what other APIs call things, at the top, in the configuration and in every turn."""
    everything = [spot for spot in spots(body) if spot.is_message and isinstance(spot.value, dict)]
    for spot in everything:
        if spot.path and not {"parts", "temperature"} & set(spot.known):
            continue
        for word, advice in API.items():
            snake = re.sub("([A-Z])", r"_\1", word).lower()
            for name in {word, snake}:
                yield Mutation(
                    what=f"{name} in {spot.pointer or 'the body'}",
                    body=put(body, (*spot.path, name), "x"),
                    pointer=pointer((*spot.path, name)),
                    faults=NAMES,
                    said=(advice,),
                )


def json_schema_keywords(body: object) -> Iterator[Mutation]:
    """Write JSON Schema where the API's own schema language belongs."""
    advice = "that is JSON Schema: it goes into `responseJsonSchema`, or a function's `parametersJsonSchema`"
    for spot in spots(body):
        if {"propertyOrdering", "nullable"} <= set(spot.known):
            for name in ("additionalProperties", "$ref", "$defs", "oneOf", "allOf", "const", "examples", "uniqueItems"):
                yield Mutation(
                    what=f"{name} in {spot.pointer}",
                    body=put(body, (*spot.path, name), {}),
                    pointer=pointer((*spot.path, name)),
                    faults=NAMES,
                    said=(advice,),
                )
