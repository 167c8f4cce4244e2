"""google/robotstxt's own cases, put to the reader our crawler obeys: counts and differences.

    python benchmarks/peers/robots.py …/robotstxt/robots_test.cc [--show]

README.md beside this file says how to get it. Their test is C++; the strings it declares and the
lines that expect an address to be allowed or not are read out of it. Tests whose names begin with
``GoogleOnly`` go beyond RFC 9309 and are counted apart.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from crawler.robots_text import parse_robots  # noqa: E402

#: tests that build their files with loops, or ask for something else than allowed or not
_TEST = re.compile(r"^TEST\(RobotsUnittest, (\w+)\) \{$(.*?)^\}$", re.MULTILINE | re.DOTALL)
_TOKEN = re.compile(
    r"//[^\n]*|(?P<brace>[{}])"
    r"|(?:const absl::string_view|(?:const )?std::string) (?P<name>\w+) =\s*"
    r"(?P<value>(?:\"(?:[^\"\\]|\\.)*\"\s*)+);"
    r"|EXPECT_(?P<wish>TRUE|FALSE)\(\s*IsUserAgentAllowed\((?P<given>.*?)\)\);",
    re.DOTALL,
)
_ARGUMENT = re.compile(r"\s*((?:\"(?:[^\"\\]|\\.)*\"\s*)+|\w+)\s*(?:,|$)")


def text(literals: str) -> str:
    """The value of C++ string literals that stand side by side; their escapes are Python's."""
    pieces = re.findall(r"\"(?:[^\"\\]|\\.)*\"", literals)
    return "".join(ast.literal_eval(piece) for piece in pieces)


def cases(source: str) -> list[tuple[str, str, str, str, bool]]:
    """Test name, robots.txt, user agent, address, and whether it must be allowed."""
    found = []
    for test in _TEST.finditer(source):
        scopes: list[dict[str, str]] = [{}]
        if "while (" in test[2]:
            continue
        for token in _TOKEN.finditer(test[2]):
            if token["brace"] == "{":
                scopes.append({})
            elif token["brace"]:
                scopes.pop()
            elif token["name"]:
                scopes[-1][token["name"]] = text(token["value"])
            elif token["wish"]:
                names = {name: value for scope in scopes for name, value in scope.items()}
                given = [
                    text(part) if part.startswith('"') else names[part]
                    for part in (match[1].strip() for match in _ARGUMENT.finditer(token["given"]))
                ]
                robots, agent, url = given
                found.append((test[1], robots, agent, url, token["wish"] == "TRUE"))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--show", action="store_true", help="print what differs")
    arguments = parser.parse_args()
    passed: Counter[str] = Counter()
    differing: Counter[str] = Counter()
    stricter: Counter[str] = Counter()
    for name, robots, agent, url, wanted in cases(arguments.file.read_text(encoding="utf-8")):
        group = "beyond the RFC" if name.startswith("GoogleOnly") else "RFC 9309"
        allowed = parse_robots(robots).can_fetch(url, agent)
        if allowed is wanted:
            passed[group] += 1
            continue
        (differing if allowed else stricter)[f"{group}: {name}"] += 1
        if arguments.show:
            print(f"{name}: {agent} {url} wanted {wanted}\n{robots}")  # noqa: T201
    report = {
        "passed": dict(passed),
        "more lenient than wanted": dict(differing),
        "stricter than wanted": dict(stricter),
    }
    print(json.dumps({"robotstxt": report}, indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
