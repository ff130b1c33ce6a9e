"""A service from Python: ``Client(url).edit("photo.jpg", ["rotate=12"]).save("out.jpg")``."""

from gen_jax.serve.client.client import Client as Client
from gen_jax.serve.client.client import ServedImage as ServedImage
