# SPDX-License-Identifier: GPL-2.0-or-later
"""PROTOCOL.md as reStructuredText, which the kernel's documentation is written in.

Knows the Markdown of that one file: headings, paragraphs, lists, tables and fenced blocks.
"""

import re

UNDERLINES = {1: "=", 2: "=", 3: "-"}


def inline(text):
    """**bold** and *italic* are the same in both; code has two ticks, and nothing around it."""
    text = re.sub(r"\*\*`([^`]+)`\*\*", r"`\1`", text)
    return re.sub(r"`([^`]+)`", r"``\1``", text).replace("\\|", "|")


def heading(line):
    marks, text = line.split(" ", 1)
    text = inline(text)
    bar = UNDERLINES[len(marks)] * len(text)
    return [bar, text, bar] if len(marks) == 1 else [text, bar]


def row(line):
    return [inline(cell.strip()) for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def table(lines):
    """The line after the header is only a rule; a header without text is none."""
    head, body = row(lines[0]), [row(line) for line in lines[2:]]
    out = [".. list-table::"]
    if any(head):
        out.append("   :header-rows: 1")
        body.insert(0, head)
    out.append("")
    for cells in body:
        for i, cell in enumerate(cells):
            out.append(f"   {'* -' if i == 0 else '  -'} {cell}".rstrip())
    return out


def blocks(text):
    """Runs of lines without an empty one between them; a fenced block stays whole."""
    block, fenced = [], False
    for line in text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        if line or fenced:
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def convert(text):
    licence = re.match(r"<!-- (SPDX-License-Identifier: .*?) -->\n", text)
    out = [f".. {licence.group(1)}", ""]
    for block in blocks(text[licence.end():]):
        if block[0].startswith("#"):
            out += heading(block[0]) + [""]
            block = block[1:]
            if not block:
                continue
        if block[0].startswith("```"):
            out += ["::", ""] + [f"  {line}" for line in block[1:-1]]
        elif block[0].startswith("|"):
            out += table(block)
        else:
            out += [inline(line) for line in block]
        out.append("")
    return "\n".join(out[:-1]) + "\n"
