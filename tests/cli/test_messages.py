"""Text for the terminal: one printable line, with options as they are typed."""

import logging

from nst_numpy.cli.log_output import show_log
from nst_numpy.cli.messages import one_line, print_message, print_result

UGLY = "a\x1b[31m\n  b\udce9.png"
PRINTABLE = r"a\x1b[31m b\udce9.png"


def test_one_line_escapes_control_characters_and_joins_lines():
    assert one_line(UGLY) == PRINTABLE


def test_one_line_replaces_arguments_by_options():
    typed = {"size": "--size", "content": "CONTENT"}
    assert one_line("`size` of `content`, `other`", typed) == "--size of CONTENT, `other`"


def test_one_line_shortens_very_long_words():
    line = one_line("begin " + "x" * 299 + " " + "y" * 1000 + " end")
    assert line == "begin " + "x" * 299 + " " + "y" * 40 + "..." + "y" * 20 + " end"


def test_results_messages_and_log_lines_are_printable(capsys):
    print_result(UGLY)
    print_message(UGLY)
    with show_log(1):
        logging.getLogger("nst_numpy").info("%s", UGLY)
    captured = capsys.readouterr()
    assert captured.out == f"{PRINTABLE}\n"
    assert captured.err == f"nst-numpy: {PRINTABLE}\n" * 2
