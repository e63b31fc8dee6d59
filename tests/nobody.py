"""Run code as the user 'nobody': root may read and write anywhere, so its tests of permissions cannot fail."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

needs_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become nobody")

# Nobody may not be allowed to read the library, so it is loaded before, and pandas, which Arrow imports for its arrays
BECOME = """
import mmap, os, pwd, sys
from pathlib import Path
import numpy as np
import pandas
import benzer_lab as bl
from benzer_lab import archive, cli, growth, sample
from benzer_lab.versions import Versions

nobody = pwd.getpwnam("nobody")
os.setgroups([])
os.setgid(nobody.pw_gid)
os.setuid(nobody.pw_uid)
"""


def run_as_nobody(code: str, *arguments: object, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run code that finds `bl`, `np`, `Path`, `Versions` and its arguments in `sys.argv[1:]`."""
    env = {**os.environ, "HOME": str(home or "/nonexistent"), "XDG_CACHE_HOME": ""}
    command = [sys.executable, "-c", BECOME + textwrap.dedent(code), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


def open_to_all(folder: Path) -> Path:
    """Let others walk through a folder of pytest's, and read what is in it."""
    for parent in [folder, *folder.parents]:
        if "pytest" in str(parent):
            parent.chmod(0o755)
    return folder
