"""The networks of ``fashion_dcgan`` in plain PyTorch."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

LATENT = 64


class PixelNorm(nn.Module):
    """Divides by the root mean square over channels."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the result for a batch."""
        return x * torch.rsqrt(x.square().mean(1, keepdim=True) + 1e-8)


class Generator(nn.Module):
    """Latents and classes to images."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(10, LATENT)
        self.first = nn.Linear(2 * LATENT, 7 * 7 * 64)
        self.up = nn.ModuleList([nn.Conv2d(64, 128, 3, padding=1), nn.Conv2d(32, 64, 3, padding=1)])
        self.last = nn.Conv2d(16, 1, 3, padding=1)
        self.norm = PixelNorm()

    def forward(self, z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the result for a batch."""
        z = torch.cat([z, self.embedding(y)], 1)
        x = functional.leaky_relu(self.norm(self.first(z).view(-1, 64, 7, 7)), 0.2)
        for conv in self.up:
            x = functional.leaky_relu(self.norm(functional.pixel_shuffle(conv(x), 2)), 0.2)
        return torch.tanh(self.last(x))


class Discriminator(nn.Module):
    """Images and classes to logits."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 32, 4, 2, 1), nn.Conv2d(32, 64, 4, 2, 1)
        self.last = nn.Linear(64 * 7 * 7, 1)
        self.projection = nn.Embedding(10, 64)

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the result for a batch."""
        x = functional.leaky_relu(self.first(x), 0.2)
        x = functional.leaky_relu(self.second(x), 0.2)
        return self.last(x.flatten(1))[:, 0] + (self.projection(y) * x.mean((2, 3))).sum(1)
