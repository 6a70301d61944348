"""What is made is not stale, types hold, and the wheel has all that it needs."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

from conftest import CLEAN, Account

HERE = Path(__file__).resolve().parent.parent


def run(*command: str | Path, **more) -> str:
    done = subprocess.run([sys.executable, *command], cwd=HERE, capture_output=True, text=True, timeout=300, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_made_files_are_not_stale() -> None:
    run("generate", "--check")


def test_types_hold() -> None:
    run("-m", "mypy", "--cache-dir", Path(sys.prefix) / "mypy")


def test_the_wheel_is_whole(tmp_path: Path) -> None:
    run("-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, ".")
    [wheel] = tmp_path.glob("*.whl")
    names = {name.partition("/")[2] for name in zipfile.ZipFile(wheel).namelist() if name.startswith("jonathans_memory/")}
    assert names == {path.name for path in (HERE / "src" / "jonathans_memory").iterdir() if path.is_file()}


def test_the_readme_says_what_is_so(account: Account, tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (HERE / "README.md").read_text(), re.S)
    assert len(blocks) >= 2
    for number, block in enumerate(blocks):
        script = tmp_path / f"block{number}.py"
        script.write_text(block)
        run(script, env=CLEAN | account.env)
