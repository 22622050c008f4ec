"""Times training steps in JAX, jitted: forward, gradient and Adam in one program."""

import os

from protocol import arguments, serve

asked = arguments()
os.environ["JAX_PLATFORMS"] = asked.device

from functools import partial

import numpy
from jax_model import BATCH, IMAGE, TEXT, VOCAB, build, jax, jnp, loss

RATE, BETA_1, BETA_2, EPSILON = 1e-3, 0.9, 0.999, 1e-8


@partial(jax.jit, donate_argnums=0)
def update(state, images, ids):
    weights, first, second, steps, key = state
    key, used = jax.random.split(key)
    value, gradients = jax.value_and_grad(loss)(weights, asked.model, images, ids, ids, used)
    steps += 1
    first = jax.tree.map(lambda m, g: BETA_1 * m + (1 - BETA_1) * g, first, gradients)
    second = jax.tree.map(lambda v, g: BETA_2 * v + (1 - BETA_2) * g**2, second, gradients)
    unbiased_1, unbiased_2 = 1 - BETA_1**steps, 1 - BETA_2**steps
    weights = jax.tree.map(
        lambda w, m, v: w - RATE * (m / unbiased_1) / (jnp.sqrt(v / unbiased_2) + EPSILON), weights, first, second
    )
    return (weights, first, second, steps, key), value


source = numpy.random.default_rng(0)
images = source.random((BATCH, IMAGE, IMAGE, 3), dtype=numpy.float32)
ids = source.integers(0, VOCAB, (BATCH, TEXT), dtype=numpy.int32)
weights = jax.jit(build, static_argnums=0)(asked.model)
zeros = partial(jax.tree.map, jnp.zeros_like)
state = (weights, zeros(weights), zeros(weights), jnp.zeros(()), jax.random.key(1))


def step():
    """Brings a batch from the host's memory, updates the weights, and reads the loss back."""
    global state
    state, value = update(state, images, ids)
    return float(jax.block_until_ready((state, value))[1])


serve(step)
