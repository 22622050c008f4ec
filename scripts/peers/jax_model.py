"""The two models in plain jax.numpy, as functions of a tree of weights, for the comparisons beside this file.

The same computation as torch_model.py, written as one would in JAX: all heads in one product, and in the
mixture every expert works on every token, weighted by its gate, so that shapes are fixed.
"""

import os

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

import jax
import jax.numpy as jnp

jax.config.update("jax_default_matmul_precision", "highest")

BATCH, TEXT, VOCAB, CONTEXT = 16, 64, 66, 1000
IMAGE, PATCH, VISION, VISION_BLOCKS = 96, 16, 512, 3
WIDTH, BLOCKS, HEADS, DROPOUT = 128, 8, 8, 0.1
EXPERTS, TOP_K = 8, 2
PATCHES = (IMAGE // PATCH) ** 2


def linear(key, inputs, outputs, bias=True, copies=()):
    """Weights [..., inputs, outputs] and biases of a linear map, or of several."""
    one, other = jax.random.split(key)
    bound = inputs**-0.5
    made = {"weights": jax.random.uniform(one, (*copies, inputs, outputs), minval=-bound, maxval=bound)}
    if bias:
        made["biases"] = jax.random.uniform(other, (*copies, outputs), minval=-bound, maxval=bound)
    return made


def norm(width):
    return {"gain": jnp.ones(width), "offset": jnp.zeros(width)}


def two_layers(key, width, copies=()):
    one, other = jax.random.split(key)
    return {"widen": linear(one, width, 4 * width, copies=copies), "narrow": linear(other, 4 * width, width, copies=copies)}


def block(key, width, mixture):
    keys = jax.random.split(key, 5)
    made = {
        "norm_1": norm(width),
        "qkv": linear(keys[0], width, 3 * width, bias=False),
        "output": linear(keys[1], width, width),
        "norm_2": norm(width),
    }
    if mixture:
        made |= {"logits": linear(keys[2], width, EXPERTS), "noise": linear(keys[3], width, EXPERTS)}
    return made | {"feed_forward": two_layers(keys[4], width, (EXPERTS,) if mixture else ())}


def build(name):
    """The full-size model's weights, seemore or seemoe."""
    keys = jax.random.split(jax.random.key(0), 7)
    return {
        "patches": linear(keys[0], 3 * PATCH * PATCH, VISION),
        "cls": jnp.zeros((1, 1, VISION)),
        "image_positions": jax.random.normal(keys[1], (1, PATCHES + 1, VISION)),
        "encoder": [block(key, VISION, False) for key in jax.random.split(keys[2], VISION_BLOCKS)],
        "encoder_norm": norm(VISION),
        "projector": {"widen": linear(keys[3], VISION, 4 * VISION), "narrow": linear(keys[4], 4 * VISION, WIDTH)},
        "tokens": jax.random.normal(keys[5], (VOCAB, WIDTH)),
        "positions": jax.random.normal(keys[6], (CONTEXT, WIDTH)),
        "decoder": [block(key, WIDTH, name == "seemoe") for key in jax.random.split(keys[2], BLOCKS)],
        "decoder_norm": norm(WIDTH),
        "head": linear(keys[3], WIDTH, VOCAB),
    }


class Random:
    """A key for each use. Without a key nothing is dropped, and routers have no noise."""

    def __init__(self, key):
        self.key = key

    def next(self):
        self.key, used = jax.random.split(self.key)
        return used

    def dropout(self, x):
        if self.key is None:
            return x
        return jnp.where(jax.random.bernoulli(self.next(), 1 - DROPOUT, x.shape), x / (1 - DROPOUT), 0)

    def normal(self, shape):
        return 0 if self.key is None else jax.random.normal(self.next(), shape)


def apply(layer, x):
    x = x @ layer["weights"]
    return x + layer["biases"] if "biases" in layer else x


def normalise(layer, x):
    centred = x - x.mean(-1, keepdims=True)
    return centred * jax.lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * layer["gain"] + layer["offset"]


def gelu(x):
    return jax.nn.gelu(x, approximate=False)


def attend(layer, x, causal, random):
    """All heads at once; scores are scaled by the full width, as the originals do."""
    batch, seq, width = x.shape
    query, key, value = jnp.moveaxis(apply(layer["qkv"], x).reshape(batch, seq, 3, HEADS, width // HEADS), 2, 0)
    scores = jnp.einsum("bqhd,bkhd->bhqk", query, key) * width**-0.5
    if causal:
        scores = jnp.where(jnp.tril(jnp.ones((seq, seq), bool)), scores, -jnp.inf)
    weights = random.dropout(jax.nn.softmax(scores))
    mixed = jnp.einsum("bhqk,bkhd->bqhd", weights, value).reshape(batch, seq, width)
    return random.dropout(apply(layer["output"], mixed))


def dense(layer, x, random):
    """The feed-forward of seemore's blocks."""
    return apply(layer["feed_forward"]["narrow"], gelu(apply(layer["feed_forward"]["widen"], x)))


def relu(layer, x, random):
    """The feed-forward of seemoe's encoder blocks."""
    hidden = jax.nn.relu(apply(layer["feed_forward"]["widen"], x))
    return random.dropout(apply(layer["feed_forward"]["narrow"], hidden))


def mixture(layer, x, random):
    """Noisy top-k routing; every expert works on every token."""
    logits = apply(layer["logits"], x)
    logits += random.normal(logits.shape) * jax.nn.softplus(apply(layer["noise"], x))
    least = jax.lax.stop_gradient(jax.lax.top_k(logits, TOP_K)[0][..., -1:])
    gates = jax.nn.softmax(jnp.where(logits >= least, logits, -jnp.inf))
    widen, narrow = layer["feed_forward"]["widen"], layer["feed_forward"]["narrow"]
    hidden = jax.nn.relu(jnp.einsum("btc,ech->beth", x, widen["weights"]) + widen["biases"][:, None])
    outputs = jnp.einsum("beth,ehc->betc", hidden, narrow["weights"]) + narrow["biases"][:, None]
    return jnp.einsum("betc,bte->btc", random.dropout(outputs), gates)


def transform(layer, x, causal, feed_forward, random):
    """A block; the second residual starts from the normalised x."""
    x = normalise(layer["norm_2"], x + attend(layer, normalise(layer["norm_1"], x), causal, random))
    return x + feed_forward(layer, x, random)


def encode(name, weights, images, random):
    """The visual token [batch, 1, width] of images [batch, height, width, 3]."""
    batch, side = len(images), IMAGE // PATCH
    x = images.reshape(batch, side, PATCH, side, PATCH, 3).swapaxes(2, 3).reshape(batch, PATCHES, -1)
    cls = jnp.broadcast_to(weights["cls"], (batch, 1, VISION))
    x = random.dropout(jnp.concatenate([cls, apply(weights["patches"], x)], 1) + weights["image_positions"])
    for layer in weights["encoder"]:
        x = transform(layer, x, False, dense if name == "seemore" else relu, random)
    x = normalise(weights["encoder_norm"], x[:, :1])
    x = apply(weights["projector"]["narrow"], gelu(apply(weights["projector"]["widen"], x)))
    return random.dropout(x)


def decode(name, weights, image, ids, random):
    """Logits [batch, 1 + text, vocab]."""
    x = jnp.concatenate([image, weights["tokens"][ids]], 1)
    x += weights["positions"][: x.shape[1]]
    for layer in weights["decoder"]:
        x = transform(layer, x, True, dense if name == "seemore" else mixture, random)
    return apply(weights["head"], normalise(weights["decoder_norm"], x))


def loss(weights, name, images, ids, targets, key):
    random = Random(key)
    logits = decode(name, weights, encode(name, weights, images, random), ids, random)[:, 1:]
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), targets[..., None], -1).mean()
