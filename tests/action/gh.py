"""Stands in for `gh` in the Action's tests: a forge of one file, which remembers comments and calls."""

import json
import os
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    file = Path(os.environ["FORGE"])
    forge = json.loads(file.read_text())
    forge["calls"].append([word for word in arguments if not word.startswith("query=")])
    code = answer(forge, arguments)
    file.write_text(json.dumps(forge))
    return code


def answer(forge: dict[str, object], arguments: list[str]) -> int:
    if forge["refusal"] or not os.environ.get("GH_TOKEN"):
        sys.stderr.write(f"{forge['refusal'] or 'gh: set GH_TOKEN'}\n")
        return 1
    comments = forge["comments"]
    assert isinstance(comments, list)
    path = next(word for word in arguments if "/" in word or word == "graphql")
    if path == "graphql":  # what the filter leaves of the answer; a test of its own runs the filter
        for comment in comments:
            if comment["mine"]:
                sys.stdout.write(f"{comment['id']} {comment['body'].splitlines()[0]}\n")
    elif "/pulls/" in path:
        sys.stdout.write(f"{forge['head']}\n")
    else:
        (body,) = (Path(word[6:]).read_text() for word in arguments if word.startswith("body=@"))
        if "PATCH" in arguments:
            next(each for each in comments if path.endswith(f"/{each['id']}"))["body"] = body
        else:
            comments.append({"id": 100 + len(comments), "mine": True, "body": body})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
