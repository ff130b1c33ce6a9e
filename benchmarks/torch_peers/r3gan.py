"""The networks of R3GAN in plain PyTorch, in float32."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


def weight(*shape: int, std: float = 0.03) -> nn.Parameter:
    """Return normal random weights of a standard deviation."""
    return nn.Parameter(std * torch.randn(*shape))


def smoothing() -> torch.Tensor:
    """Return the filter [1, 1, 4, 4] of both resamplings."""
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
    return torch.outer(taps, taps)[None, None]


class Block(nn.Module):
    """1x1, grouped 3x3, 1x1, around which the input goes."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.one, self.three = weight(2 * width, width, 1, 1), weight(width, 2 * width, 1, 1)
        self.two = weight(2 * width, 16, 3, 3)
        self.bias1, self.bias2 = nn.Parameter(torch.zeros(2 * width)), nn.Parameter(torch.zeros(2 * width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the result for a batch."""
        y = functional.conv2d(x, self.one) + self.bias1.view(1, -1, 1, 1)
        y = functional.conv2d(functional.leaky_relu(y, 0.2), self.two, padding=1, groups=self.two.shape[0] // 16)
        y = functional.leaky_relu(y + self.bias2.view(1, -1, 1, 1), 0.2)
        return x + functional.conv2d(y, self.three)


class Up(nn.Module):
    """Twice the side, smoothed."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("kernel", smoothing())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the result for a batch."""
        c = x.shape[1]
        return functional.conv_transpose2d(x, 4 * self.kernel.expand(c, 1, 4, 4), stride=2, padding=1, groups=c)


class Down(nn.Module):
    """Half the side, smoothed."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("kernel", smoothing())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the result for a batch."""
        c = x.shape[1]
        return functional.conv2d(x, self.kernel.expand(c, 1, 4, 4), stride=2, padding=1, groups=c)


class Generator(nn.Module):
    """Latents and classes to images."""

    def __init__(self, *, width: int, stages: int, blocks: int, classes: int, latent: int, embedding: int) -> None:
        super().__init__()
        self.embedding, self.linear = weight(classes, embedding), weight(width, latent + embedding)
        self.basis, self.last = weight(width, 4, 4, std=1.0), weight(3, width, 1, 1)
        layers = [[Up()] * (stage > 0) + [Block(width) for _ in range(blocks)] for stage in range(stages)]
        self.body = nn.Sequential(*[layer for stage in layers for layer in stage])

    def forward(self, z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the result for a batch."""
        z = functional.linear(torch.cat([z, self.embedding[y]], 1), self.linear)
        return functional.conv2d(self.body(self.basis * z[:, :, None, None]), self.last)


class Discriminator(nn.Module):
    """Images and classes to logits."""

    def __init__(self, *, width: int, stages: int, blocks: int, classes: int) -> None:
        super().__init__()
        self.embedding, self.linear = weight(classes, width), weight(width, width)
        self.basis, self.first = weight(width, 4, 4), weight(width, 3, 1, 1)
        layers = [[Block(width) for _ in range(blocks)] + [Down()] * (stage > 0) for stage in range(stages)[::-1]]
        self.body = nn.Sequential(*[layer for stage in layers for layer in stage])

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the result for a batch."""
        x = (self.body(functional.conv2d(x, self.first)) * self.basis).sum((2, 3))
        return (functional.linear(x, self.linear) * self.embedding[y]).sum(1)
