"""Build HTML elements; all text from the user is escaped here."""

import base64
import html
from collections.abc import Iterable


def escape(text: str) -> str:
    """Escape a text for HTML. Bytes of a file name that are not text become backslash escapes."""
    return html.escape(text.encode("utf-8", "backslashreplace").decode("utf-8"))


def element(name: str, content: str = "", **attributes: object) -> str:
    """An element with HTML inside.

    Parameters
    ----------
    name : str
        Such as ``"p"``.
    content : str
        HTML.
    **attributes
        ``class_`` stands for ``class``, ``data_low`` for ``data-low``.
    """
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
    )
    return f"<{name}{words}>" + ("" if name == "img" else f"{content}</{name}>")


def image(file: bytes, alt: str, kind: str = "jpeg", **attributes: object) -> str:
    """An ``<img>`` element that contains its picture.

    Parameters
    ----------
    file : bytes
        The content of a picture file.
    alt : str
        Description for readers who cannot see the picture.
    kind : {"jpeg", "png"}
    **attributes
        Further attributes, as in `element`.
    """
    source = f"data:image/{kind};base64,{base64.b64encode(file).decode('ascii')}"
    return element("img", "", alt=alt, **attributes, src=source)


def figure(picture: str, caption: str, **attributes: object) -> str:
    """A picture with its caption, both HTML."""
    return element("figure", picture + element("figcaption", caption), **attributes)


def table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """A table with two columns of text."""
    lines = [
        element("tr", element("th", escape(name), scope="row") + element("td", escape(value)))
        for name, value in rows
    ]
    return element("table", element("caption", escape(title)) + element("tbody", "".join(lines)))
