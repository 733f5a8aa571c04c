"""Writes every_dtype.safetensors with the reference implementation (safetensors 0.8.0).

python3 -m pip install safetensors==0.8.0 && python3 tests/golden/every_dtype.py

Two elements of every dtype, a scalar, an empty tensor, and names that sort differently by UTF-8 and
by UTF-16.
"""

import ctypes
import pathlib
import struct

from safetensors import TensorSpec, serialize

TENSORS = [
    ("bool", "bool", [2], struct.pack("<2B", 1, 0)),
    ("u8", "uint8", [2], struct.pack("<2B", 1, 255)),
    ("i8", "int8", [2], struct.pack("<2b", 1, -128)),
    ("i16", "int16", [2], struct.pack("<2h", 1, -32768)),
    ("u16", "uint16", [2], struct.pack("<2H", 1, 65535)),
    ("f16", "float16", [2], struct.pack("<2e", 1.5, -65504.0)),
    ("bf16", "bfloat16", [2], struct.pack("<2H", 0x3FC0, 0xC000)),
    ("i32", "int32", [2], struct.pack("<2i", 1, -(2**31))),
    ("u32", "uint32", [2], struct.pack("<2I", 1, 2**32 - 1)),
    ("f32", "float32", [2], struct.pack("<2f", 1.5, -0.25)),
    ("f64", "float64", [2], struct.pack("<2d", 0.1, -1e300)),
    ("i64", "int64", [2], struct.pack("<2q", 1, -(2**63))),
    ("u64", "uint64", [2], struct.pack("<2Q", 1, 2**64 - 1)),
    ("\U0001f600", "float32", [], struct.pack("<f", 3.0)),
    ("\uff5e", "float32", [1, 1], struct.pack("<f", 4.0)),
    ("empty", "float32", [0, 3], b""),
    ('quote " slash \\ line \n', "uint8", [1], b"\x07"),
]

kept, specs = [], {}
for name, dtype, shape, data in TENSORS:
    memory = ctypes.create_string_buffer(data, max(1, len(data)))
    kept.append(memory)
    specs[name] = TensorSpec(
        dtype=dtype, shape=shape, data_ptr=ctypes.addressof(memory), data_len=len(data)
    )
out = pathlib.Path(__file__).with_name("every_dtype.safetensors")
out.write_bytes(serialize(specs, {"format": "pt"}))
