"""The operators of OnnxActNN for onnxruntime: sessions opened with registered options run rewritten graphs.

    options = onnxruntime.SessionOptions()
    onnxactnn.register(options)
"""
import os

__version__ = "{{version}}"
__all__ = ["library_path", "register"]


def library_path() -> str:
    """The shared library, for whoever registers it himself (C++, generate_artifacts(custom_op_library=...))."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib", "libonnxactnn.so")


def register(session_options):
    """Registers the operators with session options, as packed graphs want them, and returns the options.

    Memory pattern is switched off, because it keeps more alive than packed graphs need. The arena stays as it is:
    switch enable_cpu_mem_arena off to see memory go back to the system.
    """
    session_options.enable_mem_pattern = False
    session_options.register_custom_ops_library(library_path())
    return session_options
