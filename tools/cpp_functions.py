"""Finds functions in C++ source by their braces: their length, parameters and nesting.

It knows no types and expands no macros. What it goes by is the text between one `;`, `{` or `}` and the next `{`.
A lambda is a function of its own, whose lines also count for the function around it.
"""

import re
from dataclasses import dataclass

from cpp_text import code_only

CONTROL = re.compile(r"^(?:else\s+if|if|for|while|switch|else|do|try|catch)\b\s*(?:constexpr\b)?\s*")
NAMESPACE = re.compile(r'^(?:inline\s+)?namespace\b|^extern\s*"')
TYPE = re.compile(r"^(?:typedef\s+)?(?:class|struct|union|enum)\b")
LABEL = re.compile(r"^(?:(?:public|private|protected)\s*:|(?:case\b[^:]*(?:::[^:]*)*|default\s*):(?!:))\s*")
NO_FUNCTION = re.compile(r"^(?:using|typedef|friend\s+class|static_assert|return|goto|throw|namespace)\b")
# What may stand between a parameter list and the body.
TRAILER = re.compile(r"^(?:const|volatile|noexcept|override|final|mutable|try|&&?|->.*|requires\b.*|\[\[.*)?$", re.DOTALL)


@dataclass
class Function:
    """A function with a body, or (`lines` 0) one that is only declared."""

    name: str
    line: int
    lines: int = 0
    parameters: int = 0
    nesting: int = 0


@dataclass
class Block:
    """An open brace."""

    kind: str  # namespace, type, function, control, values
    depth: int = 0  # of control blocks within the function, this one included
    function: Function | None = None


def close_bracket(text, start):
    """The index behind the bracket that closes the one at `start`; the length of `text` if none does."""
    depth = 0
    for index in range(start, len(text)):
        depth += (text[index] in "([{") - (text[index] in ")]}")
        if depth == 0:
            return index + 1
    return len(text)


def close_angle(text, start):
    """The index behind the `>` that closes the `<` at `start`; the length of `text` if none does."""
    depth = 0
    for index in range(start, len(text)):
        depth += (text[index] == "<") - (text[index] == ">" and text[index - 1] != "-")
        if depth == 0:
            return index + 1
    return len(text)


def without_template(head):
    """`head` behind leading `template <...>`, `requires (...)` and attributes."""
    while True:
        head = head.lstrip()
        if head.startswith("[["):
            head = head[close_bracket(head, 0):]
        elif match := re.match(r"requires\s*(?=\()", head):
            head = head[close_bracket(head, match.end()):]
        elif match := re.match(r"requires\s+[\w:]+(?:<[^()]*?>)?\s+(?=struct|class)", head):
            head = head[match.end():]
        elif match := re.match(r"template\s*(?=<)", head):
            head = head[close_angle(head, match.end()):]
        else:
            return head


def count_parameters(text):
    """How many parameters stand in `text`, a list without its brackets."""
    if not text.strip() or text.strip() == "void":
        return 0
    depth, count = 0, 1
    for index, letter in enumerate(text):
        arrow = letter == ">" and text[index - 1: index] in ("-", "=")
        depth += (letter in "([{<") - (letter in ")]}>" and not arrow)
        count += letter == "," and depth == 0
    return count


def parameter_list(head):
    """(name, parameters, rest) of the function that `head` begins, or None."""
    depth = 0
    for index, letter in enumerate(head):
        if letter == "=" and depth == 0 and not head[:index].rstrip().endswith("operator"):
            return None
        depth += (letter == "<") - (letter == ">" and head[index - 1] != "-")
        if letter != "(" or (depth > 0 and "operator" not in head[:index]):
            continue
        name = re.search(r"(operator\s*(?:\(\s*\)|[^\s\w(]+|[\w:<>\s*&]+)|~?[\w:~]+)\s*$", head[:index])
        if not name or name[1] in ("decltype", "noexcept", "alignas", "requires", "explicit"):
            continue
        if name[1].strip() == "operator" and head[index + 1:].lstrip().startswith(")"):
            continue
        end = close_bracket(head, index)
        return name[1].strip(), count_parameters(head[index + 1: end - 1]), head[end:].strip()
    return None


def lambda_parameters(head):
    """How many parameters the lambda has whose body follows `head`, or None if no lambda ends it."""
    for match in reversed(list(re.finditer(r"\[", head))):
        end = close_bracket(head, match.start())
        before = head[: match.start()].rstrip()
        if end >= len(head) and head[end - 1: end] != "]":
            continue
        if before and (before[-1].isalnum() or before[-1] in "_)]\""):
            if not re.search(r"\b(?:return|co_return|co_yield)$", before):
                continue
        rest = head[end:].strip()
        if rest.startswith("<"):
            rest = rest[close_angle(rest, 0):].strip()
        if not rest:
            return 0
        if rest.startswith("("):
            stop = close_bracket(rest, 0)
            if TRAILER.match(rest[stop:].strip().replace("mutable", "").replace("noexcept", "").strip()):
                return count_parameters(rest[1: stop - 1])
        elif TRAILER.match(rest):
            return 0
    return None


