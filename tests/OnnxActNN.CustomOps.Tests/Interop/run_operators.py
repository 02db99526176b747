"""Runs a model with the operators once, as a Python user would: run_operators.py LIBRARY MODEL SHAPE.

x.bin, packed.bin and y.bin lie beside the model.
"""
import pathlib
import sys

import numpy
import onnxruntime

library, model, shape = sys.argv[1:]
folder = pathlib.Path(model).parent
options = onnxruntime.SessionOptions()
options.register_custom_ops_library(library)
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
x = numpy.fromfile(folder / "x.bin", numpy.float32).reshape([int(size) for size in shape.split(",")])
packed, y = session.run(["packed", "y"], {"x": x})
packed.tofile(folder / "packed.bin")
y.tofile(folder / "y.bin")
print(onnxruntime.__version__)
