"""C++ source without what a brace counter must not see: comments, literals, preprocessor lines."""

import re

TOKEN = re.compile(
    r"""
      (?P<line>//(?:\\\n|[^\n])*)
    | (?P<block>/\*.*?\*/)
    | (?P<raw>(?:u8|u|U|L)?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
    | (?P<number>(?<![\w.])\d(?:'?[\w.])*)
    | (?P<text>"(?:\\.|[^"\\\n])*")
    | (?P<char>'(?:\\.|[^'\\\n])*')
    """,
    re.VERBOSE | re.DOTALL,
)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def without_comments(source):
    """`source` with its comments blanked; lines and columns stay."""

    def replace(match):
        return _blank(match[0]) if match["line"] or match["block"] else match[0]

    return TOKEN.sub(replace, source)


def code_only(source):
    """`source` with comments, the insides of literals, and directives blanked; lines and columns stay."""

    def replace(match):
        found = match[0]
        if match["line"] or match["block"]:
            return _blank(found)
        if match["raw"] or match["text"]:
            return '"' + _blank(found[1:-1]) + '"'
        return "0" + _blank(found[1:])

    return DIRECTIVE.sub(lambda match: _blank(match[0]), TOKEN.sub(replace, source))
