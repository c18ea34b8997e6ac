"""Fetching from a server of the test's own: what arrives, what does not, what is left behind."""

import errno
import gc
import hashlib
import os
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from helpers import weights_writers as writers

from nst_numpy import InputError, load_network
from nst_numpy.networks import random_network
from nst_numpy.networks.catalog import SOURCES, PublishedFile
from nst_numpy.networks.download import fetch, fetched_path
from nst_numpy.vgg import VGG19

NETWORK = random_network((3, 2, 4, 3, 2), layers=VGG19)
FILE = "vgg19-tiny.pth"
# pooch leaves the connection to Python's garbage collector where the server answers an error.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.fixture(autouse=True)
def collect():
    yield
    gc.collect()


@pytest.fixture
def content(tmp_path):
    """The published file's bytes."""
    arrays = writers.torch_arrays(NETWORK, bgr=True)
    arrays["classifier.0.weight"] = np.ones((50, 50), np.float32)
    return writers.write_torch(tmp_path / "published.pth", arrays).read_bytes()


@pytest.fixture
def server(content):
    """A server whose `answers` maps a path to (status, bytes, bytes that it promises)."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body, promised = self.server.answers.get(self.path, (404, b"none", 4))
            self.server.asked.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(promised))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.answers, server.asked = {f"/{FILE}": (200, content, len(content))}, []
    server.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def source(server, content, tmp_path, monkeypatch):
    """A row of the table for that server, and a cache folder of the test's own."""
    monkeypatch.setenv("NST_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NST_MIRROR", raising=False)
    checksum = f"sha256:{hashlib.sha256(content).hexdigest()}"
    rights = {"license": "CC BY 4.0", "attribution": "K. Simonyan, A. Zisserman"}
    return PublishedFile("vgg19", "test", server.address, FILE, (checksum,), 1, "caffe", rights)


def left_behind(tmp_path):
    return [path.name for path in (tmp_path / "cache").rglob("*")]


def test_a_fetched_network_is_there_by_its_name(source, tmp_path, server):
    with pytest.raises(InputError, match="vgg19 has not been fetched yet: `nst-numpy weights fet"):
        load_network("vgg19")
    assert fetch("vgg19", sources=[source]) == fetched_path("vgg19")
    network = load_network("vgg19")
    for l in NETWORK.weights:
        assert all(map(np.array_equal, network.weights[l], NETWORK.weights[l]))
    assert network.name == "vgg19"
    assert network.about["license"] == "CC BY 4.0"
    assert network.about["source"] == f"{server.address}/{FILE}"
    assert left_behind(tmp_path) == ["vgg19.h5"]


@pytest.mark.parametrize("digits", [8, 64])
@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_checksums_of_both_kinds_and_their_first_digits_will_do(source, content, algorithm, digits):
    checksum = f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()[:digits]}"
    source = replace(source, checksums=("md5:" + 32 * "0", checksum))
    fetch("vgg19", sources=[source])
    assert load_network("vgg19").about["checksum of the source"] == checksum


def test_float16_halves_the_file(source):
    size = fetch("vgg19", sources=[source]).stat().st_size
    assert fetch("vgg19", dtype="float16", sources=[source]).stat().st_size < size
    assert load_network("vgg19").about["dtype"] == "float16"


def test_what_is_kept_is_not_fetched_again_unless_it_is_damaged(source, server):
    path = fetch("vgg19", sources=[source])
    kept = path.read_bytes()
    fetch("vgg19", sources=[source])
    assert len(server.asked) == 1
    path.write_bytes(kept[:-500])
    fetch("vgg19", sources=[source])
    assert len(server.asked) == 2
    assert path.read_bytes() == kept


def test_a_mirror_is_asked_instead(source, server, content, monkeypatch):
    server.answers = {f"/room/{FILE}": (200, content, len(content))}
    monkeypatch.setenv("NST_MIRROR", f"{server.address}/room/")
    fetch("vgg19", sources=[source])
    assert server.asked == [f"/room/{FILE}"]


