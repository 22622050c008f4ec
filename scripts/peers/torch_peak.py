"""Times products of two square float32 matrices in PyTorch: what this machine can do at most."""

import torch
from protocol import arguments, serve

asked = arguments()
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
size = 2048 if asked.device == "cpu" else 8192
left, right = torch.rand(size, size, device=asked.device), torch.rand(size, size, device=asked.device)


def product():
    """Multiplies once; returns the floating-point operations of that."""
    torch.mm(left, right)
    if asked.device == "cuda":
        torch.cuda.synchronize()
    return 2 * size**3


serve(product)
