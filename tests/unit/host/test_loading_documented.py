"""What docs/loading.md shows is what the host does."""

import re
from pathlib import Path

from crossdock import specifications
from crossdock.host.loading.judgement import judge

PAGE = Path(specifications.__file__).parents[2] / "docs" / "loading.md"


def test_the_plugin_in_one_file_is_good(tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    file = tmp_path / "no_weekend_quotes.py"
    file.write_text(code, encoding="utf-8")

    judged = judge(file)

    assert judged.good, judged.plain()
    assert judged.id == "no-weekend-quotes"
