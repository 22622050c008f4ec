"""Times writing a text of 64 characters about one picture in JAX: one jitted loop, the whole text for each character."""

import os

from protocol import arguments, serve

asked = arguments()
os.environ["JAX_PLATFORMS"] = asked.device

import numpy
from jax_model import IMAGE, TEXT, Random, build, decode, encode, jax, jnp

silent = Random(None)


@jax.jit
def write(weights, images):
    image = encode(asked.model, weights, images, silent)

    def character(position, ids):
        logits = decode(asked.model, weights, image, ids, silent)[:, position]
        return ids.at[:, position].set(logits.argmax(-1))

    return jax.lax.fori_loop(0, TEXT, character, jnp.zeros((1, TEXT), jnp.int32))


weights = jax.jit(build, static_argnums=0)(asked.model)
images = numpy.random.default_rng(0).random((1, IMAGE, IMAGE, 3), dtype=numpy.float32)


def generate():
    numpy.asarray(write(weights, images))


serve(generate)
