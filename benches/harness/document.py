"""docs/benchmarks.md: an introduction, and a section for each part, which is written anew when the part is measured."""
import re

from machine import ROOT

DOCUMENT = ROOT / "docs/benchmarks.md"
SECTION = re.compile(r"<!-- part: (\S+) -->\n(.*?)\n<!-- end: \1 -->", re.S)


def write(part, text, order):
    """Replaces the section of a part, or puts it in its place in `order`; all others stay as they are."""
    before = DOCUMENT.read_text()
    introduction = before.split("<!-- part: ", 1)[0].rstrip()
    sections = dict(SECTION.findall(before))
    sections[part] = text.strip()
    named = [name for name in order if name in sections] + [name for name in sections if name not in order]
    written = [f"<!-- part: {name} -->\n{sections[name]}\n<!-- end: {name} -->" for name in named]
    DOCUMENT.write_text("\n\n".join([introduction, *written]) + "\n")
