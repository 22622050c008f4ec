"""Times training steps in PyTorch: torch_step.py seemore|seemoe [compile]. Without compile, eager."""

import sys

import torch
from torch_model import BATCH, IMAGE, TEXT, VOCAB, build, serve

model = build(sys.argv[1])
if "compile" in sys.argv[2:]:
    model = torch.compile(model)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
images, ids = torch.rand(BATCH, 3, IMAGE, IMAGE), torch.randint(0, VOCAB, (BATCH, TEXT))


def step():
    loss = model(images, ids, ids)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    loss.item()


serve(step)
