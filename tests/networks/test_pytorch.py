"""PyTorch files: those of PyTorch itself, and malicious ones, which must not run code."""

import os
import pickle
from collections import OrderedDict

import numpy as np
import pytest
from helpers import weights_writers as writers

from nst_numpy import InputError, load_network
from nst_numpy.networks import random_network
from nst_numpy.vgg import VGG16, VGG19

NETWORK = random_network((3, 2, 4, 3, 2), layers=VGG19[:4])


def contains(path, network=NETWORK):
    """Whether a file contains the network, with the layer names of Gatys."""
    read = load_network(path)
    assert list(read.weights) == list(network.weights)
    pairs = [(read.weights[l], network.weights[l]) for l in network.weights]
    return all(np.array_equal(a, b) for pair in pairs for a, b in zip(*pair, strict=True))


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="the extra [formats]")


def tensors(torch, network=NETWORK):
    arrays = writers.torch_arrays(network, "Gatys", bgr=True)
    return OrderedDict((name, torch.from_numpy(v.copy())) for name, v in arrays.items())


@pytest.mark.parametrize("zip_", [True, False])
@pytest.mark.parametrize("layers", [VGG19, VGG16])
def test_files_of_pytorch_are_read_exactly(tmp_path, torch, zip_, layers):
    network = random_network((3, 2, 4, 3, 2), layers=layers)
    state = tensors(torch, network)
    torch.save(state, tmp_path / "w.pth", _use_new_zipfile_serialization=zip_)
    assert contains(tmp_path / "w.pth", network)


@pytest.mark.parametrize("zip_", [True, False])
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_way_of_saving_is_read(tmp_path, torch, zip_, protocol):
    """Checkpoints, parameters, views into shared storages, other memory layouts."""
    state = tensors(torch)
    K = state["conv1_1.weight"]
    whole = torch.cat([torch.zeros(7), K.flatten(), torch.zeros(5)])
    shared = OrderedDict(state)
    shared["conv1_1.weight"] = whole[7 : 7 + K.numel()].view(K.shape)
    shared["conv1_1.other"] = whole
    channels_last = OrderedDict(state)
    channels_last["conv1_2.weight"] = state["conv1_2.weight"].to(memory_format=torch.channels_last)
    checkpoint = {
        "epoch": 3,
        "loss": [0.5, 1.0],
        "note": None,
        "state_dict": OrderedDict((f"module.{k}", v) for k, v in state.items()),
        "steps": torch.arange(4),
    }
    parameters = {name: torch.nn.Parameter(v) for name, v in state.items()}
    for saved in (shared, channels_last, checkpoint, parameters):
        torch.save(
            saved,
            tmp_path / "w.pth",
            pickle_protocol=protocol,
            _use_new_zipfile_serialization=zip_,
        )
        assert contains(tmp_path / "w.pth")


def test_state_of_a_module_is_read(tmp_path, torch):
    module = torch.nn.Module()
    for name, values in tensors(torch).items():
        layer, part = name.split(".")
        if not hasattr(module, layer):
            module.add_module(layer, torch.nn.Conv2d(values.shape[1], values.shape[0], 3))
        getattr(module, layer)._parameters[part] = torch.nn.Parameter(values)
    torch.save(module.state_dict(), tmp_path / "w.pth")
    assert contains(tmp_path / "w.pth")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_other_floating_point_types_are_read(tmp_path, torch, dtype):
    state = {name: v.to(getattr(torch, dtype)) for name, v in tensors(torch).items()}
    torch.save(state, tmp_path / "w.pth")
    read = load_network(tmp_path / "w.pth")
    assert read.about["dtype"] == dtype
    for l, (K, b) in read.weights.items():
        expected = state[f"{l}.weight"].float().numpy().transpose(2, 3, 1, 0)
        assert np.array_equal(K, expected[:, :, ::-1] if l == "conv1_1" else expected)
        assert np.array_equal(b, state[f"{l}.bias"].float().numpy())


def test_pytorch_reads_the_files_of_the_tests(tmp_path, torch):
    """So the tests without PyTorch use its real layout."""
    arrays = writers.torch_arrays(NETWORK)
    for legacy in (False, True):
        path = writers.write_torch(tmp_path / "w.pth", arrays, legacy)
        state = torch.load(path, weights_only=True)
        assert all(np.array_equal(state[name].numpy(), v) for name, v in arrays.items())


