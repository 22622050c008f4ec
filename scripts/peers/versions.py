"""Prints which of the packages that matter to the comparisons are installed, as JSON."""

import importlib.metadata
import json
import platform

PACKAGES = ["torch", "jax", "jaxlib", "lammps-jax-pjrt-cpu", "jax-cuda13-pjrt", "jax-cuda13-plugin", "jax-cuda12-pjrt"]
found = {"Python": platform.python_version()}
for package in PACKAGES:
    try:
        found[package] = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
