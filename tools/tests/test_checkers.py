"""Every checker finds what it is for, and lets a tree without fault pass."""

import shutil
import sys
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOOLS))

import check_layers  # noqa: E402
import check_map  # noqa: E402
import check_names  # noqa: E402
import check_sizes  # noqa: E402

LAYERS = """
[folders]
base = {layer = 0, may = []}
plan = {layer = 1, may = ["base"]}
run = {layer = 2, may = ["base", "plan"]}
[tests]
may = []
headers = ["gtest/"]
[headers]
everywhere = ["fmt/"]
[headers.owners]
"zlib.h" = "base"
[headers.system]
"unistd.h" = ["base"]
"""
HEADER = "#pragma once\n\nnamespace mainstem::plan {\nint rows();\n}  // namespace mainstem::plan\n"
PAGE = "| Layer | Folder | Is |\n|---|---|---|\n| 0 | `base` | words |\n| 1 | `plan` | stages |\n| 2 | `run` | runs |\n"


class CheckerTest(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        self.write("tools/layers.toml", LAYERS)
        self.write("ARCHITECTURE.md", PAGE)
        self.write("src/base/a.h", "#pragma once\nnamespace mainstem {\nint a();\n}  // namespace mainstem\n")
        self.write("src/plan/stage.h", HEADER)
        self.write("src/run/run.h", HEADER.replace("plan", "run"))

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def found(self, checker):
        return [str(problem) for problem in checker.check(self.root)]

    def assert_finds(self, checker, *words):
        found = self.found(checker)
        self.assertTrue(any(all(word in text for word in words) for text in found), found)


class CleanTree(CheckerTest):
    def test_passes(self):
        for checker in (check_layers, check_map, check_names, check_sizes):
            self.assertEqual(self.found(checker), [], checker.__name__)


class Layers(CheckerTest):
    def include(self, path, line):
        self.write(path, HEADER.replace("#pragma once\n", f"#pragma once\n#include {line}\n"))

    def test_upward_include(self):
        self.include("src/plan/stage.h", '"run/run.h"')
        self.assert_finds(check_layers, "src/plan/stage.h:2", "plan may not include run")

    def test_foreign_header(self):
        self.include("src/plan/stage.h", "<zlib.h>")
        self.assert_finds(check_layers, "<zlib.h>", "base only")

    def test_header_without_owner(self):
        self.include("src/plan/stage.h", "<boost/any.hpp>")
        self.assert_finds(check_layers, "<boost/any.hpp>", "no owner")

    def test_missing_header(self):
        self.include("src/plan/stage.h", '"plan/gone.h"')
        self.assert_finds(check_layers, "not below src")

    def test_unknown_folder(self):
        self.write("src/new/a.h", HEADER.replace("plan", "new"))
        self.assert_finds(check_layers, "src/new", "not in tools/layers.toml")

    def test_cycle(self):
        self.write("tools/layers.toml", LAYERS.replace('plan = {layer = 1, may = ["base"]}',
                                                       'plan = {layer = 2, may = ["base", "run"]}'))
        self.include("src/plan/stage.h", '"run/run.h"')
        self.include("src/run/run.h", '"plan/stage.h"')
        self.assertNotEqual(self.found(check_layers), [])


class Names(CheckerTest):
    def test_namespace(self):
        self.write("src/plan/stage.h", HEADER.replace("mainstem::plan", "mainstem::run"))
        self.assert_finds(check_names, "src/plan/stage.h", "namespace")

    def test_meaningless_name(self):
        self.write("src/plan/plan_" + "utils.h", HEADER)
        self.assert_finds(check_names, "says nothing")

    def test_camel_case_file(self):
        self.write("src/plan/Stage.h", HEADER)
        self.assert_finds(check_names, "snake_case")

    def test_leftover(self):
        self.write("src/plan/stage.h", HEADER + "// " + "TO" + "DO\n")
        self.assert_finds(check_names, "unfinished")

    def test_machine_path(self):
        self.write("docs/a.md", "see /" + "home/me/x\n")
        self.assert_finds(check_names, "path of some machine")

    def test_missing_guard(self):
        self.write("src/plan/stage.h", HEADER.replace("#pragma once\n", ""))
        self.assert_finds(check_names, "#pragma once")


class Sizes(CheckerTest):
    def test_long_header(self):
        self.write("src/plan/stage.h", HEADER + "\n" * 300)
        self.assert_finds(check_sizes, "src/plan/stage.h", "lines")

    def test_long_function(self):
        body = "  int x = 0;\n" * 70
        self.write("src/plan/stage.cpp", f"namespace mainstem::plan {{\nvoid f() {{\n{body}}}\n}}\n")
        self.assert_finds(check_sizes, "f has 7")

    def test_many_parameters(self):
        self.write("src/plan/stage.cpp", "void f(int a, int b, int c, int d, int e, int g) {}\n")
        self.assert_finds(check_sizes, "parameters")

    def test_deep_nesting(self):
        deep = "void f() {\n if (1) {\n while (1) {\n for (;;) {\n if (2) {\n f();\n }\n }\n }\n }\n}\n"
        self.write("src/plan/stage.cpp", deep)
        self.assert_finds(check_sizes, "inside one another")

    def test_full_folder(self):
        for number in range(31):
            self.write(f"src/plan/part{number}.h", HEADER)
        self.assert_finds(check_sizes, "files")

    def test_needless_exception(self):
        entry = 'path = "src/plan/x.h"\nwhat = "file"\nlimit = 700\nmeasure = "lines"\nreason = "r"\n'
        self.write("tools/size_exceptions.toml", f"[[exception]]\n{entry}")
        self.assert_finds(check_sizes, "without need")


class Map(CheckerTest):
    def test_folder_not_listed(self):
        self.write("ARCHITECTURE.md", PAGE.replace("| 2 | `run` | runs |\n", ""))
        self.assert_finds(check_map, "src/run")

    def test_listed_folder_gone(self):
        self.write("ARCHITECTURE.md", PAGE + "| 3 | `app` | use cases |\n")
        self.assert_finds(check_map, "`app`")

    def test_other_layer(self):
        self.write("ARCHITECTURE.md", PAGE.replace("| 1 | `plan`", "| 4 | `plan`"))
        self.assert_finds(check_map, "layer 4")


if __name__ == "__main__":
    unittest.main()