@pytest.mark.parametrize("legacy", [False, True])
def test_files_of_pytorch_in_2017_are_read(tmp_path, legacy):
    """Tensors of four components, text of Python 2, storages of a GPU."""
    arrays = writers.torch_arrays(NETWORK, "Gatys", bgr=True)
    program = writers.torch_pickle(arrays, legacy)
    program = program.replace(b"_rebuild_tensor_v2\n", b"_rebuild_tensor\n")
    program = program.replace(b"\x89ccollections\nOrderedDict\n)RtR", b"tR")
    program = program.replace(b"ctorch\nFloat", b"ctorch.cuda\nFloat")
    program = program.replace(b"X\x03\0\0\0cpu", b"U\x06cuda:0")
    assert contains(writers.write_torch(tmp_path / "w.pth", arrays, legacy, program))


class Malicious:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("protocol", [0, 1, 2, 4])
@pytest.mark.parametrize(
    "call",
    [
        (os.mkdir, "ran"),
        (eval, "__import__('os').mkdir('ran')"),
        (exec, "import os; os.mkdir('ran')"),
        (getattr, "", "join"),
        (bytearray, 10**12),
    ],
)
def test_malicious_file_runs_no_code(tmp_path, monkeypatch, legacy, protocol, call):
    monkeypatch.chdir(tmp_path)
    program = pickle.dumps({"conv1_1.weight": Malicious(*call)}, protocol=protocol)
    path = writers.write_torch(tmp_path / "w.pth", {}, legacy, program)
    with pytest.raises(InputError, match="none of its code was run"):
        load_network(path)
    assert [p.name for p in tmp_path.iterdir()] == ["w.pth"]
    pickle.loads(pickle.dumps(Malicious(os.mkdir, "ran"), protocol=protocol))
    assert os.path.exists("ran")  # Python's own reader runs it


@pytest.mark.parametrize(
    "program",
    [
        b"\x80\x02cos\nmkdir\n(X\x03\x00\x00\x00ranotR.",
        b"\x80\x02(X\x03\x00\x00\x00ranios\nmkdir\n.",  # INST
        b"\x80\x02ccollections\nOrderedDict\n)\x81}b.",  # NEWOBJ, BUILD
        b"\x80\x02cos\nmkdir\n}b.",  # BUILD on a function
        b"\x80\x02\x82\x01.",  # EXT1
        b"\x80\x05\x96\xff\xff\xff\xff\xff\x00\x00\x00.",  # BYTEARRAY8 of a terabyte
    ],
)
def test_malicious_instructions_run_nothing(tmp_path, monkeypatch, program):
    monkeypatch.chdir(tmp_path)
    path = writers.write_torch(tmp_path / "w.pth", {}, pickled=program)
    with pytest.raises(InputError):
        load_network(path)
    assert [p.name for p in tmp_path.iterdir()] == ["w.pth"]


@pytest.mark.parametrize("where", ["key", "shape", "name", "module"])
def test_exponentially_growing_text_is_never_built(tmp_path, where):
    """Fifty nested pairs of the previous pair: few bytes, but 2^50 characters if printed."""
    pairs = b")" + b"q\x0ah\x0a\x86" * 50
    storage = b"(X\x07\0\0\0storagectorch\nFloatStorage\n%bX\x03\0\0\0cpuK\x01tQ"
    view = b"ctorch._utils\n_rebuild_tensor_v2\n(%bK\0%b(K\x01t\x89}tR"
    one, key = b"(K\x01t", b"X\x01\0\0\0000"
    program = {
        "key": view % (storage % pairs, one),
        "shape": view % (storage % key, b"(" + pairs + b"t"),
        "name": b"(" + pairs + view % (storage % key, one) + b"d",
        "module": pairs + b"h\x0a\x93)R",
    }[where]
    program = b"\x80\x02}X\x0e\0\0\0conv1_1.weight" + program + b"s."
    with pytest.raises(InputError) as error:
        load_network(
            writers.write_torch(tmp_path / "w.pth", {"x": np.ones(1, "f4")}, False, program)
        )
    assert len(str(error.value)) < 500


def test_pickle_with_too_many_instructions_is_an_error(tmp_path):
    path = writers.write_torch(tmp_path / "w.pth", {}, pickled=b"\x80\x02" + b"]" * 200_000 + b".")
    with pytest.raises(InputError, match="a pickle of more than 100000 instructions"):
        load_network(path)


def test_pickled_module_is_an_error(tmp_path, torch):
    torch.save(torch.nn.Conv2d(3, 4, 3), tmp_path / "w.pth")
    with pytest.raises(InputError, match=r"none of its code was run\. Save only the state"):
        load_network(tmp_path / "w.pth")