def control_depth(head):
    """How many control statements begin `head` one inside the other: `for (..) if (..)` are two."""
    depth = 0
    while match := CONTROL.match(head):
        depth += 1
        head = head[match.end():]
        if head.startswith("("):
            head = head[close_bracket(head, 0):].lstrip()
    return depth


def initialises_member(rest):
    """True if `{` after `rest` (what follows the parameters) begins a member's value, not the body."""
    return rest.startswith(":") and rest[-1] not in ")}" and not rest.endswith("{}")


class Scanner:
    """Reads one file from its first letter to its last; see `scan`."""

    def __init__(self, source):
        self.code = code_only(source)
        self.blocks = []
        self.functions = []
        self.puzzles = []  # lines where a value holds statements, or braces do not match
        self.head = ""
        self.head_at = 0
        self.round = 0  # open ( and [ in the current head

    def line(self, index):
        return self.code.count("\n", 0, index) + 1

    def scan(self):
        saved = []
        for index, letter in enumerate(self.code):
            if letter == "{":
                block = self.open(index)
                self.blocks.append(block)
                saved.append((self.head, self.head_at, self.round))
                self.start(index + 1)
            elif letter == "}":
                if not self.blocks:
                    self.puzzles.append(self.line(index))
                block = self.blocks.pop() if self.blocks else Block("namespace")
                head, head_at, brackets = saved.pop() if saved else ("", index, 0)
                self.close(block, index)
                # Behind a value or a lambda the statement goes on; behind any other block a new one begins.
                if block.kind == "values" or brackets or self.goes_on(block, head):
                    self.head, self.head_at, self.round = head + "{}", head_at, brackets
                else:
                    self.start(index + 1)
            elif letter == ";" and self.round == 0:
                self.declaration()
                self.start(index + 1)
            else:
                self.round = max(0, self.round + (letter in "([") - (letter in ")]"))
                if self.head.strip() == "" and not letter.isspace():
                    self.head, self.head_at = "", index
                self.head += letter
        if self.blocks:
            self.puzzles.append(self.line(len(self.code)))
        self.functions.sort(key=lambda function: function.line)
        return self

    def start(self, index):
        self.head, self.head_at, self.round = "", index, 0

    @staticmethod
    def goes_on(block, head):
        return block.kind == "function" and lambda_parameters(head) is not None

    def inside(self):
        """The innermost function or None, and the depth of control blocks within it."""
        for block in reversed(self.blocks):
            if block.kind != "values" or block.function:
                return block.function, block.depth
        return None, 0

    def statement(self):
        head = self.head.strip()
        while match := LABEL.match(head):
            head = head[match.end():]
        return without_template(head)

    def open(self, index):
        function, depth = self.inside()
        head = self.statement()
        parameters = lambda_parameters(head)
        if parameters is not None:
            return self.function("lambda", parameters, index)
        if self.round > 0 or (self.blocks and self.blocks[-1].kind == "values"):
            return Block("values", depth, function)
        if NAMESPACE.match(head):
            return Block("namespace")
        if TYPE.match(head) and "(" not in head:
            return Block("type")
        if function is not None:
            levels = control_depth(head)
            if not levels and head:
                return Block("values", depth, function)
            function.nesting = max(function.nesting, depth + levels)
            return Block("control", depth + levels, function)
        found = parameter_list(head)
        if found is None or initialises_member(found[2]):
            return Block("values")
        return self.function(found[0], found[1], index)

    def function(self, name, parameters, index):
        at = self.head_at if name != "lambda" else index
        made = Function(name, self.line(at), 0, parameters)
        self.functions.append(made)
        return Block("function", 0, made)

    def close(self, block, index):
        if block.kind == "function":
            block.function.lines = self.line(index) - block.function.line + 1

    def declaration(self):
        """A function that is only declared counts for its parameters."""
        if self.blocks and self.blocks[-1].kind == "values":
            self.puzzles.append(self.line(self.head_at))
            return
        function, _ = self.inside()
        head = self.statement()
        if function is not None or NO_FUNCTION.match(head):
            return
        found = parameter_list(head)
        if found:
            self.functions.append(Function(found[0], self.line(self.head_at), 0, found[1]))


def scan(source):
    """A scanner whose `functions` are those of C++ source by line, and `puzzles` the lines it could not make out."""
    return Scanner(source).scan()
