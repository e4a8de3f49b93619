"""The stub says what the module has: names, signatures, defaults."""

import subprocess
import sys


def test_stub_and_module_agree():
    done = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "rubrique._rubrique"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
