"""Times writing a text of 64 characters about one picture in PyTorch: torch_generate.py seemore|seemoe.

Like the originals, eager, and the whole text anew for each character; the picture is encoded once.
"""

import sys

import torch
from torch_model import IMAGE, TEXT, build, serve

model = build(sys.argv[1]).eval()
images = torch.rand(1, 3, IMAGE, IMAGE)


@torch.no_grad()
def generate():
    image, ids = model.encode(images), torch.zeros(1, 0, dtype=torch.long)
    for _ in range(TEXT):
        ids = torch.cat([ids, model.decode(image, ids)[:, -1:].argmax(-1)], dim=1)


serve(generate)
