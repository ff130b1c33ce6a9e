# A job without a GPU. gen_jax itself is not in it: a job brings its code along.
# cuda12.Dockerfile and cuda13.Dockerfile differ from this file in these two lines and the next alone.
ARG ACCELERATOR=cpu
# Not one of Azure's or NVIDIA's CUDA images: their LD_LIBRARY_PATH goes before the libraries of jax's own wheels.
ARG BASE=python:3.12-slim-trixie

FROM ${BASE} AS build
ARG ACCELERATOR
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
COPY requirements-${ACCELERATOR}.txt locked.txt
# One package of the lock has no wheel (promise); setuptools, from the lock too, builds it.
RUN python -m venv /opt/gen_jax \
 && sed -n '/^setuptools==/,/[^\\]$/p' locked.txt > first.txt \
 && /opt/gen_jax/bin/pip install --require-hashes --only-binary=:all: -r first.txt \
 && /opt/gen_jax/bin/pip install --require-hashes --only-binary=:all: --no-binary=promise --no-build-isolation \
      -r locked.txt

FROM ${BASE}
# NCCL speaks InfiniBand through these two; without them it takes the slow way over TCP and says nothing.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ibverbs-providers libibverbs1 \
 && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 gen_jax \
 && useradd --uid 10001 --gid 10001 --create-home --shell /bin/bash gen_jax
COPY --from=build /opt/gen_jax /opt/gen_jax
# `gen-jax` runs the code that the job brought into the working directory; exec hands it the signals.
RUN printf '#!/bin/sh\nexec python -m gen_jax.cli.main "$@"\n' > /opt/gen_jax/bin/gen-jax \
 && chmod 755 /opt/gen_jax/bin/gen-jax
# The last two let a GPU in; mlflow looks for git, which is not here, and is not to warn of it.
ENV PATH=/opt/gen_jax/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOME=/home/gen_jax \
    GIT_PYTHON_REFRESH=quiet \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER 10001:10001
