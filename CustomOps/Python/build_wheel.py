"""Builds the wheel onnxactnn: build_wheel.py LIBRARY_FOLDER OUTPUT_FOLDER. Needs Python alone, and no network.

LIBRARY_FOLDER is what `dotnet publish CustomOps/Native -c Release -o LIBRARY_FOLDER` wrote.
The wheel's path is printed.
"""
import base64
import hashlib
import os
import re
import sys
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TAG = "py3-none-linux_x86_64"
LIBRARIES = ("libonnxactnn.so", "libonnxactnn.avx2.so", "libonnxactnn.avx512.so")


def read(*parts):
    with open(os.path.join(*parts), "rb") as file:
        return file.read()


def version():
    return re.search(rb"<Version>(.+?)</Version>", read(ROOT, "Directory.Build.props")).group(1).decode()


def contents(libraries, number):
    package = read(HERE, "onnxactnn", "__init__.py").replace(b"{{version}}", number.encode())
    yield "onnxactnn/__init__.py", package
    for name in LIBRARIES:
        yield f"onnxactnn/lib/{name}", read(libraries, name)
    info = f"onnxactnn-{number}.dist-info"
    metadata = (
        f"Metadata-Version: 2.1\nName: onnxactnn\nVersion: {number}\nLicense: MIT\n"
        "Summary: ONNX Runtime operators that keep saved activations in a few bits\nRequires-Python: >=3.8\n"
    )
    yield f"{info}/METADATA", metadata.encode()
    yield f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: onnxactnn\nRoot-Is-Purelib: false\nTag: {TAG}\n".encode()
    yield f"{info}/LICENSE", read(ROOT, "LICENSE")


def add(wheel, name, content):
    # The same content gives the same wheel: no times, no rights of the machine it was built on.
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    wheel.writestr(entry, content)


def build(libraries, output):
    number = version()
    os.makedirs(output, exist_ok=True)
    path = os.path.join(output, f"onnxactnn-{number}-{TAG}.whl")
    record = []
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in contents(libraries, number):
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(content)}")
            add(wheel, name, content)
        name = f"onnxactnn-{number}.dist-info/RECORD"
        add(wheel, name, "\n".join([*record, f"{name},,", ""]))
    return path


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print(build(sys.argv[1], sys.argv[2]))
