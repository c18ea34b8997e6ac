"""Fetching networks from a local test server: success, failures, and the state of the cache."""

import errno
import gc
import hashlib
import os
import subprocess
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from helpers import weights_writers as writers

from nst_numpy import InputError, load_network
from nst_numpy.networks import random_network
from nst_numpy.networks.catalog import PUBLISHED_FILES, PublishedFile
from nst_numpy.networks.download import fetch, fetched_path
from nst_numpy.networks.partial_downloads import part_prefix
from nst_numpy.vgg import VGG19

NETWORK = random_network((3, 2, 4, 3, 2), layers=VGG19)
FILE = "vgg19-tiny.pth"
# pooch does not close the connection after an error response.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.fixture(autouse=True)
def collect():
    yield
    gc.collect()


@pytest.fixture
def content(tmp_path):
    """The bytes of the published file."""
    arrays = writers.torch_arrays(NETWORK, bgr=True)
    arrays["classifier.0.weight"] = np.ones((50, 50), np.float32)
    return writers.write_torch(tmp_path / "published.pth", arrays).read_bytes()


@pytest.fixture
def server(content):
    """A server whose `answers` maps a path to (status, body, Content-Length)."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body, length = self.server.answers.get(self.path, (404, b"none", 4))
            self.server.requests.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.answers, server.requests = {f"/{FILE}": (200, content, len(content))}, []
    server.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def source(server, content, tmp_path, monkeypatch):
    """A published file on the test server, and a temporary cache folder."""
    monkeypatch.setenv("NST_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NST_MIRROR", raising=False)
    checksum = f"sha256:{hashlib.sha256(content).hexdigest()}"
    rights = {"license": "CC BY 4.0", "attribution": "K. Simonyan, A. Zisserman"}
    return PublishedFile("vgg19", "test", server.address, FILE, (checksum,), 1, "caffe", rights)


def cached_files(tmp_path):
    return [path.name for path in (tmp_path / "cache").rglob("*")]


def test_fetched_network_can_be_loaded_by_name(source, tmp_path, server):
    with pytest.raises(
        InputError, match="not been fetched yet: run `nst-numpy weights fetch vgg19`"
    ):
        load_network("vgg19")
    assert fetch("vgg19", published=[source]) == fetched_path("vgg19")
    network = load_network("vgg19")
    for l in NETWORK.weights:
        assert all(map(np.array_equal, network.weights[l], NETWORK.weights[l]))
    assert network.name == "vgg19"
    assert network.about["license"] == "CC BY 4.0"
    assert network.about["source"] == f"{server.address}/{FILE}"
    assert cached_files(tmp_path) == ["vgg19.h5"]


@pytest.mark.parametrize("digits", [8, 64])
@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_md5_sha256_and_their_first_digits_are_accepted(source, content, algorithm, digits):
    checksum = f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()[:digits]}"
    source = replace(source, checksums=("md5:" + 32 * "0", checksum))
    fetch("vgg19", published=[source])
    assert load_network("vgg19").about["checksum of the source"] == checksum


def test_float16_halves_the_file(source):
    size = fetch("vgg19", published=[source]).stat().st_size
    assert fetch("vgg19", dtype="float16", published=[source]).stat().st_size < size
    assert load_network("vgg19").about["dtype"] == "float16"


def test_stored_network_is_fetched_again_only_if_damaged(source, server):
    path = fetch("vgg19", published=[source])
    kept = path.read_bytes()
    fetch("vgg19", published=[source])
    assert len(server.requests) == 1
    path.write_bytes(kept[:-500])
    fetch("vgg19", published=[source])
    assert len(server.requests) == 2
    assert path.read_bytes() == kept


def test_mirror_replaces_the_address(source, server, content, monkeypatch):
    server.answers = {f"/room/{FILE}": (200, content, len(content))}
    monkeypatch.setenv("NST_MIRROR", f"{server.address}/room/")
    fetch("vgg19", published=[source])
    assert server.requests == [f"/room/{FILE}"]


def test_local_copy_of_the_published_file(source, server, tmp_path):
    published = tmp_path / "published.pth"
    fetch("vgg19", file=published, published=[source])
    assert load_network("vgg19").about["license"] == "CC BY 4.0"
    assert server.requests == []
    published.write_bytes(published.read_bytes() + b"\0")
    with pytest.raises(InputError, match=r"checksum does not match vgg19-tiny\.pth"):
        fetch("vgg19", file=published, published=[source])
    with pytest.raises(InputError, match="There is no weights file"):
        fetch("vgg19", file=tmp_path / "none.pth", published=[source])


HTML = b"<!DOCTYPE html><html><title>Sign in to the network</title></html>"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((404, b"none", 4), "the server responded with status 404"),
        ((503, b"", 0), "the server responded with status 503"),
        ((200, HTML, len(HTML)), "is a web page, not a weights file"),
        ((200, b"", 0), "is empty"),
        ((200, b"PK\x03\x04 other", 10), "(10 bytes, starting with b'PK"),
        ((200, b"PK\x03\x04 other", 10), "is not the published file: its checksum"),
        ((200, b"PK\x03\x04 cut", 10_000), "could not be downloaded"),
    ],
)
def test_failed_download_explains_the_manual_download(source, server, tmp_path, answer, sentence):
    server.answers = {f"/{FILE}": answer}
    manually = (
        f"To download it manually, get {server.address}/{FILE} ({source.checksums[0]}) and run "
        f"`nst-numpy weights fetch vgg19 --from {FILE}`, which stores the network in "
        f"{fetched_path('vgg19')}."
    )
    with pytest.raises(InputError) as error:
        fetch("vgg19", published=[source])
    assert sentence in str(error.value)
    assert str(error.value).endswith(manually)
    assert cached_files(tmp_path) == []


def test_no_connection_is_an_error(source, server, tmp_path):
    server.shutdown()
    server.server_close()
    with pytest.raises(InputError, match=r"no connection to the server\. To download it manually"):
        fetch("vgg19", published=[source])
    assert cached_files(tmp_path) == []


def test_full_disk_is_an_error(source, tmp_path, monkeypatch):
    """Before and during the download, and while writing; the stored network is kept."""
    fetch("vgg19", dtype="float16", published=[source])
    before = fetched_path("vgg19").read_bytes()
    with pytest.raises(InputError, match=r"the disk is full\. To download it manually"):
        fetch("vgg19", published=[replace(source, megabytes=10**9)])

    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for function, sentence in (
        ("pooch.retrieve", "could not be downloaded: the disk is full. To download it manually"),
        ("nst_numpy.networks.compact_h5._write", "vgg19.h5 cannot be written: No space left"),
    ):
        with monkeypatch.context() as context:
            context.setattr(function, full)
            with pytest.raises(InputError, match=sentence):
                fetch("vgg19", published=[source])
    assert cached_files(tmp_path) == ["vgg19.h5"]
    assert fetched_path("vgg19").read_bytes() == before


def test_cache_folder_that_cannot_be_created_is_an_error(source, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("NST_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(InputError, match="To download it manually"):
        fetch("vgg19", published=[source])
    with pytest.raises(InputError, match="cache: Not a directory"):
        fetch("vgg19", file=tmp_path / "published.pth", published=[source])


def test_unknown_names_are_errors(source):
    with pytest.raises(InputError, match="Unknown network: 'vgg11'; did you mean vgg1"):
        fetch("vgg11")
    with pytest.raises(InputError, match="Unknown source of vgg16: 'matconvnet'"):
        fetch("vgg16", "matconvnet")


def test_published_files_are_complete():
    """Each checksum has all digits of its algorithm, or its first eight."""
    digits = {"md5": 32, "sha256": 64}
    for row in PUBLISHED_FILES:
        assert row.address.startswith("https://")
        assert set(row.rights) == {"license", "attribution"}
        for checksum in row.checksums:
            algorithm, value = checksum.split(":")
            assert len(value) in (digits[algorithm], 8)
            assert set(value) <= set("0123456789abcdef")
    for network in ("vgg19", "vgg16"):
        assert next(row.source for row in PUBLISHED_FILES if row.network == network) == "keras"


def test_password_of_a_mirror_is_never_printed(source, server, content, monkeypatch):
    with_password = server.address.replace("http://", "http://user:p%40ss@word@")
    monkeypatch.setenv("NST_MIRROR", with_password)
    fetch("vgg19", published=[source])  # the password is used
    fetched_path("vgg19").unlink()
    for answer in ((500, b"none", 4), (200, content[:100], len(content)), (200, content[:9], 9)):
        server.answers[f"/{FILE}"] = answer
        with pytest.raises(InputError) as error:
            fetch("vgg19", published=[source])
        assert "p%40ss" not in str(error.value)
        assert "user:" not in str(error.value)
    monkeypatch.setenv("NST_MIRROR", "http://user:secret@127.0.0.1:1")
    with pytest.raises(InputError, match=r"^http://127\.0\.0\.1:1/.*no connection") as error:
        fetch("vgg19", published=[source])
    assert "secret" not in str(error.value)


def test_body_without_an_end_is_not_stored(source, server, tmp_path):
    """A server that ignores the size of the file fills the disk otherwise."""
    server.answers[f"/{FILE}"] = (200, bytes(3_000_000), 10**12)
    with pytest.raises(InputError, match=r"sends more than the published file.*stopped.*manually"):
        fetch("vgg19", published=[source])
    assert cached_files(tmp_path) == []


def test_server_that_sends_very_little_is_an_error(source, server, tmp_path, monkeypatch):
    monkeypatch.setattr("nst_numpy.networks.download.PATIENCE", 0)
    monkeypatch.setattr("nst_numpy.networks.download.SLOWEST", 10**12)
    with pytest.raises(InputError, match=r"sends less than 1000000000 kB per second.*manually"):
        fetch("vgg19", published=[source])
    assert cached_files(tmp_path) == []


def test_downloads_of_killed_processes_are_removed(source, tmp_path):
    cache = tmp_path / "cache"
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    computer = part_prefix().removeprefix("part-").rsplit("-", 2)[0]
    other, old = cache / "part-elsewhere-1-abc", cache / "part-elsewhere-1-old"
    killed, running = (cache / f"part-{computer}-{p}-abc" for p in (ended.pid, os.getppid()))
    former = cache / "part-xyz"  # of an earlier version
    for folder in (killed, running, other, old, former):
        folder.mkdir(parents=True)
        (folder / FILE).write_bytes(b"half")
    for path in (old / FILE, old, former / FILE, former):
        os.utime(path, (0, 0))
    fetch("vgg19", published=[source])
    assert sorted(p.name for p in cache.iterdir()) == sorted(["vgg19.h5", running.name, other.name])
