"""Times writing a text of 64 characters about one picture in PyTorch.

Like the originals, the whole text anew for each character; the picture is encoded once. With --compile the
text is padded to its full length, so that one compiled shape serves all characters.
"""

import torch
from protocol import arguments, serve
from torch_model import IMAGE, TEXT, build

asked = arguments()
model = build(asked.model, asked.device).eval()
images = torch.rand(1, 3, IMAGE, IMAGE)


@torch.no_grad()
def eager():
    image = model.encode(images.to(asked.device))
    ids = torch.zeros(1, 0, dtype=torch.long, device=asked.device)
    for _ in range(TEXT):
        ids = torch.cat([ids, model.decode(image, ids)[:, -1:].argmax(-1)], dim=1)
    ids.cpu()


encode, decode = torch.compile(model.encode), torch.compile(model.decode)


@torch.no_grad()
def padded():
    image = encode(images.to(asked.device))
    ids = torch.zeros(1, TEXT, dtype=torch.long, device=asked.device)
    for position in range(TEXT):
        ids[:, position] = decode(image, ids)[:, position].argmax(-1)
    ids.cpu()


serve(padded if asked.compile else eager)
