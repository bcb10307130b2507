"""Several processes that train as one: sums over all of them, gradients averaged, one of them writing.

Started by `torchrun`, which sets RANK and WORLD_SIZE; used by training.loop and training.commands.train.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn


@dataclass(frozen=True)
class Processes:
    """This process's rank among `world`; alone, nothing is sent anywhere."""

    rank: int = 0
    world: int = 1

    @property
    def first(self) -> bool:
        """Whether this is the process that writes."""
        return self.rank == 0

    def summed(self, value: Tensor) -> Tensor:
        """The sum over all processes."""
        if self.world > 1:
            value = value.clone()
            distributed.all_reduce(value)
        return value

    def average(self, values: Iterable[Tensor]) -> None:
        """Replace these tensors, in place, by their means over all processes; sent as one."""
        together = list(values)
        if self.world == 1 or not together:
            return
        flat = torch.cat([value.flatten().float() for value in together])
        distributed.all_reduce(flat)
        flat /= self.world
        for value, mean in zip(together, torch.split(flat, [value.numel() for value in together]), strict=True):
            value.copy_(mean.view_as(value))

    def any(self, here: bool) -> bool:
        """Whether it holds in any process; every process gets the same answer."""
        if self.world == 1:
            return here
        return bool(self.summed(torch.tensor(float(here), device=_device())).item())

    def wait(self) -> None:
        """Go on when every process is here."""
        if self.world > 1:
            distributed.barrier()


ALONE = Processes()


@contextmanager
def joined(device: str) -> Iterator[tuple[Processes, str]]:
    """The processes that torchrun started, with this one's device: over NCCL on CUDA, Gloo on the CPU."""
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        yield ALONE, device
        return
    if device == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        device = f"cuda:{os.environ['LOCAL_RANK']}"
    distributed.init_process_group("nccl" if device.startswith("cuda") else "gloo")
    try:
        yield Processes(distributed.get_rank(), world), device
    finally:
        distributed.destroy_process_group()


def learnt_statistics(network: nn.Module) -> list[Tensor]:
    """The running means and variances of batch norms, in which processes differ until they are averaged."""
    norms = (module for module in network.modules() if isinstance(module, nn.BatchNorm2d) and module.training)
    return [buffer for norm in norms for buffer in (norm.running_mean, norm.running_var) if buffer is not None]


def _device() -> str:
    return "cuda" if distributed.get_backend() == "nccl" else "cpu"
