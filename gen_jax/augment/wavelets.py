"""The two symlets that augmentation filters with, and the bank of frequency bands built from the shorter one."""

from __future__ import annotations

import numpy as np

SYM2 = np.array([-0.12940952255092145, 0.22414386804185735, 0.836516303737469, 0.48296291314469025])
"""Low-pass filter of the symlet with 2 vanishing moments (Daubechies, Ten Lectures on Wavelets, table 6.1)."""

SYM6 = np.array(
    [
        0.015404109327027373,
        0.0034907120842174702,
        -0.11799011114819057,
        -0.048311742585633,
        0.4910559419267466,
        0.787641141030194,
        0.3379294217276218,
        -0.07263752278646252,
        -0.021060292512300564,
        0.04472490177066578,
        0.0017677118642428036,
        -0.007800708325034148,
    ]
)
"""Low-pass filter of the symlet with 6 vanishing moments (the same book, table 6.3)."""


def frequency_bands() -> np.ndarray:
    """Return four filters [4, 43] that add up to the identity, the lowest octave first.

    With ``L(z) = H(z) H(1/z) / 2`` of the sym2 low-pass filter and ``B = 1 - L`` they are
    ``L(z) L(z^2) L(z^4)``, ``L(z) L(z^2) B(z^4)``, ``L(z) B(z^2)`` and ``B(z)``: frequencies up to 1/8 of the
    highest, 1/8 to 1/4, 1/4 to 1/2, and the rest.
    Source: Karras et al., arXiv 2006.06676, appendix B.
    """
    low = np.convolve(SYM2, SYM2[::-1]) / 2
    high = -low
    high[len(high) // 2] += 1
    lows = [_spread(low, 2**octave) for octave in range(3)]
    highs = [_spread(high, 2**octave) for octave in range(3)]
    bands = [
        np.convolve(np.convolve(lows[0], lows[1]), lows[2]),
        np.convolve(np.convolve(lows[0], lows[1]), highs[2]),
        np.convolve(lows[0], highs[1]),
        highs[0],
    ]
    length = len(bands[0])
    return np.stack([np.pad(band, (length - len(band)) // 2) for band in bands])


def reflected(index: np.ndarray, size: int) -> np.ndarray:
    """Return where in ``0 .. size - 1`` an index lies once a signal goes on as its mirror image, edges not repeated."""
    index = np.mod(index, 2 * (size - 1))
    return np.minimum(index, 2 * (size - 1) - index)


def _spread(taps: np.ndarray, step: int) -> np.ndarray:
    wide = np.zeros((len(taps) - 1) * step + 1)
    wide[::step] = taps
    return wide
