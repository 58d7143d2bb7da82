#!/usr/bin/env python3
"""Types the commands of a guide, block by block, and compares what the guide says they answer.

    tests/guide_commands.py docs/guide/first-pipeline.md     (in an empty folder, with mainstem in the path)

A fenced block without a language holds commands for one and the same bash; a block `text` behind it holds lines that
they must print. Times and numbers of bytes are not compared.
"""

import pathlib
import re
import subprocess
import sys

BLOCK = re.compile(r"^```(text)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VARYING = re.compile(r"\d+(\.\d+)? (ms|s)\b")
MARK = "=== end of block ==="


def read_blocks(text):
    """Pairs of commands and the lines they must print."""
    blocks = []
    for language, body in BLOCK.findall(text):
        if language == "text":
            blocks[-1][1].extend(body.splitlines())
        else:
            blocks.append((body, []))
    return blocks


def plain(line):
    return VARYING.sub("TIME", line).rstrip()


def main():
    blocks = read_blocks(pathlib.Path(sys.argv[1]).read_text())
    script = "".join(f"{commands}\necho '{MARK}'\n" for commands, _ in blocks)
    answer = subprocess.run(["bash", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    wrong = 0
    for (commands, wanted), output in zip(blocks, answer.stdout.split(f"{MARK}\n")):
        printed = [plain(line) for line in output.splitlines()]
        missing = [line for line in wanted if not any(line_.startswith(plain(line)) for line_ in printed)]
        if missing or "command not found" in output:
            wrong += 1
            print(f"$ {commands}did not print\n" + "\n".join(missing) + f"\nbut\n{output}")
    shown = sum(1 for _, wanted in blocks if wanted)
    print(f"{len(blocks)} blocks, {shown} with an answer, {wrong} wrong")
    sys.exit(1 if wrong or not shown else 0)


if __name__ == "__main__":
    main()
