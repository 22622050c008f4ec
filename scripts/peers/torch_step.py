"""Times training steps in PyTorch: eager, with --compile by torch.compile, with --original the originals' own files."""

import torch
from protocol import arguments, serve
from torch_model import BATCH, IMAGE, TEXT, VOCAB, build
from torch_original import build_original

asked = arguments()
model = build_original(asked.model, asked.original, asked.device) if asked.original else build(asked.model, asked.device)
if asked.compile:
    model = torch.compile(model)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
images, ids = torch.rand(BATCH, 3, IMAGE, IMAGE), torch.randint(0, VOCAB, (BATCH, TEXT))


def step():
    """Brings a batch from the host's memory, updates the weights, and reads the loss back."""
    texts = ids.to(asked.device)
    loss = model(images.to(asked.device), texts, texts)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    value = loss.item()
    if asked.device == "cuda":
        torch.cuda.synchronize()
    return value


serve(step)