def test_a_file_got_by_hand_will_do(source, server, tmp_path):
    published = tmp_path / "published.pth"
    fetch("vgg19", file=published, sources=[source])
    assert load_network("vgg19").about["license"] == "CC BY 4.0"
    assert server.asked == []
    published.write_bytes(published.read_bytes() + b"\0")
    with pytest.raises(InputError, match=r"none of the checksums of vgg19-tiny\.pth"):
        fetch("vgg19", file=published, sources=[source])
    with pytest.raises(InputError, match="There is no weights file"):
        fetch("vgg19", file=tmp_path / "none.pth", sources=[source])


HTML = b"<!DOCTYPE html><html><title>Sign in to the network</title></html>"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((404, b"none", 4), "the server answers 404"),
        ((503, b"", 0), "the server answers 503"),
        ((200, HTML, len(HTML)), "is a web page, not a weights file"),
        ((200, b"", 0), "is empty"),
        ((200, b"PK\x03\x04 other", 10), "is not the published file: its 10 bytes"),
        ((200, b"PK\x03\x04 cut", 10_000), "could not be downloaded"),
    ],
)
def test_what_is_not_the_file_is_told_with_the_way_by_hand(
    source, server, tmp_path, answer, sentence
):
    server.answers = {f"/{FILE}": answer}
    by_hand = (
        f"By hand: get {server.address}/{FILE} ({source.checksums[0]}), then "
        f"`nst-numpy weights fetch vgg19 --from {FILE}`; it is kept as {fetched_path('vgg19')}."
    )
    with pytest.raises(InputError) as error:
        fetch("vgg19", sources=[source])
    assert sentence in str(error.value)
    assert str(error.value).endswith(by_hand)
    assert left_behind(tmp_path) == []


def test_no_network_is_told(source, server, tmp_path):
    server.shutdown()
    server.server_close()
    with pytest.raises(InputError, match=r"there is no connection to it\. By hand: get"):
        fetch("vgg19", sources=[source])
    assert left_behind(tmp_path) == []


def test_a_full_disk_is_told(source, tmp_path, monkeypatch):
    """Before, while downloading, and while writing; what was fetched before stays."""
    fetch("vgg19", dtype="float16", sources=[source])
    before = fetched_path("vgg19").read_bytes()
    with pytest.raises(InputError, match=r"the disk is full\. By hand: get"):
        fetch("vgg19", sources=[replace(source, megabytes=10**9)])

    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for function, sentence in (
        ("pooch.retrieve", "could not be downloaded: the disk is full. By hand: get"),
        ("nst_numpy.networks.compact_h5._write", "vgg19.h5 cannot be written: No space left"),
    ):
        with monkeypatch.context() as context:
            context.setattr(function, full)
            with pytest.raises(InputError, match=sentence):
                fetch("vgg19", sources=[source])
    assert left_behind(tmp_path) == ["vgg19.h5"]
    assert fetched_path("vgg19").read_bytes() == before


def test_a_cache_folder_that_cannot_be_made_is_told(source, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("NST_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(InputError, match="By hand: get"):
        fetch("vgg19", sources=[source])
    with pytest.raises(InputError, match="cache: Not a directory"):
        fetch("vgg19", file=tmp_path / "published.pth", sources=[source])


def test_unknown_names_are_told(source):
    with pytest.raises(InputError, match="Unknown network: 'vgg11'; did you mean vgg1"):
        fetch("vgg11")
    with pytest.raises(InputError, match="Unknown source of vgg16: 'matconvnet'"):
        fetch("vgg16", "matconvnet")


def test_the_table_is_complete():
    """Every row has a checksum of its algorithm's digits, or is known by its first eight."""
    digits = {"md5": 32, "sha256": 64}
    for row in SOURCES:
        assert row.address.startswith("https://")
        assert set(row.rights) == {"license", "attribution"}
        for checksum in row.checksums:
            algorithm, value = checksum.split(":")
            assert len(value) in (digits[algorithm], 8)
            assert set(value) <= set("0123456789abcdef")
    for network in ("vgg19", "vgg16"):
        assert next(row.name for row in SOURCES if row.network == network) == "keras"
