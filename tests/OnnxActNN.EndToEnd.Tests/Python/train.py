"""Trains one graph as a Python user does: train.py FOLDER TRAINING_MODEL STEPS [OPERATOR_LIBRARY].

Prints one loss a line. FOLDER holds an entry with entry.json, checkpoint, eval_model.onnx and optimizer_model.onnx;
the entry's formulas give the inputs.
"""
import json
import sys

import no_torch  # noqa: F401  (onnxruntime.training asks for PyTorch at import, and needs none of it)
import numpy as np
import onnxruntime
from onnxruntime.training.api import CheckpointState, Module, Optimizer


def values(spec, position, step):
    i = np.arange(int(np.prod(spec["example_shape"])), dtype=np.float64)
    last = spec["example_shape"][-1]
    value = {
        "float": lambda: np.sin(0.37 * i + step + 2 * position),
        "label": lambda: (7 * i + 3 * step) % spec["mod"],
        "token": lambda: (i * i + 31 * i + step) % spec["mod"],
        "mask": lambda: (i % last) < last - ((i // last) % 3),
    }[spec["formula"]]()
    return value.astype(spec["dtype"]).reshape(spec["example_shape"])


folder, model, steps = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(folder + "/entry.json", encoding="utf-8") as file:
    inputs = json.load(file)["inputs"]
options = onnxruntime.SessionOptions()
options.enable_mem_pattern = False
options.intra_op_num_threads = 1
options.log_severity_level = 3
if len(sys.argv) > 4:
    options.register_custom_ops_library(sys.argv[4])
onnxruntime.set_seed(1)
state = CheckpointState.load_checkpoint(folder + "/checkpoint")
module = Module(model, state, folder + "/eval_model.onnx", session_options=options)
optimizer = Optimizer(folder + "/optimizer_model.onnx", module)
module.train()
for step in range(steps):
    outputs = module(*[values(spec, position, step) for position, spec in enumerate(inputs)])
    first = outputs[0] if isinstance(outputs, (list, tuple)) else outputs
    print(repr(float(np.asarray(first).reshape(-1)[0])))
    optimizer.step()
    module.lazy_reset_grad()
