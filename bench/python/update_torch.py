"""One DDPG update in PyTorch, the one that `ornstein bench update` times, for the table of docs/engines.md.

    python bench/python/update_torch.py --batch 64 --hidden 256,256 --threads 1
    python bench/python/update_torch.py --batch 64 --hidden 256,256 --device cuda --graph

With `--graph` the update is recorded once, as a CUDA graph, and replayed. Products are in whole floats on every device.
"""

import argparse
import copy
import json
import time

import torch
from timing import best
from torch import nn

OBSERVATION, ACTION, GAMMA, TAU = 3, 1, 0.99, 0.005


def network(inputs, hidden, last):
    layers = []
    for width in hidden:
        layers += [nn.Linear(inputs, width), nn.ReLU()]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, 1), *last)


def learner(batch, hidden, graph):
    actor = network(OBSERVATION, hidden, [nn.Tanh()])
    critic = network(OBSERVATION + ACTION, hidden, [])
    target_actor, target_critic = copy.deepcopy(actor), copy.deepcopy(critic)
    actor_adam = torch.optim.Adam(actor.parameters(), lr=1e-3, foreach=True, capturable=graph)
    critic_adam = torch.optim.Adam(critic.parameters(), lr=1e-3, foreach=True, capturable=graph)
    online = [*actor.parameters(), *critic.parameters()]
    targets = [*target_actor.parameters(), *target_critic.parameters()]
    s, s2 = torch.randn(batch, OBSERVATION), torch.randn(batch, OBSERVATION)
    a, r, discount = torch.rand(batch, ACTION), torch.randn(batch, 1), torch.full((batch, 1), GAMMA)

    def update():
        with torch.no_grad():
            y = r + discount * target_critic(torch.cat([s2, target_actor(s2)], 1))
        critic_loss = nn.functional.mse_loss(critic(torch.cat([s, a], 1)), y)
        critic_adam.zero_grad(set_to_none=True)
        critic_loss.backward()
        critic_adam.step()
        actor_loss = -critic(torch.cat([s, actor(s)], 1)).mean()
        actor_adam.zero_grad(set_to_none=True)
        actor_loss.backward()
        actor_adam.step()
        with torch.no_grad():
            torch._foreach_lerp_(targets, online, TAU)

    observation = torch.randn(1, OBSERVATION)

    def act():
        with torch.no_grad():
            return actor(observation).cpu().numpy()

    return (recorded(update) if graph else update), act


def recorded(update):
    """The update as a CUDA graph, after three runs beside it, which make what is made once."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            update()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        update()
    return graph.replay


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--hidden", default="256,256")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--graph", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_default_device(options.device)
    begun = time.perf_counter()
    step, act = learner(options.batch, [int(width) for width in options.hidden.split(",")], options.graph)

    def update():
        step()
        if options.device == "cuda":
            torch.cuda.synchronize()

    update()
    first = (time.perf_counter() - begun) * 1000
    times = {"milliseconds": best(update, 3), "actingMilliseconds": best(act, 0.5), "compileMilliseconds": first}
    print(json.dumps(times))


main()
