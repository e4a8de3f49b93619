"""Every example of the README runs, each by itself, where the project's articles are."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[1] / "README.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README.read_text(encoding="utf-8"), re.M | re.S)
EXAMPLES = [code for language, code in BLOCKS if language == "python"]


def test_there_are_no_other_blocks():
    assert {language for language, _ in BLOCKS} <= {"python", "sh", "text"} and len(EXAMPLES) >= 7


@pytest.mark.parametrize("code", EXAMPLES, ids=lambda code: re.sub(r"\W+", " ", code)[:60].strip())
def test_example(code, tmp_path, data):
    shutil.copytree(data, tmp_path / "data")
    done = subprocess.run([sys.executable, "-W", "error::SyntaxWarning", "-c", code], cwd=tmp_path, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
