"""The index of diagnostic codes: one line each, the source of `docs/errors.md`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of diagnostic: its name, what it means, what usually mends it."""

    name: str
    meaning: str
    remedy: str


CODES: dict[str, Code] = {
    # files and projects
    "P001": Code("toml-syntax", "The file is not valid TOML.", "Mend the line that is shown."),
    "P002": Code("unreadable-file", "A file is missing or is not UTF-8 text.", "Check the path and the encoding."),
    "P003": Code("unknown-key", "A table has a key that means nothing there.", "Correct the spelling or remove the key."),
    "P004": Code("wrong-type", "A key holds another type than it takes.", "Write a value of the type that is named."),
    "P005": Code("unsupported-version", "A project file was written for another promptc.", "Install the version that is named."),
    "P006": Code("bad-name", "A spec or case has a name that can't be a file name everywhere.", "Use letters, digits, `_` and `-`."),
    "P007": Code("duplicate-name", "Two specs or cases differ in nothing but letter case, or not at all.", "Rename one of them."),
    "P008": Code("bad-value", "A key holds a value that is not allowed there.", "Use one of the values that are named."),
    "P009": Code("json-syntax", "The file is not valid JSON.", "Mend the place that is shown."),
    # the spec language
    "P101": Code("missing-key", "A table lacks a key that it needs.", "Add the key."),
    "P102": Code("misplaced-key", "A key stands below a table header that it doesn't belong to.", "Move it above the first header."),
    "P103": Code("bad-turns", "The turns don't make a conversation.", "Start and end with a turn of the user's, one reply between two."),
    "P104": Code("bad-part", "A part holds nothing, or more than one thing.", "Give each part exactly one of `text`, `image` or an API field."),
    "P105": Code("not-json", "A value has no counterpart in JSON.", "Quote it, or use a finite number below 2^53."),
    "P106": Code("bad-matrix", "A matrix axis is no list, is empty, or names no variable.", "Give each axis a list of values."),
    "P107": Code("unchecked-fields", "The spec adds fields that no schema has checked.", "Move them into the API's tables once the schema knows them."),
    "P108": Code("bad-extends", "A spec extends what it can't extend, or removes what isn't there.", "Name a TOML file of the project that leads in no circle, and keys that it has."),
    "P109": Code("bad-front-matter", "A Jinja spec has no front matter, or it is never closed.", "Put the TOML between two lines `+++` at the top of the file."),
    # variables and templates
    "P201": Code("undefined-variable", "A template uses a name that no variable declares.", "Declare it, or correct the spelling."),
    "P202": Code("missing-variable", "A variable has neither a value nor a default.", "Give it a default, or a value in the case."),
    "P203": Code("bad-variable-value", "A variable's value breaks its declaration.", "Change the value or the declaration."),
    "P204": Code("bad-variable", "A variable's declaration is no JSON Schema that promptc knows.", "Use JSON Schema keywords and `default`."),
    "P205": Code("unused-variable", "A variable is declared and never used.", "Use it or remove it."),
    "P206": Code("template-syntax", "A template is not valid Jinja.", "Mend the place that is shown."),
    "P207": Code("template-failed", "A template could not be evaluated.", "Mend the expression that is shown."),
    "P208": Code("not-text", "An expression gives something that has no text.", "Turn it into text with a filter."),
    "P209": Code("image-as-text", "An image stands where only text can stand.", "Put it into a part of its own: `{ image = … }`."),
    "P210": Code("variable-set-twice", "A case and the matrix set the same variable.", "Remove it from one of them."),
    "P211": Code("template-too-costly", "A template would take too much time or memory.", "Let it make less, in fewer steps."),
    "P212": Code("bad-include", "A file to include or import is not there, is no template, or includes itself.", "Correct the path, or move what both need into a file of its own."),
    # images
    "P301": Code("image-missing", "An image file does not exist.", "Add the file or correct the path."),
    "P302": Code("image-unreadable", "A file is no picture of a type that the API takes, or is cut short.", "Save it again as PNG, JPEG or WebP."),
    "P303": Code("image-changed", "An image is not the one that its `sha256` pins.", "Restore the file, or write the new digest."),
    "P304": Code("outside-project", "A path leads out of the project.", "Copy the file into the project."),
    "P305": Code("unpinned-uri", "What a URI points to can change; no digest pins it.", "Nothing, or save the file in the project and name its path."),
    "P306": Code("file-too-large", "A file has more bytes, a picture more pixels, or a pattern more files than promptc takes.", "Make it smaller, or name fewer."),
    # the request
    "P401": Code("unknown-field", "The API has no field of that name at that place.", "Correct the name or move the field."),
    "P402": Code("field-type", "A field holds another type than the API takes.", "Write a value of the type that is named."),
    "P403": Code("field-value", "A field holds a value that the API refuses.", "Use one of the values that are named."),
    "P404": Code("field-missing", "The API needs a field that is not there.", "Add the field."),
    "P405": Code("field-choice", "An object must hold exactly one of several fields.", "Leave one of them."),
    "P406": Code("field-twice", "One field is written in two spellings in one object.", "Remove one of them."),
    "P407": Code("field-bounds", "A number, text or list is too small or too large.", "Stay within the bounds that are named."),
    "P408": Code("model-ability", "The model does not do what the request asks of it.", "Use what it does, or another model; `[models]` in `promptc.toml` corrects the table."),
    "P409": Code("model-name", "The model is not known, or is retired.", "Correct the name, move to the successor, or describe the model in `promptc.toml`."),
    "P410": Code("later-step", "A later step's request needs an answer that is not recorded yet.", "Record the case."),
    "P411": Code("bad-roles", "The roles of the turns make no conversation.", "Use `user` and `model`, in turns, the user's first and last."),
    "P412": Code("modality-mismatch", "A picture is asked for without the modality, or the reverse.", "Make `responseModalities` say what is wanted."),
    "P413": Code("over-limit", "The request holds more than the API or the model takes.", "Send fewer or smaller files, or upload them and name their URIs."),
    "P414": Code("bad-json-schema", "A JSON Schema in the request, or in an expectation, is none.", "Mend the keyword that is shown."),
    "P415": Code("media-type-mismatch", "A file's bytes are not what is declared, are cut short, or are not there.", "Declare the type of the bytes, and send all of them."),
    "P416": Code("no-effect", "Something in the request can have no effect.", "Remove it, or complete it."),
    "P417": Code("conflicting-fields", "Two fields of the request don't go together, or one needs another.", "Keep one of them, or add the one that is missing."),
    # recordings
    "P501": Code("stale-recording", "The request has changed since its answer was recorded.", "Record the case again."),
    "P502": Code("missing-recording", "No answer is recorded for the case.", "Record the case."),
    "P503": Code("damaged-recording", "A cassette or one of its files can't be read as promptc wrote it.", "Restore it from version control, or record again."),
    "P504": Code("foreign-recording", "A cassette was written by another version or tool.", "Use the version that is named, or record again."),
    "P505": Code("pending-recording", "A new answer waits to be accepted.", "Look at it with `promptc review`, which accepts or rejects it."),
    "P506": Code("orphaned-recording", "A recording belongs to no spec or case.", "Remove it with `promptc prune`, or restore the spec."),
    "P507": Code("stand-in-recording", "The recording was made by the emulator and doesn't count for this target.", "Record from the API, or set `allow_emulator = true`."),
    "P508": Code("secret-found", "Something secret was about to be sent or written.", "Take the key out of the spec; keys belong into the environment."),
    "P509": Code("not-written", "A recording could not be written.", "Make room, or make the folder writable."),
    "P510": Code("misnamed-file", "A picture beside a cassette bears another one's name.", "Let `promptc record` give the files their names."),
    "P511": Code("unfetched-file", "Git LFS has not fetched a recording or one of its files.", "Fetch it with `git lfs pull`."),
    "P512": Code("lost-file", "A file that a recording needs is not there.", "Restore it from version control, or record again."),
    "P513": Code("altered-file", "A file beside a cassette does not hold the bytes that were recorded.", "Restore it from version control, or record again."),
    "P514": Code("unreferenced-file", "A file beside the recordings is one that no recording refers to.", "Remove it with `promptc prune`."),
    "P515": Code("expired-recording", "A recording is older than `max_age` in `promptc.toml` allows.", "Record the case again with `promptc record --all`."),
    "P516": Code("unreadable-import", "A file to import is no plain vcrpy cassette.", "Name a cassette that vcrpy has written, or write the file again."),
    "P517": Code("unmatched-interaction", "No case takes an interaction of a file that was imported.", "Make a spec ask the same, or leave it: the file stays as it is."),
    # answers
    "P601": Code("expectation-failed", "The answer is not what the spec expects.", "Look at the answer; mend the prompt or the expectation."),
    "P602": Code("answer-unreadable", "The answer is not in a form that promptc can read.", "Record again; if it stays, the API has changed."),
    "P603": Code("blocked", "A step has no content to go on from.", "Change the prompt, or expect the block."),
    "P604": Code("only-a-thought", "The only picture came as a thought; it was used.", "Record again if a final picture is wanted."),
    "P605": Code("mislabelled-picture", "A picture of an answer is not of the type that the answer says.", "Nothing, or tell whoever runs the gateway; expect `mediaType` where the type matters."),
    # the wire
    "P701": Code("no-answer", "The network gave no usable answer.", "Try again; promptc has kept the old recording."),
    "P702": Code("refused", "The API answered with an error.", "Do what the API's message says; promptc has kept the old recording."),
    "P703": Code("offline", "Something wanted the network in record mode `none`.", "Record the case, or choose another record mode."),
}  # fmt: skip
"""Every code that a diagnostic can carry."""

_GROUPS = {
    "P0": "files and projects",
    "P1": "the spec language",
    "P2": "variables and templates",
    "P3": "images",
    "P4": "the request",
    "P5": "recordings",
    "P6": "answers",
    "P7": "the wire",
}


def group_of(code: str) -> str:
    """Return what the codes of a code's hundred are about."""
    return _GROUPS[code[:2]]
