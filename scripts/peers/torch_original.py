"""The originals themselves, from a folder with their seemore.py and seeMoE.py."""

import contextlib
import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from unittest import mock

from torch import nn
from torch_model import BLOCKS, DROPOUT, EXPERTS, HEADS, IMAGE, PATCH, TOP_K, VISION, VISION_BLOCKS, VOCAB, WIDTH

FILES = {"seemore": ("seemore.py", "VisionLanguageModel"), "seemoe": ("seeMoE.py", "VisionMoELanguageModel")}
DATA_MODULES = ["pandas", "PIL", "torchvision", "torchvision.transforms", "mlflow"]  # not used by a step


class Loss(nn.Module):
    """The original's model, reduced to its loss."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, images, ids, targets):
        return self.model(images, ids, targets)[1]


def build_original(name, folder, device):
    """The full-size model of the original's own class. What its file imports and reads for its data is stood in for."""
    file, class_name = FILES[name]
    path = Path(folder).resolve() / file
    if not path.is_file():
        sys.exit(f"{path}: not found")
    absent = {module: mock.MagicMock() for module in DATA_MODULES if importlib.util.find_spec(module.split(".")[0]) is None}
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    module.dropout = DROPOUT  # a global of the notebooks
    with mock.patch.dict(sys.modules, absent), tempfile.TemporaryDirectory() as empty, contextlib.chdir(empty):
        Path("input.txt").write_text("".join(chr(ord("0") + i) for i in range(VOCAB - 1)))
        spec.loader.exec_module(module)
        os.unlink("input.txt")
    sizes = [WIDTH, VISION, VOCAB, BLOCKS, IMAGE, PATCH, HEADS, VISION_BLOCKS, DROPOUT, DROPOUT]
    if name == "seemoe":
        sizes += [EXPERTS, TOP_K]
    return Loss(getattr(module, class_name)(*sizes)).to(device)
