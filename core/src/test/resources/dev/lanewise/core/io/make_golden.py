"""Writes the golden files of the format tests; needs NumPy only (made with 2.4.6).

The safetensors files are put together by the format's description, since the point is to have
them from another program than the one under test. Element i of an array is i * 0.5 - 3 (floats)
or i - 3 (integers), unless the function says otherwise.
"""

import json
import struct
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def values(dtype, shape):
    count = int(np.prod(shape, dtype=np.int64))
    steps = np.arange(count)
    kind = np.dtype(dtype).kind
    if kind == "f":
        flat = steps * 0.5 - 3
    elif kind == "b":
        flat = steps % 3 == 0
    elif kind == "u":
        flat = steps * 17 % 256
    else:
        flat = steps - 3
    return flat.astype(dtype).reshape(shape)


def npy(name, array, version=None):
    with open(HERE / f"{name}.npy", "wb") as out:
        np.lib.format.write_array(out, array, version=version, allow_pickle=True)


SPECIAL = np.array(
    [0x00000000, 0x80000000, 0x7F800000, 0xFF800000, 0x7FC00000, 0x7F800001, 0xFFABCDEF,
     0x00000001, 0x807FFFFF, 0x7F7FFFFF, 0x3F800001],
    dtype="<u4",
)
HALVES = np.array(
    [0x0000, 0x8000, 0x7C00, 0xFC00, 0x7E00, 0x7C01, 0xFDEF, 0x0001, 0x83FF, 0x7BFF, 0x3C01],
    dtype="<u2",
)

for code in ["<f4", ">f4", "<f8", ">f8", "<f2", ">f2", "<i4", ">i4", "<i8", ">i8",
             "<i2", ">u2", "|i1", "|u1", "|b1"]:
    npy(code.replace("<", "le_").replace(">", "be_").replace("|", ""), values(code, (2, 5)))

npy("special", SPECIAL.view("<f4"))
npy("special_f2", HALVES.view("<f2"))
npy("special_f8", np.array([1e300, -1e300, np.nan, 1e-320, 1 / 3, 0.1], "<f8"))
npy("scalar", np.array(-2.5, "<f4"))
npy("empty", np.zeros((3, 0, 2), "<f4"))
npy("vector", values("<f4", (7,)))
npy("fortran", np.asfortranarray(values("<f4", (2, 3, 4))))
npy("fortran_be_i8", np.asfortranarray(values(">i8", (3, 4))))
npy("version2", values("<f4", (2, 5)), version=(2, 0))
npy("version3", values("<f4", (2, 5)), version=(3, 0))
npy("i8_too_large", np.array([1, 2**31, 3], "<i8"))
npy("refused_object", np.array([{}, None], dtype=object))
npy("refused_struct", np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))
npy("refused_complex", np.zeros(2, "<c8"))
npy("refused_text", np.array(["ab", "c"]))
npy("refused_u8", np.zeros(2, "<u8"))

arrays = {"weight": values("<f4", (2, 5)), "layer1/bias": values("<f8", (3,)),
          "labels": values("<i8", (4,)), "f": np.asfortranarray(values("<f4", (2, 3)))}
np.savez(HERE / "stored.npz", **arrays)
np.savez_compressed(HERE / "deflated.npz", **arrays)


def safetensors(name, tensors, metadata=None):
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for key, (dtype, array) in tensors.items():
        raw = array.tobytes()
        header[key] = {"dtype": dtype, "shape": list(array.shape),
                       "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    (HERE / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


bf16 = (values("<f4", (2, 5)).view("<u4") >> 16).astype("<u2")
safetensors(
    "types",
    {
        "f64": ("F64", values("<f8", (2, 5))), "i64": ("I64", values("<i8", (2, 5))),
        "f32": ("F32", values("<f4", (2, 5))), "i32": ("I32", values("<i4", (2, 5))),
        "f16": ("F16", values("<f2", (2, 5))), "bf16": ("BF16", bf16),
        "i16": ("I16", values("<i2", (2, 5))), "u16": ("U16", values("<u2", (2, 5))),
        "i8": ("I8", values("|i1", (2, 5))), "u8": ("U8", values("|u1", (2, 5))),
        "bool": ("BOOL", values("|b1", (2, 5))),
        "special": ("F32", SPECIAL.view("<f4")), "scalar": ("F32", np.array(-2.5, "<f4")),
        "none": ("F32", np.zeros((0, 3), "<f4")),
        'na"me \u00e9\u4e16\U0001f600\\\n': ("F32", values("<f4", (3,))),
    },
    {"format": "pt", "note": "two\nlines \u00e9"},
)
safetensors("nothing", {})
