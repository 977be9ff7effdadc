"""What other tools and APIs call things, and what they are called here."""

import re

from promptc.diagnostics import did_you_mean
from promptc.schema import roles
from promptc.source import Span

SPEC = {
    "assert": "expect",
    "asserts": "expect",
    "config": "generationConfig",
    "instructions": "system",
    "messages": "turns",
    "prompt": "turns",
    "prompts": "turns",
    "providers": "matrix",
    "scenarios": "cases",
    "tests": "cases",
    "vars": "variables",
}
"""At the top of a spec."""

API = {
    "choices": "this is the answer of another API; this one's has `candidates`",
    "config": "over the wire, the SDKs' `config` is `generationConfig`, `tools`, `safetySettings` and others",
    "content": "a turn's content is its `parts`",
    "function": "`functionDeclarations` lists functions",
    "imageUrl": "a picture is `inlineData` with its bytes, or `fileData` with the URI of an uploaded file",
    "instructions": "what the model shall heed throughout stands in `systemInstruction`",
    "maxCompletionTokens": "`generationConfig.maxOutputTokens` is the limit",
    "maxTokens": "`generationConfig.maxOutputTokens` is the limit",
    "messages": "the API's word is `contents`: turns with `role` and `parts`",
    "n": "`generationConfig.candidateCount` is the number of answers",
    "prompt": "the API's word is `contents`: turns with `role` and `parts`",
    "reasoningEffort": "`generationConfig.thinkingConfig` says how much to think",
    "size": "a picture's shape is `generationConfig.imageConfig`, with `aspectRatio` and `imageSize`",
    "stop": "`generationConfig.stopSequences` lists texts that end the answer",
    "stream": "a stream is asked for by the method: `streamGenerateContent`",
    "system": "what the model shall heed throughout stands in `systemInstruction`",
    "systemPrompt": "what the model shall heed throughout stands in `systemInstruction`",
    "toolChoice": "`toolConfig.functionCallingConfig` says which functions may be called",
}
"""In a request, by their name in camelCase: what to do instead."""

TURN = {
    "content": 'what is said is `text = "…"`, or `parts = [ … ]`',
    "file": "a file is a part: `parts = [{ file = … }]`",
    "image": "a picture is a part: `parts = [{ image = … }]`",
    "images": "pictures are parts: `parts = [{ image = [ … ] }]`",
    "message": 'what is said is `text = "…"`, or `parts = [ … ]`',
    "uri": "a file behind a URI is a part: `parts = [{ uri = … }]`",
}
"""In a turn."""

PART = {
    "content": "text is `text`, a picture is `image`",
    "image_url": "a picture of the project is `image`, one behind a URI `uri`",
    "media": "a picture is `image`, another file `file`",
    "path": "a picture is `image`, another file `file`",
    "type": "a part says by its key what it is: `{ text = … }` or `{ image = … }`",
    "url": "a file behind a URI is `uri`",
}
"""In a part of a turn."""

TAGS = {
    "assistant": "the API's word is `{% model %}`",
    "break": "take fewer with a slice or a filter: `{% for moth in moths[:3] %}`",
    "continue": "`{% for moth in moths if … %}` passes over the others",
    "elseif": "Jinja says `{% elif … %}`",
    "endreply": "`{% reply %}` stands alone: the recorded answer goes there",
    "human": "the API's word is `{% user %}`",
}
"""As tags of a template."""

FILTERS = {
    "e": "nothing is made for HTML here",
    "escape": "nothing is made for HTML here",
    "pprint": "`| tojson` writes a value as JSON",
    "random": "it would compile one spec to several requests",
    "safe": "nothing is made for HTML here",
}
"""Filters of Jinja's that are not there."""

_NAMES = {
    "caller": "`caller` means something in a macro that is called by `{% call %}` only",
    "image": 'call it: `{{ image("picture.png") }}`',
    "len": "a filter counts: `moths | length`",
    "loop": "`loop` means something inside of `{% for %}` only",
    "model": "`{% model %}` is a tag; a variable of that name can't be declared",
    "self": "`self` means nothing in a spec",
    "str": "a filter makes text: `count | string`",
    "int": "a filter makes a number: `count | int`",
    "system": "`{% system %}` is a tag: it needs the percent signs",
    "user": "`{% user %}` is a tag: it needs the percent signs",
}
_PATH = re.compile(r"[\w/-]*\.(?:png|jpe?g|webp|gif|heic|txt|j2|pdf)\b")

_ROLES = {"assistant": "model", "ai": "model", "bot": "model", "human": "user", "tool": "function"}


def name_advice(name: str, span: Span) -> str | None:
    """Return what to do about a name that nothing declares, where it is one of those that people try."""
    if _PATH.match(span.source.text, span.start):
        return "a path is text: put quotes around it"
    return _NAMES.get(name)


def role_advice(role: str) -> str | None:
    """Return what to do about a role that the API does not know."""
    if role.lower() in {"system", "developer"}:
        return "what the system says stands in `systemInstruction`"
    if role.lower() in _ROLES:
        return f"the API's word is `{_ROLES[role.lower()]}`"
    return did_you_mean(role, roles())
