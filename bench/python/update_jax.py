"""One DDPG update in JAX, compiled whole, the one that `ornstein bench update` times, for the table of docs/engines.md.

    taskset -c 0 python bench/python/update_jax.py --batch 64 --hidden 256,256
"""

import argparse
import functools
import json
import time

import jax
import jax.numpy as jnp
import optax
from timing import best

OBSERVATION, ACTION, GAMMA, TAU = 3, 1, 0.99, 0.005


def initial(key, widths):
    keys = jax.random.split(key, len(widths))
    pairs = zip(keys, widths, widths[1:])
    return [(jax.random.normal(k, (n, m)) / n**0.5, jnp.zeros(m)) for k, n, m in pairs]


def apply(layers, x):
    for w, b in layers[:-1]:
        x = jax.nn.relu(x @ w + b)
    w, b = layers[-1]
    return x @ w + b


def policy(layers, s):
    return jnp.tanh(apply(layers, s))


def value(layers, s, a):
    return apply(layers, jnp.concatenate([s, a], 1))


adam = optax.adam(1e-3)


@functools.partial(jax.jit, donate_argnums=0)
def update(state, batch):
    s, a, r, discount, s2 = batch
    online, target, moments = state
    y = r + discount * value(target["critic"], s2, policy(target["actor"], s2))
    critic_loss, gradient = jax.value_and_grad(lambda q: jnp.mean((value(q, s, a) - y) ** 2))(online["critic"])
    step, critic_moments = adam.update(gradient, moments["critic"])
    critic = optax.apply_updates(online["critic"], step)
    actor_loss, gradient = jax.value_and_grad(lambda mu: -jnp.mean(value(critic, s, policy(mu, s))))(online["actor"])
    step, actor_moments = adam.update(gradient, moments["actor"])
    online = {"actor": optax.apply_updates(online["actor"], step), "critic": critic}
    target = jax.tree.map(lambda t, o: (1 - TAU) * t + TAU * o, target, online)
    return (online, target, {"actor": actor_moments, "critic": critic_moments}), (critic_loss, actor_loss)


act = jax.jit(policy)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--hidden", default="256,256")
    options = parser.parse_args()
    hidden = [int(width) for width in options.hidden.split(",")]
    key = jax.random.key(0)
    online = {
        "actor": initial(key, [OBSERVATION, *hidden, ACTION]),
        "critic": initial(key, [OBSERVATION + ACTION, *hidden, 1]),
    }
    moments = {name: adam.init(layers) for name, layers in online.items()}
    # Updates give their memory away, so each part of the state has its own.
    held = [jax.tree.map(jnp.copy, (online, online, moments))]
    s, a, r, s2 = (jax.random.normal(key, (options.batch, n)) for n in (OBSERVATION, ACTION, 1, OBSERVATION))
    batch = (s, a, r, jnp.full((options.batch, 1), GAMMA), s2)

    def run():
        held[0], losses = update(held[0], batch)
        jax.block_until_ready((held[0], losses))

    begun = time.perf_counter()
    run()
    first = (time.perf_counter() - begun) * 1000
    acting = best(lambda: jax.block_until_ready(act(online["actor"], s[:1])), 0.5)
    print(json.dumps({"milliseconds": best(run, 3), "actingMilliseconds": acting, "compileMilliseconds": first}))


main()
