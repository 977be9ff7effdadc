"""What other tools and APIs call things, and what they are called here."""

from promptc.diagnostics import did_you_mean
from promptc.schema import roles

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

_ROLES = {"assistant": "model", "ai": "model", "bot": "model", "human": "user", "tool": "function"}


def role_advice(role: str) -> str | None:
    """Return what to do about a role that the API does not know."""
    if role.lower() in {"system", "developer"}:
        return "what the system says stands in `systemInstruction`"
    if role.lower() in _ROLES:
        return f"the API's word is `{_ROLES[role.lower()]}`"
    return did_you_mean(role, roles())
