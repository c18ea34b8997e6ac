"""HTML from plain data; all that comes from a person is escaped here."""

import base64
import html


def escaped(text):
    """Any text as HTML, also a file's name with bytes that are in no encoding."""
    return html.escape(text.encode("utf-8", "backslashreplace").decode("utf-8"))


def tag(name, inside="", **attributes):
    """An element around HTML; ``class_`` stands for class, ``data_low`` for data-low."""
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(str(value))}"'
        for key, value in attributes.items()
    )
    return f"<{name}{words}>" + ("" if name == "img" else f"{inside}</{name}>")


def image(file, about, kind="jpeg", **attributes):
    """An ``<img>`` that holds its picture.

    Parameters
    ----------
    file : bytes
    about : str
        In place of the picture for those who cannot see it.
    kind : {"jpeg", "png"}
    **attributes
        More of the element's.
    """
    source = f"data:image/{kind};base64,{base64.b64encode(file).decode('ascii')}"
    return tag("img", alt=about, **attributes, src=source)


def figure(picture, caption, **attributes):
    """A picture with its caption, both HTML."""
    return tag("figure", picture + tag("figcaption", caption), **attributes)


def table(title, rows):
    """A table of two columns from pairs of texts."""
    lines = [
        tag("tr", tag("th", escaped(name), scope="row") + tag("td", escaped(value)))
        for name, value in rows
    ]
    return tag("table", tag("caption", escaped(title)) + tag("tbody", "".join(lines)))
