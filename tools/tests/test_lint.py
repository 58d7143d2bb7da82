"""Files are linted together where they compile together, and none is left out."""

import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

TOOLS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOOLS))

import lint  # noqa: E402
import tree  # noqa: E402


class Bundles(unittest.TestCase):
    def test_one_folder_each_of_limited_length(self):
        paths = [f"src/a/{number}.cpp" for number in range(lint.BUNDLE_FILES + 1)] + ["src/b/x.cpp"]
        bundles = lint.bundles_of(paths)
        self.assertEqual([len(bundle) for bundle in bundles], [7, 6, 1])
        self.assertEqual(sorted(sum(bundles, [])), sorted(paths))


class Linting(unittest.TestCase):
    def setUp(self):
        self.build = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.build)
        self.linted = []
        names = [str(tree.ROOT / f"src/a/{name}.cpp") for name in "abcd"]
        entries = [{"file": name, "directory": "/", "command": f"clang++ -c {name}"} for name in names]
        (self.build / "compile_commands.json").write_text(json.dumps(entries))

    def lint(self, judge):
        """What is found when `judge` says what clang-tidy prints of a list of names."""

        def run(command, **_):
            names = [Path(line.split('"')[1]).stem for line in Path(command[-1]).read_text().splitlines()]
            self.linted.append("".join(names))
            said = judge(names)
            return subprocess.CompletedProcess(command, 1 if said else 0, said, "")

        with mock.patch.object(subprocess, "run", run):
            return lint.Linter(self.build).lint([f"src/a/{name}.cpp" for name in "abcd"])

    def test_all_at_once(self):
        self.assertEqual(self.lint(lambda names: ""), "")
        self.assertEqual(self.linted, ["abcd"])

    def test_files_that_do_not_compile_together_are_halved(self):
        self.assertEqual(self.lint(lambda names: lint.DOES_NOT_COMPILE if {"a", "c"} <= set(names) else ""), "")
        self.assertEqual(self.linted, ["abcd", "ac", "a", "c", "bd"])

    def test_file_that_does_not_compile_at_all_is_a_finding(self):
        self.assertEqual(self.lint(lambda names: lint.DOES_NOT_COMPILE if "b" in names else ""), lint.DOES_NOT_COMPILE)

    def test_findings_of_every_part_are_told(self):
        self.assertEqual(self.lint(lambda names: lint.DOES_NOT_COMPILE if len(names) > 2 else names[0]), "ab")


if __name__ == "__main__":
    unittest.main()
