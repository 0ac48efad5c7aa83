"""Write the reference pages that are made from the code; `make docs` runs it and a test compares."""

from pathlib import Path

from huoji.config import env
from huoji.config.setting import Setting

DOCS = Path(__file__).resolve().parents[3] / "docs" / "reference"

HEAD_EN = """# Settings

<!-- Made by `make docs` from src/huoji/config/env.py; edit that. -->

Huoji is set by environment variables, or by lines `NAME=value` in the file `huoji.env` of the data folder (the environment wins).
A wrong value or an unknown name stops the start, and every mistake is printed at once.

| Setting | Kind | Default | Allowed | What it does |
|---|---|---|---|---|
"""
HEAD_ZH = """# 设置

<!-- 由 `make docs` 从 src/huoji/config/env.py 生成，请改源文件。 -->

货迹用环境变量设置，也可以写在数据目录的 `huoji.env` 文件里，每行 `名称=值`（环境变量优先）。
值有误或名称不存在时不会启动，并一次列出全部错误。

| 设置 | 类型 | 默认值 | 允许的值 | 作用 |
|---|---|---|---|---|
"""
KINDS_ZH = {
    "number": "整数", "switch": "开关", "text": "文本", "choice": "选项", "URL": "网址", "folder": "目录",
    "folder of data": "目录",
    "list": "列表", "zone": "时区",
}  # fmt: skip


def pages() -> dict[Path, str]:
    """Return every generated page with its text."""
    rows = [(name, setting) for _, name, setting in env.table()]
    english = "".join(_row(name, setting, kind=setting.kind.split(" ")[0], says=setting.en) for name, setting in rows)
    chinese = "".join(_row(name, setting, kind=KINDS_ZH[setting.kind], says=setting.zh) for name, setting in rows)
    return {DOCS / "settings.md": HEAD_EN + english, DOCS / "settings.zh.md": HEAD_ZH + chinese}


def _row(name: str, setting: Setting[object], *, kind: str, says: str) -> str:
    default = f"`{setting.default}`" if setting.default else ""
    return f"| `{name}` | {kind} | {default} | {setting.limit.replace('|', chr(92) + '|')} | {says} |\n"


def main() -> None:
    """Write the pages that changed."""
    for path, content in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8")
            print(f"wrote {path.name}")


if __name__ == "__main__":
    main()
