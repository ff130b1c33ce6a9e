"""Image edits: pure functions of images, exact as Pillow on uint8 and differentiable on float.

``edit.rotate(images, degrees=12)`` is the function, ``edit.Rotate(degrees=12)`` the same as data, and
``edit.Chain([...])`` several of them compiled as one.
"""

from gen_jax.edit.chain import Chain as Chain
from gen_jax.edit.color.enhance import brightness as brightness
from gen_jax.edit.color.enhance import contrast as contrast
from gen_jax.edit.color.enhance import saturation as saturation
from gen_jax.edit.color.enhance import sharpness as sharpness
from gen_jax.edit.color.equalization import autocontrast as autocontrast
from gen_jax.edit.color.equalization import equalize as equalize
from gen_jax.edit.color.equalization import match_histogram as match_histogram
from gen_jax.edit.color.hue import hue as hue
from gen_jax.edit.color.linear import color_matrix as color_matrix
from gen_jax.edit.color.linear import grayscale as grayscale
from gen_jax.edit.color.linear import sepia as sepia
from gen_jax.edit.color.linear import temperature as temperature
from gen_jax.edit.color.tone import exposure as exposure
from gen_jax.edit.color.tone import gamma as gamma
from gen_jax.edit.color.tone import invert as invert
from gen_jax.edit.color.tone import levels as levels
from gen_jax.edit.color.tone import posterize as posterize
from gen_jax.edit.color.tone import solarize as solarize
from gen_jax.edit.color.tone import threshold as threshold
from gen_jax.edit.composite.mix import blend as blend
from gen_jax.edit.composite.mix import paste as paste
from gen_jax.edit.composite.over import alpha_over as alpha_over
from gen_jax.edit.composite.regions import cutout as cutout
from gen_jax.edit.composite.regions import vignette as vignette
from gen_jax.edit.composite.watermark import watermark as watermark
from gen_jax.edit.filter.blur import box_blur as box_blur
from gen_jax.edit.filter.blur import gaussian_blur as gaussian_blur
from gen_jax.edit.filter.blur import true_gaussian_blur as true_gaussian_blur
from gen_jax.edit.filter.blur import unsharp_mask as unsharp_mask
from gen_jax.edit.filter.convolve import contour as contour
from gen_jax.edit.filter.convolve import convolve as convolve
from gen_jax.edit.filter.convolve import detail as detail
from gen_jax.edit.filter.convolve import edge_enhance as edge_enhance
from gen_jax.edit.filter.convolve import edge_enhance_more as edge_enhance_more
from gen_jax.edit.filter.convolve import emboss as emboss
from gen_jax.edit.filter.convolve import find_edges as find_edges
from gen_jax.edit.filter.convolve import sharpen as sharpen
from gen_jax.edit.filter.convolve import smooth as smooth
from gen_jax.edit.filter.convolve import smooth_more as smooth_more
from gen_jax.edit.filter.edges import edges as edges
from gen_jax.edit.filter.motion import motion_blur as motion_blur
from gen_jax.edit.filter.rank import maximum as maximum
from gen_jax.edit.filter.rank import median as median
from gen_jax.edit.filter.rank import minimum as minimum
from gen_jax.edit.frames import Frames as Frames
from gen_jax.edit.geometry.affine import affine as affine
from gen_jax.edit.geometry.affine import scale as scale
from gen_jax.edit.geometry.affine import shear as shear
from gen_jax.edit.geometry.affine import translate as translate
from gen_jax.edit.geometry.crop import center_crop as center_crop
from gen_jax.edit.geometry.crop import crop as crop
from gen_jax.edit.geometry.elastic import elastic as elastic
from gen_jax.edit.geometry.fit import contain as contain
from gen_jax.edit.geometry.fit import cover as cover
from gen_jax.edit.geometry.fit import fit as fit
from gen_jax.edit.geometry.fit import letterbox as letterbox
from gen_jax.edit.geometry.flip import flip_left_right as flip_left_right
from gen_jax.edit.geometry.flip import flip_up_down as flip_up_down
from gen_jax.edit.geometry.flip import rotate90 as rotate90
from gen_jax.edit.geometry.flip import transpose as transpose
from gen_jax.edit.geometry.flip import transverse as transverse
from gen_jax.edit.geometry.pad import pad as pad
from gen_jax.edit.geometry.perspective import perspective as perspective
from gen_jax.edit.geometry.resize import resize as resize
from gen_jax.edit.geometry.rotate import rotate as rotate
from gen_jax.edit.noise.grain import gaussian_noise as gaussian_noise
from gen_jax.edit.noise.grain import salt_and_pepper as salt_and_pepper
from gen_jax.edit.noise.grain import speckle as speckle
from gen_jax.edit.noise.jpeg import jpeg as jpeg
from gen_jax.edit.operation import Operation as Operation
from gen_jax.edit.operation import operation as _operation

# In the order in which they are listed to a person.
FlipLeftRight = _operation(flip_left_right)
FlipUpDown = _operation(flip_up_down)
Rotate90 = _operation(rotate90)
Transpose = _operation(transpose)
Transverse = _operation(transverse)
Crop = _operation(crop)
CenterCrop = _operation(center_crop)
Pad = _operation(pad)
Resize = _operation(resize)
Fit = _operation(fit)
Cover = _operation(cover)
Contain = _operation(contain)
Letterbox = _operation(letterbox)
Rotate = _operation(rotate)
Translate = _operation(translate)
Scale = _operation(scale)
Shear = _operation(shear)
Affine = _operation(affine)
Perspective = _operation(perspective)
Elastic = _operation(elastic)
Brightness = _operation(brightness)
Contrast = _operation(contrast)
Saturation = _operation(saturation)
Sharpness = _operation(sharpness)
Hue = _operation(hue)
Gamma = _operation(gamma)
Exposure = _operation(exposure)
Levels = _operation(levels)
Invert = _operation(invert)
Posterize = _operation(posterize)
Solarize = _operation(solarize)
Threshold = _operation(threshold)
Grayscale = _operation(grayscale)
Sepia = _operation(sepia)
Temperature = _operation(temperature)
ColorMatrix = _operation(color_matrix)
Autocontrast = _operation(autocontrast)
Equalize = _operation(equalize)
MatchHistogram = _operation(match_histogram)
GaussianBlur = _operation(gaussian_blur)
BoxBlur = _operation(box_blur)
TrueGaussianBlur = _operation(true_gaussian_blur)
UnsharpMask = _operation(unsharp_mask)
Median = _operation(median)
Minimum = _operation(minimum)
Maximum = _operation(maximum)
Sharpen = _operation(sharpen)
Smooth = _operation(smooth)
SmoothMore = _operation(smooth_more)
Detail = _operation(detail)
EdgeEnhance = _operation(edge_enhance)
EdgeEnhanceMore = _operation(edge_enhance_more)
Emboss = _operation(emboss)
FindEdges = _operation(find_edges)
Contour = _operation(contour)
Convolve = _operation(convolve)
Edges = _operation(edges)
MotionBlur = _operation(motion_blur)
GaussianNoise = _operation(gaussian_noise)
Speckle = _operation(speckle)
SaltAndPepper = _operation(salt_and_pepper)
Jpeg = _operation(jpeg)
AlphaOver = _operation(alpha_over)
Blend = _operation(blend)
Paste = _operation(paste)
Cutout = _operation(cutout)
Vignette = _operation(vignette)
Watermark = _operation(watermark)
