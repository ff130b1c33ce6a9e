"""One good file of each kind, in a folder with all that they refer to."""

from __future__ import annotations

from pathlib import Path

SCHEMA = "$schema: https://azuremlschemas.azureedge.net/latest/{}.schema.json\n"

FILES = {
    "src/train.py": "print('training')\n",
    "src/score.py": "def init(): ...\ndef run(batch): ...\n",
    "docker/Dockerfile": "FROM python:3.12-slim\n",
    "conda.yml": "name: train\nchannels: [conda-forge]\ndependencies: [python=3.12]\n",
    "photos/one.txt": "a photo\n",
    "table/MLTable": "paths:\n  - file: ./one.txt\n",
    "weights/config.json": "{}\n",
}

KINDS = {
    "job.yml": (
        "commandJob",
        """
type: command
name: train-digits-1
display_name: train a GAN
experiment_name: digits
code: src
command: >-
  exec python train.py --data ${{inputs.data}} --epochs ${{inputs.epochs}} --out ${{outputs.run}}
environment: azureml:gen-jax-train:1
environment_variables:
  NCCL_DEBUG: "INFO"
inputs:
  data:
    type: uri_folder
    path: azureml:digits:1
    mode: download
  epochs: 3
outputs:
  run:
    type: uri_folder
    mode: rw_mount
    path: azureml://datastores/workspaceblobstore/paths/runs/first
compute: azureml:gpu-cluster
resources:
  instance_count: 2
  shm_size: 16g
distribution:
  type: pytorch
  process_count_per_instance: 1
limits:
  timeout: 86400
identity:
  type: managed
""",
    ),
    "sweep.yml": (
        "sweepJob",
        """
type: sweep
experiment_name: digits
trial:
  code: src
  command: >-
    python train.py --data ${{inputs.data}} --gamma ${{search_space.gamma}} --rate ${{search_space.rate}}
  environment: azureml:gen-jax-train:1
inputs:
  data:
    type: uri_folder
    path: azureml:digits:1
compute: azureml:gpu-cluster
sampling_algorithm: random
search_space:
  gamma:
    type: choice
    values: [1, 10, 100]
  rate:
    type: loguniform
    min_value: -9.2
    max_value: -4.6
objective:
  goal: minimize
  primary_metric: fid
limits:
  max_total_trials: 12
  max_concurrent_trials: 4
  timeout: 86400
  trial_timeout: 7200
early_termination:
  type: bandit
  slack_factor: 0.2
  evaluation_interval: 2
  delay_evaluation: 4
""",
    ),
    "train_component.yml": (
        "commandComponent",
        """
type: command
name: train_model
version: "1"
display_name: train
code: src
command: >-
  python train.py --data ${{inputs.data}} --epochs ${{inputs.epochs}} --kind ${{inputs.kind}}
  $[[--note ${{inputs.note}}]] --out ${{outputs.model}}
environment: azureml:gen-jax-train:1
inputs:
  data:
    type: uri_folder
  epochs:
    type: integer
    default: 10
    min: 1
    max: 100
  kind:
    type: string
    enum: [gan, vae]
    default: gan
  note:
    type: string
    optional: true
outputs:
  model:
    type: uri_folder
""",
    ),
    "pipeline.yml": (
        "pipelineJob",
        """
type: pipeline
experiment_name: digits
settings:
  default_compute: azureml:gpu-cluster
  continue_on_step_failure: false
inputs:
  data:
    type: uri_folder
    path: azureml:digits:1
  epochs: 5
outputs:
  model:
    type: custom_model
    mode: rw_mount
jobs:
  train:
    type: command
    component: ./train_component.yml
    inputs:
      data: ${{parent.inputs.data}}
      epochs: ${{parent.inputs.epochs}}
    outputs:
      model: ${{parent.outputs.model}}
  measure:
    type: command
    code: src
    command: python score.py --model ${{inputs.model}} --out ${{outputs.report}}
    environment: azureml:gen-jax-train:1
    inputs:
      model: ${{parent.jobs.train.outputs.model}}
    outputs:
      report:
        type: uri_folder
    resources:
      instance_count: 1
""",
    ),
    "pipeline_component.yml": (
        "pipelineComponent",
        """
type: pipeline
name: train_and_no_more
version: "1"
inputs:
  data:
    type: uri_folder
  epochs:
    type: integer
    default: 5
outputs:
  model:
    type: uri_folder
jobs:
  train:
    type: command
    component: ./train_component.yml
    inputs:
      data: ${{parent.inputs.data}}
      epochs: ${{parent.inputs.epochs}}
    outputs:
      model: ${{parent.outputs.model}}
""",
    ),
    "environment.yml": (
        "environment",
        """
name: gen-jax-train
version: "1"
build:
  path: docker
  dockerfile_path: Dockerfile
""",
    ),
    "conda_environment.yml": (
        "environment",
        """
name: gen-jax-tools
version: "1"
image: mcr.microsoft.com/azureml/openmpi5.0-ubuntu24.04:20260301.v1
conda_file: conda.yml
""",
    ),
    "data.yml": (
        "data",
        """
name: digits
version: "1"
type: uri_folder
path: photos
""",
    ),
    "table.yml": (
        "data",
        """
name: digits-table
version: "1"
type: mltable
path: table
""",
    ),
    "model.yml": (
        "model",
        """
name: digits-gan
version: "1"
type: custom_model
path: weights
""",
    ),
    "compute.yml": (
        "amlCompute",
        """
name: gpu-cluster
type: amlcompute
size: Standard_NC24ads_A100_v4
min_instances: 0
max_instances: 4
idle_time_before_scale_down: 600
tier: low_priority
""",
    ),
    "schedule.yml": (
        "schedule",
        """
name: nightly-training
display_name: every night
trigger:
  type: cron
  expression: "30 2 * * 1-5"
  time_zone: "W. Europe Standard Time"
create_job: ./pipeline.yml
""",
    ),
    "recurrence.yml": (
        "schedule",
        """
name: weekly-training
trigger:
  type: recurrence
  frequency: week
  interval: 1
  schedule:
    hours: [3]
    minutes: [0]
    week_days: [monday]
  time_zone: UTC
create_job: ./pipeline.yml
""",
    ),
    "endpoint.yml": (
        "managedOnlineEndpoint",
        """
name: gen-jax-images
auth_mode: aad_token
traffic:
  blue: 100
""",
    ),
    "deployment.yml": (
        "managedOnlineDeployment",
        """
name: blue
endpoint_name: gen-jax-images
model: azureml:digits-gan:1
environment:
  name: gen-jax-serve
  version: "1"
  image: registry.azurecr.io/gen-jax-serve:1.0
  inference_config:
    liveness_route: {path: /healthz, port: 8000}
    readiness_route: {path: /readyz, port: 8000}
    scoring_route: {path: /generate, port: 8000}
instance_type: Standard_NC24ads_A100_v4
instance_count: 1
request_settings:
  request_timeout_ms: 90000
  max_concurrent_requests_per_instance: 8
liveness_probe:
  initial_delay: 30
  period: 10
  timeout: 2
  failure_threshold: 30
readiness_probe:
  initial_delay: 30
  period: 10
  timeout: 2
  failure_threshold: 60
""",
    ),
    "score_deployment.yml": (
        "managedOnlineDeployment",
        """
name: green
endpoint_name: gen-jax-images
model: azureml:digits-gan:1
code_configuration:
  code: src
  scoring_script: score.py
environment: azureml:gen-jax-score:1
instance_type: Standard_NC24ads_A100_v4
instance_count: 1
""",
    ),
    "batch_endpoint.yml": (
        "batchEndpoint",
        """
name: gen-jax-batch
auth_mode: aad_token
""",
    ),
    "batch_deployment.yml": (
        "modelBatchDeployment",
        """
name: folders
endpoint_name: gen-jax-batch
type: model
model: azureml:digits-gan:1
code_configuration:
  code: src
  scoring_script: score.py
environment: azureml:gen-jax-score:1
compute: azureml:gpu-cluster
resources:
  instance_count: 2
settings:
  mini_batch_size: 16
  max_concurrency_per_instance: 1
  output_action: summary_only
  error_threshold: 0
  retry_settings:
    max_retries: 3
    timeout: 600
  logging_level: info
""",
    ),
    "pipeline_deployment.yml": (
        "pipelineComponentBatchDeployment",
        """
name: training
endpoint_name: gen-jax-batch
type: pipeline
component: ./pipeline_component.yml
settings:
  default_compute: gpu-cluster
  continue_on_step_failure: false
""",
    ),
    "datastore.yml": (
        "azureBlob",
        """
name: pictures
type: azure_blob
account_name: storage
container_name: pictures
""",
    ),
}
"""File -> the name of its schema, and its text."""


def write_samples(folder: Path) -> None:
    """Write every file into the folder."""
    texts = FILES | {name: SCHEMA.format(schema) + text.lstrip() for name, (schema, text) in KINDS.items()}
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
